"""Figures, lines and tables as the views of networks print them, within 80 columns."""

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from pellucid.ledger.row import Fields

WIDTH = 80
_KIND_WIDTH = 11


def short(number: float) -> str:
    """A count in four characters and a letter.

    >>> short(950), short(163_696), short(304_267_264), short(1_582_671_872)
    ('950', '163.7 k', '304.3 M', '1.58 G')
    """
    for limit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.{2 if limit >= 1e9 else 1}f} {letter}"
    return f"{number:.0f}"


def size(count: int) -> str:
    """Bytes in the largest fitting unit.

    >>> size(27_994_208)
    '28.0 MB'
    """
    return f"{short(count)}B" if count >= 1000 else f"{count} B"


def table(head: Sequence[str], left: int) -> Table:
    """A plain table whose first ``left`` columns are words and the others numbers."""
    made = Table(box=None, padding=(0, 1, 0, 0))
    for place, name in enumerate(head):
        words = place < left
        made.add_column(
            name,
            justify="left" if words else "right",
            no_wrap=not words,
            overflow="fold",
            header_style="dim",
            max_width=_KIND_WIDTH if name == "kind" else None,
        )
    return made


def title(text: str) -> Text:
    """A line above a table."""
    return Text(text, "bold")


def line(label: str, text: str) -> Text:
    """A label and what it says, wrapped beside it."""
    lines = wrap(text, WIDTH - 12)
    return Text.assemble((f"{label:<12}", "bold"), f"\n{'':12}".join(lines))


def times(sizes: Sequence[int]) -> str:
    """Sizes as ``256×28×28``."""
    return "×".join(map(str, sizes)) or "1"


def pair(two: tuple[int, int]) -> str:
    """Two numbers as ``1, 2``."""
    return f"{two[0]}, {two[1]}"


def along(fields: "Fields | None", name: str) -> str:
    """One number where it is the same along all axes."""
    if not fields:
        return "" if fields is None else "1"
    numbers = [f"{float(getattr(field, name)):g}" for field in fields]
    return numbers[0] if len(set(numbers)) == 1 else "×".join(numbers)
