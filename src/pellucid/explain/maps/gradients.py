"""Maps from derivatives at the network's input: gradients, and gradients along a way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.explain.maps.fill import FILLS, Fill, filled
from pellucid.explain.maps.question import Floats, Question, Which, question
from pellucid.explain.maps.result import ClassMap, class_map
from pellucid.explain.maps.words import digits
from pellucid.explain.trace import Trace

#: Parts of the way from the baseline to the picture: first, and at most.
FIRST, MOST = 16, 256


def input_gradient(
    trace: Trace, target: Which | None = None, against: Which | None = None
) -> ClassMap:
    """How fast the score rises when a pixel gets brighter (Simonyan 2014, section 3).

        G(y, x) = Σ_c ∂score / ∂input(c, y, x)

    The derivative for a change of all channels alike; the paper shows the greatest absolute one.
    It says what a small change would do, not what the picture's content has done.

    Args:
        trace: of one picture.
        target: class, by number or name; by default the one with the highest score.
        against: the class to compare with: the score is then the difference of the two.

    Returns:
        (H, W), in scores a unit of the network's input.

    Raises:
        UsageError: no such class, or the network cannot be differentiated.
    """
    asked = question(trace, target, against)
    slopes = asked.slopes(asked.input)[1][0]
    words = (
        f"Input gradient for {asked.title}: how fast the score rises when a pixel of the input "
        "gets brighter in all channels. It adds up to nothing."
    )
    return class_map(asked, "gradient", slopes.sum(0), words)


def integrated_gradients(
    trace: Trace,
    target: Which | None = None,
    against: Which | None = None,
    *,
    baseline: Fill = "gray",
    tolerance: float = 0.05,
) -> ClassMap:
    """What each pixel has added since a baseline (Sundararajan 2017, section 3).

        I(y, x) = Σ_c (x − x')(c, y, x) · ∫₀¹ ∂score(x' + t·(x − x')) / ∂input(c, y, x) dt

    for the input x and the baseline x'. The values add up to score(x) − score(x') (completeness,
    proposition 1), but for the error of the integral. That is a trapezoid sum, whose parts are
    halved until the error is within the tolerance (by default the paper's 5%, section 5), or until
    there are 256; the words say which.

    Args:
        trace: of one picture.
        target: class, by number or name; by default the one with the highest score.
        against: the class to compare with: the score is then the difference of the two.
        baseline: where the way begins, see :func:`~pellucid.explain.maps.fill.filled`.
        tolerance: of the sum, as a share of score(x) − score(x'); positive.

    Returns:
        (H, W); ``explained`` is their sum plus the baseline's score, to compare with ``score``.

    Raises:
        UsageError: no such class or baseline, no positive tolerance, or the network cannot be
            differentiated.

    >>> import torch
    >>> from pellucid.explain import trace_network
    >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(2, 2))
    >>> network[1].weight.data, network[1].bias.data = torch.eye(2), torch.tensor([0.5, 0.0])
    >>> found = integrated_gradients(trace_network(network, torch.tensor([[[[2.0, 3.0]]]])), 0)
    >>> found.values.tolist(), found.sums
    ([[2.0, 0.0]], (('sum of the map', 2.0), ('score of the baseline', 0.5)))
    """
    if not tolerance > 0:
        raise UsageError(f"expected a positive tolerance, found {tolerance}.")
    asked = question(trace, target, against)
    start = filled(asked.input, baseline)
    way = _Way(asked, start, asked.input.astype(np.float64) - start)
    values, begin, parts = way.integrate(tolerance)
    total = float(values.sum())
    return class_map(
        asked,
        "integrated",
        values,
        _words(asked, (total, begin), parts, baseline, tolerance),
        explained=total + begin,
        sums=(("sum of the map", total), ("score of the baseline", begin)),
    )


@dataclass(frozen=True, eq=False)
class _Way:
    """The straight line from a baseline to a picture, and the score along it."""

    asked: Question
    start: NDArray[np.floating]
    step: Floats

    def integrate(self, tolerance: float) -> tuple[Floats, float, int]:
        """The map (H, W), the baseline's score, and the number of parts that it took."""
        scores, ends = self._slopes(np.array([0.0, 1.0]))
        total, parts = ends.sum(0) / 2, 1
        gap = scores[1] - scores[0]
        while parts < FIRST or (
            parts < MOST and abs((total * self.step[0]).sum() / parts - gap) > tolerance * abs(gap)
        ):
            parts *= 2  # every second point has been summed already
            total = total + self._slopes(np.arange(1, parts, 2) / parts)[1].sum(0)
        return (total * self.step[0]).sum(0) / parts, float(scores[0]), parts

    def _slopes(self, places: Floats) -> tuple[Floats, Floats]:
        inputs = self.start + places[:, None, None, None] * self.step
        return self.asked.slopes(inputs.astype(self.asked.input.dtype))


def _words(
    asked: Question, sums: tuple[float, float], parts: int, baseline: Fill, tolerance: float
) -> str:
    total, begin = sums
    rise = asked.score - begin
    missed = abs(total - rise) / abs(rise) if rise else float(total != 0)
    kept = "within" if missed <= tolerance else "not within"
    return (
        f"Integrated gradients for {asked.title}, from {FILLS[baseline]}: the values add up to "
        f"{digits(total)}, while the score rises by {digits(rise)}, from {digits(begin)} to "
        f"{digits(asked.score)}. They miss it by {digits(100 * missed, 2)}%, {kept} the "
        f"{digits(100 * tolerance)}% asked for, in {parts} parts."
    )
