"""Names and times as people read them, in a terminal or on a page."""

import re

# Control characters, line and paragraph separators, marks that reorder text, and the lone
# surrogates that stand for undecodable bytes of a file name (these cannot be written as UTF-8).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""The text with each character that would not show as itself written as an escape.

    Accents, emoji and every script stay as they are; angle brackets and the like do too, so a
    page still has to escape what it shows.

    >>> print(visible("two\nlines\x1b[31m 🐈"))
    two\nlines\x1b[31m 🐈
    >>> print(visible("caf\udce9"))
    caf\udce9
    """
    return _UNSEEN.sub(lambda found: ascii(found.group())[1:-1], text)


def counted(count: int, noun: str) -> str:
    """A number of things; the noun takes an s for more than one.

    >>> counted(1, "epoch"), counted(2100, "epoch")
    ('1 epoch', '2,100 epochs')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """A time as its two largest units.

    >>> duration(0.42), duration(48.7), duration(185), duration(7290)
    ('0.4 s', '49 s', '3 min 5 s', '2 h 2 min')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"
