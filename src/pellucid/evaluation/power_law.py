"""How the error falls with the number of training images: a power law, and how sure it is.

::

    error(n) = exp(a) · n^(-b)

A straight line on logarithmic axes, as found for many networks and data sets (Hestness et al.,
"Deep learning scaling is predictable, empirically", 2017). It knows neither a floor nor the
error of guessing, and is not to be trusted far beyond the sizes it was fitted on.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError

Floats = NDArray[np.float64]

_STEPS, _ENOUGH = 100, 1e-10


@dataclass(frozen=True)
class PowerLaw:
    """A fitted power law.

    Attributes:
        intercept: a.
        exponent: b; above 0 where the error falls.
        covariance: 2×2, of a and b.
        freedom: trainings minus the two numbers fitted.
    """

    intercept: float
    exponent: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    freedom: int

    def error(self, images: float) -> float:
        """The error at a number of training images, a share of 1 (or more: see the module)."""
        return math.exp(self.intercept - self.exponent * math.log(images))

    def interval(self, images: float) -> tuple[float, float]:
        """95% confidence interval of :meth:`error`, symmetric on the logarithmic axis."""
        direction = np.array([1.0, -math.log(images)])
        half = self._quantile() * math.sqrt(direction @ np.array(self.covariance) @ direction)
        return self.error(images) * math.exp(-half), self.error(images) * math.exp(half)

    def exponent_interval(self) -> tuple[float, float]:
        """95% confidence interval of b."""
        half = self._quantile() * math.sqrt(self.covariance[1][1])
        return self.exponent - half, self.exponent + half

    def _quantile(self) -> float:
        from scipy.stats import t

        return float(t.ppf(0.975, self.freedom))


def fit_power_law(sizes: Sequence[int], wrong: NDArray[np.bool_]) -> PowerLaw:
    """Fit a power law to trainings of several sizes, judged on the same images.

    Poisson regression with a logarithmic link: Σ (k - m·e)·(1, -log n) = 0 over the trainings,
    k of m images being wrong. A training without a mistake is no trouble to it, and it always
    has one solution. Its covariance is the sum of two:

    * *images*: which images the trainings were judged on. They are the same for all, so that
      trainings are not independent; the sandwich estimator with images as clusters makes no
      assumption about that (Zou, "A modified Poisson regression approach", 2004).
    * *trainings*: how far they scatter around the curve, by luck or since it is no power law.

    The images' own luck is in both, so the intervals are a little too wide rather than too narrow.

    Args:
        sizes: T numbers of training images, of at least two kinds.
        wrong: (T, m) whether a training's network got an image wrong.

    Raises:
        UsageError: there are fewer than three trainings, all are of one size, or nothing was
            wrong.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> sizes = [100, 200, 400, 800]
        >>> wrong = np.array([rng.random(4000) < 3 * n**-0.5 for n in sizes])
        >>> law = fit_power_law(sizes, wrong)
        >>> round(law.exponent, 1), round(law.error(3600), 2)
        (0.5, 0.05)
    """
    trainings, images = wrong.shape
    if trainings < 3 or len(set(sizes)) < 2 or not wrong.any():
        raise UsageError(
            "a power law needs three trainings of at least two sizes, and mistakes; found "
            f"{trainings} of {len(set(sizes))} with {int(wrong.sum())}."
        )
    # Around the mean of log n, the two numbers hardly depend on each other.
    logs = np.log(np.asarray(sizes, np.float64))
    middle = logs.mean()
    design = np.stack([np.ones(trainings), middle - logs], axis=1)
    counts = wrong.sum(axis=1).astype(np.float64)
    beta = _solve(design, counts, images)
    expected = images * np.exp(design @ beta)
    bread = np.linalg.inv((design * expected[:, None]).T @ design)
    scores = (wrong - expected[:, None] / images).T @ design
    scatter = float(((counts - expected) ** 2 / expected).sum()) / (trainings - 2)
    centred = bread @ (scores.T @ scores) @ bread + scatter * bread
    back = np.array([[1.0, middle], [0.0, 1.0]])
    (a, b), (c, d) = (back @ centred @ back.T).tolist()
    return PowerLaw(
        intercept=float(beta[0] + middle * beta[1]),
        exponent=float(beta[1]),
        covariance=((a, b), (c, d)),
        freedom=trainings - 2,
    )


def _solve(design: Floats, counts: Floats, images: int) -> Floats:
    """Newton's method on the convex negative log likelihood, from the mean error."""
    beta = np.array([math.log(counts.mean() / images), 0.0])
    for _ in range(_STEPS):
        expected = images * np.exp(design @ beta)
        step = np.linalg.solve(
            (design * expected[:, None]).T @ design, design.T @ (counts - expected)
        )
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < _ENOUGH:
            break
    return beta
