"""Time to accuracy: how much sooner Pellucid is where a peer got to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from training.records import Record, Row

#: Some tools give the same share of right answers in float32: no smaller difference is one.
_ROUNDING = 1e-6
#: Accuracy that a peer may fall short of its best by in the second reading: its last points can
#: take most of its time by luck, and would flatter us.
SHORT = 0.01


@dataclass(frozen=True)
class Point:
    """An accuracy, and what it took; medians over runs.

    Attributes:
        accuracy: on the test images.
        seconds: of the whole process.
        core_seconds: of processor time.
    """

    accuracy: float
    seconds: float
    core_seconds: float


@dataclass(frozen=True)
class Race:
    """A peer's point, and the quickest of Pellucid's budgets that is as accurate, if any is."""

    peer: Point
    pellucid: Point | None

    @property
    def ratio(self) -> float | None:
        """How many times the seconds the peer took."""
        return self.pellucid and self.peer.seconds / self.pellucid.seconds

    @property
    def core_ratio(self) -> float | None:
        """How many times the core-seconds it took."""
        return self.pellucid and self.peer.core_seconds / self.pellucid.core_seconds


def peer_point(runs: Sequence[Record], short: float = 0.0) -> Point | None:
    """The best accuracy that each run of a peer reached, less ``short``, and when it did.

    None where a run has no epoch.
    """
    rows = [run.reached(run.best - short) for run in runs if run.rows]
    found = [row for row in rows if row is not None]
    if not found or len(found) < len(runs):
        return None
    return _middle(found, median(run.best for run in runs) - short)


def pellucid_points(runs: Sequence[Record]) -> list[Point]:
    """One point a budget, the smallest budget first."""
    budgets: dict[float, list[Row]] = defaultdict(list)
    for run in runs:
        if run.rows:
            budgets[run.budget].append(run.rows[-1])
    return [
        _middle(rows, median(row.accuracy for row in rows)) for _, rows in sorted(budgets.items())
    ]


def race(peer: Point, points: Sequence[Point]) -> Race:
    """Find the quickest of Pellucid's points that is at least as accurate as the peer's."""
    able = [point for point in points if point.accuracy >= peer.accuracy - _ROUNDING]
    return Race(peer, min(able, key=lambda point: point.seconds, default=None))


def _middle(rows: Sequence[Row], accuracy: float) -> Point:
    return Point(
        accuracy, median(row.seconds for row in rows), median(row.core_seconds for row in rows)
    )
