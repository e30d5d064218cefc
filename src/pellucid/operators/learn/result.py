"""What was learned from two pictures, and how well it explains them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import UsageError
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png
from pellucid.operators.convolution import correlate
from pellucid.operators.kernels import Kernel
from pellucid.operators.kernels.picture import weights_picture
from pellucid.operators.learn.pair import Floats, Pair

#: An error below this share of the after picture's size is rounding.
_EXACT = 1e-9


@dataclass(frozen=True)
class Fit:
    """How well weights explain the after picture.

    Attributes:
        rms: root of the mean squared error, in units of the after picture.
        largest: the largest error.
        r2: share of the after picture's variance that is explained; None where it has none.
        exact: whether the errors are rounding.
    """

    rms: float
    largest: float
    r2: float | None
    exact: bool


@dataclass(frozen=True, eq=False)
class Learned:
    """Weights that turn one picture into another.

    Attributes:
        weights: kh×kw, or O×C×kh×kw where channels are mixed; what ``correlate`` takes.
        bias: one number an output channel; None where none was asked for.
        method: ``least squares`` or ``gradient descent``.
        fit: how well they explain the after picture.
        samples: after values (of an output channel) that were used.
        unknowns: numbers that were learned for an output channel.
        rank: how many of them the before picture determines.
        condition: ratio of its strongest to its weakest direction; errors of the after picture
            may come back multiplied by up to its root.
        notes: sentences on what to beware of; empty where nothing is.
    """

    weights: Floats
    bias: Floats | None
    method: str
    fit: Fit
    samples: int
    unknowns: int
    rank: int
    condition: float
    notes: tuple[str, ...]

    @property
    def determined(self) -> bool:
        """Whether the pictures leave no other weights that fit as well."""
        return self.rank == self.unknowns

    @property
    def kernel(self) -> Kernel:
        """The weights as a kernel with its figures.

        Raises:
            UsageError: they mix channels: then they are a filter, see ``weights``.
        """
        if self.weights.ndim != 2:
            raise UsageError(
                "expected one kernel for all channels, found a filter of shape "
                f"{self.weights.shape}: take its 'weights'."
            )
        return Kernel(
            "learned",
            self.weights,
            formula=f"the weights of least squared error over {self.samples:,} pixels",
            effect="Turns the before picture into the after picture, as well as a kernel can.",
        )

    @property
    def sentence(self) -> str:
        """The fit in one sentence."""
        fit = self.fit
        if fit.exact:
            return "The kernel explains the after picture exactly (errors are rounding)."
        share = (
            "the after picture "
            if fit.r2 is None
            else f"{100 * fit.r2:.4g}% of the after picture's variance, "
        )
        return (
            f"The kernel explains {share}with an error of {fit.rms:.3g} (root of the mean "
            f"square), {fit.largest:.3g} at most."
        )

    def picture(self) -> Pixels:
        """The weights as cells with numbers, (H, W, 3) uint8; of a filter, maps down."""
        return weights_picture(grid_of_filter(self.weights))

    def _repr_png_(self) -> bytes:
        """For notebooks."""
        return encode_png(self.picture())

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "method": self.method,
            "weights": self.weights.tolist(),
            "bias": None if self.bias is None else self.bias.tolist(),
            "rms_error": self.fit.rms,
            "largest_error": self.fit.largest,
            "r2": self.fit.r2,
            "exact": self.fit.exact,
            "samples": self.samples,
            "unknowns": self.unknowns,
            "rank": self.rank,
            "condition": self.condition if np.isfinite(self.condition) else None,
            "notes": list(self.notes),
        }


def grid_of_filter(weights: Floats) -> Floats:
    """A filter O×C×kh×kw as one grid: output channels down, input channels across."""
    if weights.ndim == 2:
        return weights
    maps, channels, rows, columns = weights.shape
    return weights.transpose(0, 2, 1, 3).reshape(maps * rows, channels * columns)


def judged(given: Pair, weights: Floats, bias: Floats | None) -> Fit:
    """Apply weights to the before picture and compare, in float64."""
    made = correlate(given.before, weights, padding="valid", bias=bias)
    errors = np.moveaxis(made - given.after, 1, -1)[given.used]
    values = np.moveaxis(given.after, 1, -1)[given.used]
    rms = float(np.sqrt(np.mean(errors**2)))
    around = float(np.mean((values - values.mean(axis=0)) ** 2))
    return Fit(
        rms=rms,
        largest=float(np.abs(errors).max()),
        r2=1 - rms**2 / around if around > 0 else None,
        exact=rms <= _EXACT * max(float(np.sqrt(np.mean(values**2))), 1e-300),
    )


def notes_on(given: Pair, rank: int, unknowns: int) -> tuple[str, ...]:
    """What the user should know before trusting the weights."""
    notes = []
    if rank < unknowns:
        notes.append(
            f"The before picture determines only {rank} of {unknowns} numbers (it is too smooth, "
            "repeats itself or is too small): of all weights that fit equally well these are the "
            "smallest; they need not be those that were used."
        )
    if given.border:
        notes.append(
            f"The border rule is not known: {given.border:,} pixels at the border were left out."
        )
    saturated = given.used.size - given.samples
    if saturated:
        notes.append(
            f"{saturated:,} of {given.used.size:,} after values are at an end of their range, "
            "where they may have been cut off: they were left out."
        )
    return tuple(notes)
