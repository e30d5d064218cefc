"""What ``pellucid explain --layer --at`` shows: the account of one number, and ways down."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pellucid.cli import figures
from pellucid.errors import UsageError
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.cli.explain_field import Seen
    from pellucid.explain import Trace
    from pellucid.explain.steps import Step
    from pellucid.images.raw import Pixels
    from pellucid.report.explanation import Explanation


@dataclass(frozen=True, slots=True)
class Way:
    """What was asked for.

    Attributes:
        at: the position in the layer.
        terms: to follow, one a step.
        path: follow the largest, to the end.
    """

    at: tuple[int, ...]
    terms: tuple[int, ...] = ()
    path: bool = False


@dataclass(frozen=True, slots=True)
class Accounts:
    """The account of one number, and those on the way down from it.

    Attributes:
        trace: that it is a number of.
        steps: the accounts.
        path: whether the largest terms were followed to the end.
        seen: what the number sees of the picture.
    """

    trace: "Trace"
    steps: "tuple[Step, ...]"
    path: bool
    seen: "Seen"

    def view(self, *, colour: bool) -> RenderableType:
        """The first account and what it sees; below it a path in lines, or chosen steps in full."""
        first, *below = self.steps
        parts: list[RenderableType] = [_full(first), Text(), *self.seen.lines()]
        if self.path:
            title = figures.title("Down along the largest term")
            return Group(*parts, Text(), title, _lines(self.steps))
        for step in below:
            parts += [Text(), _full(step)]
        return Group(*parts)

    def record(self) -> dict[str, Any]:
        """The accounts with all their terms, and the receptive field."""
        from pellucid.cli.explain_record import account_record

        return {
            "accounts": [
                {**account_record(step.account), "followed": step.followed} for step in self.steps
            ],
            **self.seen.record(),
        }

    def picture(self) -> "Pixels":
        """The receptive field, outlined on the picture."""
        return self.seen.field.picture()

    def page(self) -> "Explanation":
        """The account, what it sees, and the way down."""
        from pellucid.report.explanation import Explanation

        return Explanation(
            self.trace, steps=self.steps, field=self.seen.field, effective=self.seen.effective
        )


def account_answer(trace: "Trace", layer: str, way: Way) -> Accounts:
    """Account for a number.

    Raises:
        UsageError: no such layer, position or term, or an operation that has no rule.
    """
    from pellucid.cli.explain_field import seen_from
    from pellucid.explain.account import account
    from pellucid.explain.steps import down_along, to_pixels

    first = account(trace, layer, way.at)
    steps = to_pixels(first) if way.path else down_along(first, way.terms)
    return Accounts(trace, steps, way.path, seen_from(trace, first.node.index, way.at))


def numbers(text: str | None, option: str, example: str) -> tuple[int, ...] | None:
    """Whole numbers from 0 on, separated by commas.

    Raises:
        UsageError: something else.

    >>> numbers("3, 10,12", "--at", "3,10,12"), numbers(None, "--at", "3,10,12")
    ((3, 10, 12), None)
    """
    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() for word in words):
        raise UsageError(
            f"expected {option} as whole numbers from 0 on with commas between, e.g. {example}, "
            f"found {text!r}."
        )
    return tuple(map(int, words))


def _full(step: "Step") -> RenderableType:
    """An account with its largest terms, numbered as --down takes them."""
    from pellucid.explain.account_view import HEAD, heading, notes, rows

    account = step.account
    *before, verdict = notes(account)
    parts: list[RenderableType] = [figures.title(heading(account))]
    if account.terms:
        table = Table(box=None, padding=(0, 1, 0, 0))
        for place, name in enumerate(("#", *HEAD)):
            table.add_column(
                name,
                justify="left" if name in ("from", "") else "right",
                header_style="dim",
                overflow="fold",
                no_wrap=place != 1,
            )
        for place, row in enumerate(rows(account)):
            style = "bold" if place == step.followed else ""
            table.add_row(str(place), *map(Text, row), style=style)
        parts.append(table)
    style = "" if account.agrees else "bold red"
    return Group(*parts, *map(Text, before), Text(verdict, style))


def _lines(steps: "tuple[Step, ...]") -> Table:
    """A line an account: recomputed, and the network's."""
    head = ("layer", "at", "operation", "recomputed", "network", "difference")
    table = figures.table(head, left=3)
    for step in steps:
        account = step.account
        cells = (
            visible(account.name),
            ",".join(map(str, account.arithmetic.at)),
            account.arithmetic.operation,
            f"{account.total:.6g}",
            f"{account.found:.6g}",
            f"{account.difference:.2g}",
        )
        table.add_row(*map(Text, cells), style="" if account.agrees else "bold red")
    return table
