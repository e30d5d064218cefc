"""Two networks side by side in a terminal."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.text import Text

from pellucid.cli import figures
from pellucid.cli.describing import shown
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.cli.subject import Subject
    from pellucid.ledger import Group, Ledger

#: So many differing lines are shown.
MOST_DIFFERENCES = 40


def comparison_view(
    first: "tuple[Subject, Ledger]", second: "tuple[Subject, Ledger]", depth: int | None
) -> Lines:
    """Two networks side by side: their totals, and the layers in which they differ."""
    names = [visible(one.name) for one, _ in (first, second)]
    title = " and ".join(
        f"{visible(one.name)} on {figures.times(one.shape[1:])}" for one, _ in (first, second)
    )
    table = figures.table(("", *names, "ratio"), left=1)
    for label, one, other in _total_pairs(first[1], second[1]):
        ratio = f"{other / one:.3g}×" if one else ""
        table.add_row(*map(Text, (label, f"{one:,}", f"{other:,}", ratio)))
    return Lines(
        figures.title(title), table, Text(), *_differences(names, first[1], second[1], depth)
    )


def _total_pairs(first: "Ledger", second: "Ledger") -> Iterator[tuple[str, int, int]]:
    from pellucid.ledger.records import totals_record

    others = totals_record(second.totals)
    for name, value in totals_record(first.totals).items():
        yield (
            name.replace("_", " ").replace("macs", "MACs").replace("flops", "FLOPs"),
            value,
            others[name],
        )


def _differences(
    names: Sequence[str], first: "Ledger", second: "Ledger", depth: int | None
) -> Iterator[RenderableType]:
    lines = [{group.name: group for group in shown(one, depth)} for one in (first, second)]
    every = list(dict.fromkeys([*lines[0], *lines[1]]))
    different = [name for name in every if _differ(lines[0].get(name), lines[1].get(name))]
    same = len(every) - len(different)
    if not different:
        yield Text(f"All {same} layers agree in kind, output, parameters and MACs.")
        return
    head = ("layer", "output", "parameters", "MACs", "output", "parameters", "MACs")
    yield figures.title(f"Where they differ ({same} layers do not): {' | '.join(names)}")
    table = figures.table(head, left=1)
    for name in different[:MOST_DIFFERENCES]:
        cells = [cell for one in lines for cell in _brief(one.get(name))]
        table.add_row(*map(Text, (visible(name), *cells)))
    yield table
    if len(different) > MOST_DIFFERENCES:
        yield Text(f"… and {len(different) - MOST_DIFFERENCES} more: --csv prints all.", "dim")


def _differ(one: "Group | None", other: "Group | None") -> bool:
    return one is None or other is None or _key(one) != _key(other)


def _key(group: "Group") -> tuple[object, ...]:
    return group.kind, group.output, group.parameters, group.work.macs


def _brief(group: "Group | None") -> tuple[str, str, str]:
    if group is None:
        return "–", "–", "–"
    return (
        figures.times(group.output[1:]),
        figures.short(group.parameters),
        figures.short(group.work.macs),
    )
