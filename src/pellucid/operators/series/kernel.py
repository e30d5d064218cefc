"""A kernel of a series: the weights that one value of a result gives to the values before it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pellucid.errors import UsageError


@dataclass(frozen=True, eq=False)
class SeriesKernel:
    """Weights by lag, and the step from one result to the next.

    A result is y_j = Σ_i w_i · x_{e − i} with e = (j + 1)·stride − 1 + ahead: the convolution of
    the series with w, of which every stride-th value is kept. With stride s these are the ends of
    the groups of s values, so a result uses nothing later than its own group (ahead 0).

    Attributes:
        name: what it is, e.g. ``EMA, α 0.2``.
        weights: w, (K,), float64, newest first: w_0 is that of the present value.
        ahead: how many later values are used too; (K − 1) // 2 in a centred average.
        stride: values of the series for each result.
        left_out: the weight of the values that a cut-off kernel no longer reaches; 0 if none.

    >>> SeriesKernel("last change", [1, -1]).total
    0.0
    """

    name: str
    weights: NDArray[np.float64]
    ahead: int = 0
    stride: int = 1
    left_out: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", checked_weights(self.weights))
        if not 0 <= self.ahead < len(self.weights):
            raise UsageError(
                f"expected ahead from 0 to {len(self.weights) - 1} (the last of the weights), "
                f"found {self.ahead}."
            )
        if self.stride < 1:
            raise UsageError(f"expected a stride of at least 1, found {self.stride}.")

    @property
    def total(self) -> float:
        """Σ w_i: 1 for an average, 0 for a difference."""
        return float(self.weights.sum())

    def __str__(self) -> str:
        count = len(self.weights)
        step = f", stride {self.stride}" if self.stride > 1 else ""
        return f"{self.name}: convolution with {count} weight{'s' if count > 1 else ''}{step}"


def checked_weights(weights: ArrayLike) -> NDArray[np.float64]:
    """Weights as a read-only float64 array (K,).

    Raises:
        UsageError: not one row of finite real numbers.
    """
    try:
        made = np.array(weights, np.float64)
    except (TypeError, ValueError):
        made = np.empty(0)
    if made.ndim != 1 or not made.size or not np.isfinite(made).all():
        raise UsageError(f"expected weights as a row of finite numbers, found {weights!r}.")
    made.flags.writeable = False
    return made
