"""Writing in SVG: escaped, and measured without a font at hand."""

from xml.sax.saxutils import escape

from pellucid.text import visible

#: In this order: the first that a machine has.
FONT = "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif"
#: Widths of characters in Helvetica, in parts of the size (Adobe's font metrics, rounded up).
_WIDTHS = (
    dict.fromkeys("ijl'|", 0.24)
    | dict.fromkeys(" .,:;!/\\ftI·()[]r-", 0.30)
    | dict.fromkeys("mMW@%", 0.86)
    | dict.fromkeys("ABCDEGHKNOPQRSUVXYZw&+=<>×", 0.74)
)
_OTHER, _WIDE = 0.57, 1.05
#: From here on, scripts whose characters are as wide as they are high.
_FIRST_WIDE = 0x2E80


def clean(text: str) -> str:
    """The text for an SVG file: control characters as escapes, markup characters too.

    >>> clean("a<b>&\\n")
    'a&lt;b&gt;&amp;\\\\n'
    """
    return escape(visible(text), {'"': "&quot;"})


def clipped(text: str, most: int) -> str:
    """At most so many characters; what is cut off in the middle shows as an ellipsis.

    >>> clipped("features.denseblock1.denselayer12", 16)
    'features…elayer12'
    """
    text = visible(text)
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}…{text[len(text) - half :]}"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is, in pixels; rather more than less.

    Args:
        text: one line.
        size: of the font, in pixels.
        bold: heavier letters are wider.
    """
    ems = sum(_WIDE if ord(each) >= _FIRST_WIDE else _WIDTHS.get(each, _OTHER) for each in text)
    return ems * size * (1.07 if bold else 1.0)
