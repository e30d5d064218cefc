"""One named array of weights, and every figure that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.errors import UsageError
from pellucid.operators.kernels.exact import written
from pellucid.operators.kernels.facts import facts

Weights = NDArray[np.float64]
#: Cells of a kernel along an axis, at most: more is no kernel but a picture.
MOST_CELLS = 1001
#: The size of the largest weight: beyond, float32 pictures end.
LEAST, MOST = 1e-30, 1e30
#: Differences below this share of the largest weight are rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Kernel:
    """A kernel: kh×kw weights with a name.

    Pellucid applies a kernel as a *cross-correlation*, as a CNN's layers do: the weights are laid
    on the picture as they are printed, output(y, x) = Σ w(k, l) · input(y + k − a, x + l − b) with
    the anchor (a, b). Every named kernel is written for that; a true convolution turns it by half
    a circle first.

    Attributes:
        name: what it is called, e.g. ``gaussian``; ``typed`` for weights given by hand.
        weights: kh×kw float64, read-only.
        parameters: what the name was given, in order, defaults included.
        formula: how the weights are computed, one line.
        effect: what it does to a picture, one sentence.
        source: book or paper with the section.

    Raises:
        UsageError: the weights are not 1 to 1001 rows and columns of numbers, are not finite, or
            too large or too small for float32.

    >>> mean = Kernel("mean", [[0.25, 0.25], [0.25, 0.25]])
    >>> mean.shape, mean.total, mean.separable, mean.zero_phase
    ((2, 2), 1.0, True, False)
    """

    name: str
    weights: Weights
    parameters: Mapping[str, float] = field(default_factory=dict)
    formula: str = ""
    effect: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        weights = _checked(self.weights)
        weights.setflags(write=False)
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "parameters", dict(self.parameters))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """The weights, so that a kernel goes where an array does: ``correlate(image, kernel)``."""
        return np.array(self.weights, dtype) if copy else np.asarray(self.weights, dtype)

    @property
    def shape(self) -> tuple[int, int]:
        """(kh, kw)."""
        rows, columns = self.weights.shape
        return rows, columns

    @property
    def anchor(self) -> tuple[int, int]:
        """The cell (row, column) that lies on the output's pixel with ``same`` padding.

        The middle; of an even number of cells, the first of the two in the middle.
        """
        rows, columns = self.shape
        return (rows - 1) // 2, (columns - 1) // 2

    @property
    def total(self) -> float:
        """Σ w: what a flat area is multiplied by."""
        return float(self.weights.sum())

    @property
    def l1(self) -> float:
        """Σ |w|: the result lies within ± this times the largest input."""
        return float(np.abs(self.weights).sum())

    @property
    def l2(self) -> float:
        """√Σ w²: independent noise in the pixels is multiplied by this."""
        return float(np.linalg.norm(self.weights))

    @cached_property
    def rank(self) -> int:
        """Number of column × row products it is the sum of (singular values that are not 0)."""
        return int(np.linalg.matrix_rank(self.weights))

    @property
    def separable(self) -> bool:
        """Whether it is one column times one row: two passes of kh + kw products a pixel."""
        return self.rank == 1

    @cached_property
    def factors(self) -> tuple[Weights, Weights] | None:
        """The column (kh) and the row (kw) whose product it is; None where it is not separable.

        From the first singular triple, scaled so that the column adds up to 1; where it adds up
        to 0, so that the row does; where both do, so that both are equally long.
        """
        if not self.separable:
            return None
        left, values, right = np.linalg.svd(self.weights)
        column, row = left[:, 0] * values[0], right[0]
        scale = _scale(column, row)
        return column / scale, row * scale

    @property
    def symmetric(self) -> bool:
        """Whether half a turn leaves it as it is: convolution and cross-correlation agree."""
        return self._equal(self.weights, self.weights[::-1, ::-1])

    @property
    def antisymmetric(self) -> bool:
        """Whether half a turn changes its sign: so do the two ways to apply it."""
        return self._equal(self.weights, -self.weights[::-1, ::-1])

    @property
    def zero_phase(self) -> bool:
        """Whether it is symmetric about its anchor, so that its response is real.

        Then nothing in the picture is displaced.
        """
        rows, columns = (size - 1 - 2 * a for size, a in zip(self.shape, self.anchor, strict=True))
        centred = np.pad(self.weights, ((rows, 0), (columns, 0)))
        return self._equal(centred, centred[::-1, ::-1])

    def response(self, size: int = 64) -> NDArray[np.complex128]:
        """The frequency response: what each wave in a picture is multiplied by.

        H(u, v) = Σ w(k, l) · exp(i·(u·(k − a) + v·(l − b))), with the anchor (a, b): applied to
        the wave exp(i·(u·y + v·x)), the kernel gives H(u, v) times the wave.

        Args:
            size: frequencies along each axis, from −π (2 pixels a period) on; the frequency 0 is
                at [size // 2, size // 2].

        Returns:
            size×size complex numbers, u down and v across, in radians a pixel: 2π·(j − size // 2)
            / size.

        Raises:
            UsageError: a size below 1.

        >>> abs(Kernel("mean", [[0.5, 0.5]]).response(4)[2]).round(6).tolist()
        [0.0, 0.707107, 1.0, 0.707107]
        """
        if size < 1:
            raise UsageError(f"expected a size of at least 1, found {size}.")
        frequencies = 2 * np.pi * (np.arange(size) - size // 2) / size
        down, across = (
            np.exp(1j * np.outer(frequencies, np.arange(cells) - anchor))
            for cells, anchor in zip(self.shape, self.anchor, strict=True)
        )
        return np.asarray(down @ self.weights @ across.T)

    @property
    def facts(self) -> tuple[str, ...]:
        """What the numbers mean for a picture, in plain sentences."""
        return facts(self)

    @property
    def text(self) -> str:
        """What :func:`read_kernel` makes this kernel from, e.g. ``gaussian:sigma=2,size=17``.

        Numbers are written in full, so that the weights come back bit for bit.
        """
        if self.source or self.parameters:
            given = ",".join(f"{key}={written(value)}" for key, value in self.parameters.items())
            return f"{self.name}:{given}" if given else self.name
        return "; ".join(" ".join(map(written, row)) for row in self.weights)

    def to_json(self) -> dict[str, Any]:
        """Everything about it as plain values."""
        factors = self.factors
        return {
            "name": self.name,
            "text": self.text,
            "parameters": dict(self.parameters),
            "weights": self.weights.tolist(),
            "shape": list(self.shape),
            "formula": self.formula,
            "effect": self.effect,
            "source": self.source,
            "sum": self.total,
            "l1": self.l1,
            "l2": self.l2,
            "rank": self.rank,
            "separable": self.separable,
            "factors": None if factors is None else [factor.tolist() for factor in factors],
            "symmetric": self.symmetric,
            "antisymmetric": self.antisymmetric,
            "zero_phase": self.zero_phase,
            "facts": list(self.facts),
        }

    def _repr_png_(self) -> bytes:
        """Weights and frequency response, for notebooks."""
        from pellucid.images.save import encode_png
        from pellucid.operators.kernels.picture import picture

        return encode_png(picture(self))

    def _equal(self, one: Weights, other: Weights) -> bool:
        return bool(np.abs(one - other).max() <= ROUNDING * np.abs(self.weights).max())


def _checked(given: Any) -> Weights:
    """A copy of the weights as float64, kh×kw."""
    try:
        weights = np.array(given, np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"expected the weights of a kernel as rows of numbers: {error}.") from None
    if weights.ndim != 2 or not 1 <= min(weights.shape) <= max(weights.shape) <= MOST_CELLS:
        raise UsageError(
            f"expected a kernel of 1 to {MOST_CELLS} rows and columns, found shape {weights.shape}."
        )
    most = float(np.abs(weights).max())
    if not (most == 0 or LEAST <= most <= MOST):
        raise UsageError(
            f"expected weights of which the largest is 0 or from {LEAST:g} to {MOST:g} in size, "
            f"found {most:g}."
        )
    return weights


def _scale(column: Weights, row: Weights) -> float:
    """What to divide the column by, and multiply the row by, for the sums in ``factors``."""
    if abs(column.sum()) > ROUNDING * np.abs(column).sum():
        return float(column.sum())
    if abs(row.sum()) > ROUNDING * np.abs(row).sum():
        return float(1 / row.sum())
    return float(np.sqrt(np.linalg.norm(column) / np.linalg.norm(row)))
