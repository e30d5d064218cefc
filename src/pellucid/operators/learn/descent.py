"""Teach a kernel as a network is taught: by gradient descent, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import UsageError
from pellucid.geometry import Padding
from pellucid.images.raw import Pixels
from pellucid.operators.learn.normal import Normal, normal_equations
from pellucid.operators.learn.pair import Floats, pair
from pellucid.operators.learn.result import Learned, judged, notes_on
from pellucid.operators.learn.squares import shaped, solve

MOST_STEPS = 1_000_000


@dataclass(frozen=True, eq=False)
class Taught(Learned):
    """Weights learned by gradient descent, and the way to them.

    Attributes:
        losses: mean squared error before the first step and after each, (steps + 1,).
        least: the least that any weights reach, by least squares.
        kept: the steps whose weights are kept: 0, 1, 2, 5, 10, … and the last.
        history: the weights after those, (len(kept), kh, kw) or (len(kept), O, C, kh, kw).
        optimum: the weights of least squares.
        target: the weights that made the after picture, if they were given.
        rate: step size, 1 / L, with L the largest curvature of the loss.
        momentum: share of the last step that is taken again.
    """

    losses: Floats
    least: float
    kept: tuple[int, ...]
    history: Floats
    optimum: Floats
    target: Floats | None
    rate: float
    momentum: float

    def picture(self) -> Pixels:
        """The loss curve and the weights on the way, (H, W, 3) uint8."""
        from pellucid.operators.learn.picture import convergence_picture

        return convergence_picture(self)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values, but for the weights on the way."""
        return super().to_json() | {
            "losses": [float(self.losses[step]) for step in self.kept],
            "steps": list(self.kept),
            "least_loss": self.least,
            "rate": self.rate,
            "momentum": self.momentum,
        }


def teach_kernel(
    before: Any,
    after: Any,
    size: int | Sequence[int],
    *,
    steps: int = 1000,
    momentum: float = 0.9,
    target: Any = None,
    padding: Padding = "same",
    mode: str | None = None,
    bias: bool = False,
    mixing: bool = False,
) -> Taught:
    """The kernel that turns one picture into another, by gradient descent from zero.

    This is how a CNN finds its kernels: w ← w + v with v ← momentum·v − rate·gradient of the mean
    squared error, 2/n·Xᵀ(X·w − y), over the whole picture in every step. The rate is 1 / L with L
    the largest eigenvalue of the curvature 2/n·XᵀX: then the loss falls in every step without
    momentum, and it converges with any momentum below 1 (Nesterov 2018, Lectures on convex
    optimization, section 2.1.5; Polyak 1964, Some methods of speeding up the convergence of
    iteration methods). Directions of little power in the picture (fine detail) are learned last.

    Args:
        before: as for :func:`learn_kernel`, like ``after``, ``size`` and the last four.
        after: the same picture afterwards.
        size: of the kernel.
        steps: how many to take, 1 to a million.
        momentum: from 0 (plain descent) to below 1.
        target: the weights that made the after picture, if known, to be drawn beside.
        padding: that the after picture was made with.
        mode: what stood in the padding; None where it is not known.
        bias: learn a number to be added, too.
        mixing: learn a filter over all channels.

    Raises:
        UsageError: as :func:`learn_kernel`; steps, momentum or the target are out of range.

    >>> before = np.random.default_rng(0).random((30, 40))
    >>> from pellucid.operators.convolution import correlate
    >>> taught = teach_kernel(before, correlate(before, [[-1, 1]]), (1, 2), steps=200)
    >>> taught.weights.round(3).tolist(), bool(taught.losses[-1] < 1e-6 * taught.losses[0])
    ([[-1.0, 1.0]], True)
    """
    _check(steps, momentum)
    given = pair(before, after, size, padding=padding, mode=mode, mixing=mixing)
    equations = normal_equations(given, bias)
    solution, rank, condition = solve(equations)
    optimum, best_shift = shaped(given, solution, bias)
    least = judged(given, optimum, best_shift).rms ** 2
    kept = _kept(steps)
    rate = _rate(equations.gram)
    losses, path = _descend(equations, solution, kept, rate, momentum)
    shapes = [shaped(given, weights, bias) for weights in path]
    weights, shift = shapes[-1]
    notes = (
        *notes_on(given, rank, len(solution)),
        *_speed(equations.gram, rank, momentum, float(np.abs(weights - optimum).max())),
    )
    return Taught(
        weights=weights,
        bias=shift,
        method="gradient descent",
        fit=judged(given, weights, shift),
        samples=given.samples,
        unknowns=len(solution),
        rank=rank,
        condition=condition,
        notes=notes,
        losses=losses + least,
        least=least,
        kept=kept,
        history=np.array([kernel for kernel, _ in shapes]),
        optimum=optimum,
        target=_target(target, optimum.shape),
        rate=rate,
        momentum=momentum,
    )


def _rate(gram: Floats) -> float:
    """1 / L; 1 where the picture is black, and there is nothing to learn."""
    steepest = 2 * float(np.linalg.eigvalsh(gram)[-1])
    return 1 / steepest if steepest > 0 else 1.0


def _descend(
    equations: Normal, solution: Floats, kept: tuple[int, ...], rate: float, momentum: float
) -> tuple[Floats, list[Floats]]:
    """The loss above the least before and after each step, and the weights at the kept steps.

    The loss above the least is (w − w*)ᵀ·gram·(w − w*), summed over output channels' mean: so
    written it loses no digits where it is small.
    """
    gram, moments = equations.gram, equations.moments
    weights, velocity = np.zeros_like(solution), np.zeros_like(solution)
    losses, path = [], []
    for step in range(kept[-1] + 1):
        apart = weights - solution
        losses.append(float((apart * (gram @ apart)).sum() / apart.shape[1]))
        if step in kept:
            path.append(weights)
        velocity = momentum * velocity - rate * 2 * (gram @ weights - moments)
        weights = weights + velocity
    return np.array(losses), path


def _kept(steps: int) -> tuple[int, ...]:
    """0, 1, 2, 5, 10, 20, 50, … and the last step."""
    powers = range(len(str(steps)))
    round_ones = (digit * 10**power for power in powers for digit in (1, 2, 5))
    return (0, *(step for step in round_ones if step < steps), steps)


def _speed(gram: Floats, rank: int, momentum: float, apart: float) -> tuple[str, ...]:
    """How fast the slowest direction is learned: the size of the roots of
    z² − (1 + β − λ/λmax)·z + β, by which it shrinks in each step.
    """
    powers = np.linalg.eigvalsh(gram)[-rank:] if rank else np.ones(1)
    share = float(powers[0] / powers[-1])
    shrinks = float(np.abs(np.roots([1, -(1 + momentum - share), momentum])).max())
    if shrinks >= 1 or share == 1:
        return ()
    halved = np.log(0.5) / np.log(shrinks)
    return (
        f"Its weakest direction halves its error every {max(1, round(halved)):,} steps; after the "
        f"last one the weights are up to {apart:.2g} from those of least squares.",
    )


def _target(given: Any, shape: tuple[int, ...]) -> Floats | None:
    if given is None:
        return None
    target = np.asarray(given, np.float64)
    if target.shape != shape:
        raise UsageError(f"expected a target of shape {shape}, found {target.shape}.")
    return target


def _check(steps: int, momentum: float) -> None:
    if not isinstance(steps, int) or not 1 <= steps <= MOST_STEPS:
        raise UsageError(
            f"expected steps as a whole number from 1 to {MOST_STEPS:,}, found {steps!r}."
        )
    if not 0 <= momentum < 1:
        raise UsageError(f"expected momentum from 0 to below 1, found {momentum!r}.")
