"""Multinomial logistic regression: the best linear head on features that do not change.

Minimised over the weights W (K×C) and biases b (K), with x standardised feature by feature:

    (1/n) Σᵢ vᵢ · −log softmax(W·xᵢ + b)[yᵢ]  +  (λ/2) · ‖W‖²

It is convex, so that L-BFGS (Liu and Nocedal 1989) finds the one minimum in some ten to a hundred
passes. λ follows from images that were not fitted: from strong to weak, each minimum the start of
the next, until their log loss grows again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pellucid.errors import TrainingError

#: Strengths λ that are tried, from strong to weak.
STRENGTHS = tuple(float(value) for value in 10.0 ** np.arange(0.0, -6.1, -0.5))
#: Weaker ones are not tried once the log loss has grown so many times in a row.
_PATIENCE = 2
_ITERATIONS, _MEMORY, _TOLERANCE = 200, 10, 1e-6
#: Features that hardly vary are not blown up: added to each standard deviation.
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True)
class Linear:
    """A linear head: scores are ``features @ weight.T + bias``.

    Attributes:
        weight: (K, C) float32.
        bias: (K,) float32.
        strength: λ.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    strength: float

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores (N, K) of features (N, C)."""
        found: NDArray[np.float32] = features @ self.weight.T + self.bias
        return found


@dataclass(frozen=True)
class Examples:
    """Features and what they belong to.

    Attributes:
        features: (N, C).
        labels: (N,) int64.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int64]


def fit_linear(
    fitted: Examples,
    choosing: Examples,
    classes: int,
    *,
    class_weights: tuple[float, ...] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Linear | None:
    """The head with the least log loss on images that it was not fitted to.

    Args:
        fitted: to learn from.
        choosing: to choose the strength λ by; not empty.
        classes: K.
        class_weights: v of each class, mean 1 over the images; None for 1 everywhere.
        stopped: asked between two strengths.

    Returns:
        The head; None where a stop was asked for.

    Raises:
        TrainingError: the features are not finite.

    >>> rng = np.random.default_rng(0)
    >>> labels = rng.integers(0, 2, 400)
    >>> features = (rng.normal(size=(400, 3)) + labels[:, None]).astype(np.float32)
    >>> half = [Examples(features[part], labels[part]) for part in (slice(200), slice(200, 400))]
    >>> head = fit_linear(*half, classes=2)
    >>> bool((head.scores(features).argmax(1) == labels).mean() > 0.75)
    True
    """
    best: Linear | None = None
    least, worse = np.inf, 0
    for head in path(fitted, classes, STRENGTHS, class_weights):
        if stopped():
            return None
        loss = log_loss(head.scores(choosing.features), choosing.labels)
        if loss < least:
            best, least, worse = head, loss, 0
        else:
            worse += 1
        if worse == _PATIENCE:
            break
    if best is None:
        raise TrainingError(
            "no head can be fitted: the features of the images are no finite numbers; choose "
            "other weights, or train --from-scratch."
        )
    return best


def path(
    fitted: Examples,
    classes: int,
    strengths: tuple[float, ...],
    class_weights: tuple[float, ...] | None = None,
) -> Iterator[Linear]:
    """The minima for several strengths λ in turn, each found from the one before."""
    from scipy.optimize import minimize

    mean = fitted.features.mean(0)
    spread = fitted.features.std(0) + _LEAST_SPREAD
    x = torch.from_numpy((fitted.features - mean) / spread)
    labels = torch.from_numpy(fitted.labels)
    weights = None if class_weights is None else torch.tensor(class_weights, dtype=x.dtype)[labels]
    found = np.zeros((classes, x.shape[1] + 1))
    for strength in strengths:
        answer = minimize(
            _objective,
            found.ravel(),
            (x, labels, weights, strength),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": _ITERATIONS, "maxcor": _MEMORY, "ftol": _TOLERANCE},
        )
        found = answer.x.reshape(found.shape)
        weight = found[:, :-1] / spread
        bias = found[:, -1] - weight @ mean
        yield Linear(weight.astype(np.float32), bias.astype(np.float32), strength)


def log_loss(scores: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Mean of −log softmax(scores)[label], in nats."""
    values = torch.from_numpy(scores).double()
    return float(torch.nn.functional.cross_entropy(values, torch.from_numpy(labels)))


def _objective(
    flat: NDArray[np.float64], x: Tensor, labels: Tensor, weights: Tensor | None, strength: float
) -> tuple[float, NDArray[np.float64]]:
    """Value and gradient at (W b), flattened."""
    count = len(x)
    both = torch.from_numpy(flat).to(x.dtype).view(-1, x.shape[1] + 1)  # (K, C + 1)
    weight, bias = both[:, :-1], both[:, -1]
    logs = torch.log_softmax(torch.addmm(bias, x, weight.T), 1)  # (n, K)
    rows = torch.arange(count)
    each = -logs[rows, labels]
    slope = logs.exp_()
    slope[rows, labels] -= 1
    if weights is not None:
        each, slope = each * weights, slope * weights[:, None]
    value = float(each.double().mean() + strength / 2 * weight.double().square().sum())
    gradient = torch.empty_like(both)
    gradient[:, :-1] = slope.T @ x / count + strength * weight
    gradient[:, -1] = slope.mean(0)
    return value, gradient.double().numpy().ravel()
