"""Learn a kernel by least squares."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.geometry import Padding
from pellucid.operators.learn.normal import Normal, normal_equations
from pellucid.operators.learn.pair import Floats, Pair, pair
from pellucid.operators.learn.result import Learned, judged, notes_on

#: Directions of the before picture weaker than this share of the strongest (in power) count as
#: absent: float64 would amplify its rounding there to more than about a millionth.
ABSENT = 1e-10


def learn_kernel(
    before: Any,
    after: Any,
    size: int | Sequence[int],
    *,
    padding: Padding = "same",
    mode: str | None = None,
    bias: bool = False,
    mixing: bool = False,
) -> Learned:
    """The kernel that turns one picture into another, by least squares.

    It minimises Σ (after − bias − correlate(before, w))² by the normal equations XᵀX·w = Xᵀy
    (Strang, Introduction to Linear Algebra, section 4.3). Where a kernel made the after picture
    it is found, exactly but for rounding. Nothing is added to XᵀX; where the before picture leaves
    w open (a constant picture shows only its sum), the smallest w is taken and ``notes`` says so.

    Values of an integer after picture at an end of its range (0 and 255 of uint8) may have been
    cut off, and are left out; give floats to have all used.

    Args:
        before: a picture in any form that ``correlate`` takes.
        after: the same picture afterwards, H×W as the padding says.
        size: of the kernel: a number, or (kh, kw).
        padding: that the after picture was made with.
        mode: what stood in the padding. None: not known; only outputs whose window lies inside
            the before picture are used.
        bias: learn a number to be added, too.
        mixing: learn a filter: every channel of the after picture reads all channels before. By
            default one kernel serves all channels.

    Raises:
        UsageError: sizes or channels do not fit, values are not finite, or nothing is left.

    >>> before = np.random.default_rng(0).random((30, 40))
    >>> from pellucid.operators.convolution import correlate
    >>> found = learn_kernel(before, correlate(before, [[0, 0], [-1, 1]]), 2)
    >>> (found.weights.round(9) + 0).tolist(), found.fit.exact
    ([[0.0, 0.0], [-1.0, 1.0]], True)
    """
    given = pair(before, after, size, padding=padding, mode=mode, mixing=mixing)
    equations = normal_equations(given, bias)
    solution, rank, condition = solve(equations)
    weights, shift = shaped(given, solution, bias)
    return Learned(
        weights=weights,
        bias=shift,
        method="least squares",
        fit=judged(given, weights, shift),
        samples=given.samples,
        unknowns=len(solution),
        rank=rank,
        condition=condition,
        notes=notes_on(given, rank, len(solution)),
    )


def solve(equations: Normal) -> tuple[Floats, int, float]:
    """The smallest solution (U×O) of the normal equations, their rank and their condition."""
    powers, directions = np.linalg.eigh(equations.gram)
    strongest = float(powers[-1])
    present = powers > max(ABSENT * strongest, 0.0)
    rank = int(np.count_nonzero(present))
    basis = directions[:, present]
    solution = basis @ ((basis.T @ equations.moments) / powers[present, None])
    condition = strongest / float(powers[present][0]) if rank == len(powers) else np.inf
    return solution, rank, condition


def shaped(given: Pair, solution: Floats, bias: bool) -> tuple[Floats, Floats | None]:
    """Weights kh×kw or O×C×kh×kw, and the bias, from a solution U×O."""
    weights = solution[: given.unknowns].T
    shape = (given.after.shape[1], given.before.shape[1], *given.size)
    kernel = weights.reshape(shape if given.mixing else given.size).copy()
    return kernel, solution[-1] * given.level if bias else None
