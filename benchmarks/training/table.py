"""The races as tables on the terminal, and as plain values."""

import platform
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from rich.table import Table

from pellucid.cli.console import stdout, tell
from pellucid.threads import cores, processor
from training.dataset import Dataset
from training.ratios import SHORT, Race, peer_point, pellucid_points, race
from training.records import Record

#: Cores that others may keep busy during a run that counts as undisturbed.
QUIET = 0.1


@dataclass(frozen=True)
class Result:
    """All runs on one data set.

    Attributes:
        data: the images.
        peers: runs by the peer's name.
        pellucid: runs of all budgets.
    """

    data: Dataset
    peers: dict[str, list[Record]]
    pellucid: list[Record]

    @property
    def records(self) -> list[Record]:
        """All of them."""
        return [*self.pellucid, *(run for runs in self.peers.values() for run in runs)]

    @property
    def others(self) -> float | None:
        """The most cores that other work kept busy during a run; None where one did not say."""
        found = [record.others for record in self.records]
        return None if None in found else max(one for one in found if one is not None)

    @property
    def provisional(self) -> bool:
        """Something else was running during at least one run, or may have been."""
        return self.others is None or self.others > QUIET

    def races(self, short: float) -> dict[str, Race]:
        """Each peer's to its best accuracy less ``short``."""
        points = pellucid_points(self.pellucid)
        found = {name: peer_point(runs, short) for name, runs in self.peers.items()}
        return {name: race(point, points) for name, point in found.items() if point is not None}


def show(result: Result) -> None:
    """Print everything."""
    data = result.data
    tell(f"{data.name}: {data.train:,} images for training, {data.test:,} for testing,")
    tell(f"{data.classes} classes, {data.side} px. {data.how}")
    tell(f"{processor()}, {cores()} cores")
    if result.provisional:
        most = "unknown" if result.others is None else f"up to {result.others:.1f} cores"
        tell(f"PROVISIONAL: other work ran, or may have run, at the same time ({most}).")
    stdout().print(_runs_table(result))
    for short, title in ((0.0, "to the peer's best accuracy"), (SHORT, "to a point below it")):
        stdout().print(_race_table(result.races(short), f"Time {title}"))


def to_json(result: Result) -> dict[str, Any]:
    """The same as plain values, with every run."""
    data = asdict(result.data)
    del data["folder"]
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpu": processor(), "cores": cores(), "system": platform.platform()},
        "provisional": result.provisional,
        "data": data,
        "races": {"best": _plain(result.races(0.0)), "point_below": _plain(result.races(SHORT))},
        "runs": [asdict(record) for record in result.records],
    }


def _plain(races: dict[str, Race]) -> dict[str, Any]:
    return {
        name: asdict(one) | {"ratio": one.ratio, "core_ratio": one.core_ratio}
        for name, one in races.items()
    }


def _runs_table(result: Result) -> Table:
    table = Table(title="Medians over the runs")
    columns = ("", "px", "best", "epochs", "img/s", "s", "core-s", "MiB", "others")
    for column in columns:
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    budgets: dict[float, list[Record]] = defaultdict(list)
    for run in result.pellucid:
        budgets[run.budget].append(run)
    groups = [(f"pellucid {budget:g} s", runs) for budget, runs in sorted(budgets.items())]
    groups += list(result.peers.items())
    for name, runs in groups:
        table.add_row(name, *_medians(runs))
    return table


def _medians(runs: Sequence[Record]) -> list[str]:
    speeds = [row.images_per_second for run in runs for row in run.rows if row.images_per_second]
    others = [run.others for run in runs if run.others is not None]
    ours = runs[0].tool == "pellucid"
    return [
        "/".join(str(side) for side in sorted({run.side for run in runs})),
        f"{median(run.best for run in runs):.2%}",
        "" if ours else f"{median(len(run.rows) for run in runs):g}",
        f"{median(speeds):,.0f}" if speeds else "",
        f"{median(run.seconds for run in runs):.1f}",
        f"{median(run.core_seconds for run in runs):.1f}",
        f"{median(run.peak for run in runs):,.0f}",
        f"{max(others):.2f}" if others else "",
    ]


def _race_table(races: dict[str, Race], title: str) -> Table:
    table = Table(title=title)
    columns = ("", "accuracy", "s", "Pellucid", "ratio", "core-s", "Pellucid", "ratio")
    for column in columns:
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    for name, one in races.items():
        ours = one.pellucid
        row = [name, f"{one.peer.accuracy:.2%}", f"{one.peer.seconds:.1f}"]
        row += [f"{ours.seconds:.1f}" if ours else "never", _times(one.ratio)]
        row += [f"{one.peer.core_seconds:.1f}", f"{ours.core_seconds:.1f}" if ours else ""]
        table.add_row(*row, _times(one.core_ratio))
    return table


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.1f}×"
