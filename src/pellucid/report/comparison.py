"""Write a comparison's page, ``comparison.html``."""

from pathlib import Path, PurePath
from typing import Any

from markupsafe import Markup

from pellucid.comparison.folder import Comparison
from pellucid.comparison.results import Standing
from pellucid.report import words
from pellucid.report.page import environment, resource, script
from pellucid.report.pareto import Point, pareto_chart
from pellucid.storage import write_bytes
from pellucid.text import counted

_SPLITS = {"test": "test", "val": "validation"}


def write_comparison(comparison: Comparison) -> Path:
    """Write the page of a finished comparison, from nothing but its record.

    The page holds everything it shows; a browser opens it offline.

    Returns:
        The page's path.

    Raises:
        StorageError: the page cannot be written.
    """
    write_bytes(comparison.page, render_comparison(comparison).encode())
    return comparison.page


def render_comparison(comparison: Comparison) -> str:
    """The page as text; at least one network has finished."""
    record, networks = comparison.record, comparison.standings
    template = environment().get_template("comparison.html.j2")
    return template.render(
        record=record,
        title=PurePath(record["data"]["path"]).name or record["data"]["path"],
        created=words.moment(record["created"]),
        split=_SPLITS[record["data"]["split"]],
        budget=_budget(record["asked"]["wishes"]),
        seeds=record["asked"]["seeds"],
        networks=networks,
        pairs=comparison.pairs,
        findings=comparison.findings,
        failures=comparison.failures,
        charts=_charts(networks),
        style=Markup(resource("page.css") + resource("comparison.css")),
        **script(),
    )


def _charts(networks: tuple[Standing, ...]) -> list[tuple[str, Markup]]:
    wanted = {
        "Against multiply-adds": ("multiply-adds an image", "macs", "macs_front"),
        "Against parameters": ("parameters", "parameters", "parameters_front"),
    }
    return [
        (
            title,
            pareto_chart(
                f"Accuracy {title.lower()}",
                unit,
                [_point(one, getattr(one, cost), getattr(one, front)) for one in networks],
            ),
        )
        for title, (unit, cost, front) in wanted.items()
    ]


def _point(one: Standing, cost: int, front: bool) -> Point:
    return Point(one.name, cost, one.accuracy, one.interval, front)


def _budget(wishes: dict[str, Any]) -> str:
    if wishes["epochs"] is not None:
        return counted(wishes["epochs"], "epoch")
    return words.duration(60 * wishes["minutes"])
