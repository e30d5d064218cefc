"""Plans of convolutions: what does not depend on the pixels is worked out once.

Checking the arguments, the geometry, the kernel's rank and the choice of a way take a few tenths
of a millisecond, as long as a small picture takes to be filtered. Whoever filters many pictures of
one size, or the frames of a film, pays for it once.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.operators.problem import Problem, pose
from pellucid.operators.routes import Route, ranked

#: So many plans are kept; then all are forgotten, the simplest rule that bounds the memory.
MOST = 64

_plans: dict[tuple[object, ...], "Plan"] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked problem and the ways to compute it.

    Attributes:
        problem: with the values that it was made for.
        routes: the ways, the quickest by estimate first.
    """

    problem: Problem
    routes: tuple[Route, ...]


def plan(values: NDArray[Any], kernel: NDArray[np.float64], bias: Any, **options: Any) -> Plan:
    """The plan for planes N×C×…, a new one or one kept from a call that was alike.

    Args:
        values: the planes.
        kernel: the weights.
        bias: as :func:`pellucid.operators.problem.pose` takes it.
        options: all else that it takes.

    Raises:
        UsageError: as ``pose``.
    """
    offset = None if bias is None else np.asarray(bias)
    # By their text, in which 1, 1.0 and True differ, though they are equal.
    words = repr((*options.items(), None if offset is None else (offset.dtype, offset.tolist())))
    key = (values.shape, values.dtype, kernel.shape, kernel.tobytes(), words)
    known = _plans.get(key)
    if known is None:
        # Kept without the pixels: one zero stands for them all.
        blank = np.broadcast_to(np.zeros((), values.dtype), values.shape)
        problem = pose(blank, kernel, bias=bias, **options)
        known = Plan(problem, ranked(problem))
        if len(_plans) >= MOST:
            _plans.clear()
        _plans[key] = known
    return replace(known, problem=known.problem.of(values))
