"""One thing that was tried, and what came of it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from pellucid.inference.plan.timing import Timing

Verdict = Literal["kept", "rejected", "nothing to do"]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Two networks on the same labelled images.

    Attributes:
        images: how many.
        before: of them right by the reference, a share.
        after: of them right by what was tried, a share.
        lost: right before, wrong now.
        won: wrong before, right now.
    """

    images: int
    before: float
    after: float
    lost: int
    won: int

    @property
    def fall(self) -> float:
        """Percentage points that were lost; below 0 where accuracy rose.

        >>> Accuracy(200, 0.9, 0.895, 2, 1).fall
        0.5
        """
        return 100 * (self.lost - self.won) / self.images


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried.

    Attributes:
        engine: the runtime.
        name: what was tried.
        verdict: what came of it.
        reason: why.
        timing: against the best of this runtime so far; None where it was not timed.
        difference: the largest difference in probability from the reference; None where it could
            not run.
        accuracy: where rounding changes answers.
    """

    engine: str
    name: str
    verdict: Verdict
    reason: str
    timing: Timing | None = None
    difference: float | None = None
    accuracy: Accuracy | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Step":
        """The inverse of :meth:`to_json`."""
        timing, accuracy = record["timing"], record["accuracy"]
        return cls(
            **{
                **record,
                "timing": None if timing is None else Timing(**timing),
                "accuracy": None if accuracy is None else Accuracy(**accuracy),
            }
        )
