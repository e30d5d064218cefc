"""Show any name, whatever characters it holds, on one line of a terminal or a page."""

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
