"""What a person sees of a comparison in a terminal: a table that fits 80 columns."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pellucid.comparison.results import Standing
from pellucid.report.words import NOTHING, percent, short
from pellucid.text import visible

_HEAD = ("accuracy", "95% interval", "params", "MACs", "train", "score", "memory")


def standings_view(networks: Sequence[Standing], findings: Sequence[str]) -> Group:
    """The figures of a comparison, and what they say.

    Args:
        networks: at least one; costs on a Pareto front get a star.
        findings: sentences.

    Returns:
        Something that a rich console prints.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("network", overflow="fold", header_style="dim")
    for name in _HEAD:
        table.add_column(name, justify="right", no_wrap=True, header_style="dim")
    for one in networks:
        table.add_row(Text(visible(one.name)), *map(Text, _figures(one)))
    parts: list[RenderableType] = [table, Text(_legend(networks), "dim"), Text()]
    if any(len(one.accuracies) > 1 for one in networks):
        parts += [_seeds(networks), Text()]
    parts += [Text(f"- {visible(sentence)}") for sentence in findings]
    return Group(*parts)


def _figures(one: Standing) -> tuple[str, ...]:
    low, high = one.interval
    memory = NOTHING if one.memory_bytes is None else f"{one.memory_bytes / 1e6:,.0f} MB"
    return (
        percent(one.accuracy),
        f"{100 * low:.1f}-{100 * high:.1f}%",
        short(one.parameters) + ("*" if one.parameters_front else " "),
        short(one.macs) + ("*" if one.macs_front else " "),
        f"{one.train_seconds:,.0f} s",
        f"{1e6 * one.score_seconds:,.0f} µs",
        memory,
    )


def _legend(networks: Sequence[Standing]) -> str:
    return (
        f"of {networks[0].count:,} images · score: an image, in batches · memory: growth at the "
        "peak\n* no other network is as accurate with as few (Pareto front)"
    )


def _seeds(networks: Sequence[Standing]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("network", header_style="dim", overflow="fold")
    for name in ("mean", "least", "most", "seeds"):
        table.add_column(name, justify="right", header_style="dim")
    for one in networks:
        figures = (one.accuracy, min(one.accuracies), max(one.accuracies))
        seeds = ", ".join(map(str, one.seeds))
        table.add_row(Text(visible(one.name)), *map(percent, figures), seeds)
    return table
