"""Muon: momentum whose update is made orthogonal, for convolution filters.

Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024). The momentum of a
filter bank, seen as a matrix M of shape outputs × (C·kh·kw), is replaced by (nearly) its nearest
orthogonal matrix U·Vᵀ, where M = U·S·Vᵀ. The matrix comes from a few Newton-Schulz steps, which
are matrix products only; the singular values end between about 0.7 and 1.2, which is enough.
Every filter bank is held at the norm √outputs, as in the same author's CIFAR-10 speed runs: batch
norm makes its scale irrelevant, and the step size then means the same for every layer.
"""

from collections.abc import Callable, Iterable
from typing import Any, overload

import torch
from torch import Tensor
from torch.optim import Optimizer

#: Coefficients of the odd polynomial a·X + b·XXᵀX + c·(XXᵀ)²X (the paper's).
_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonalise(
    matrix: Tensor, steps: int = 3, dtype: torch.dtype | None = torch.bfloat16
) -> Tensor:
    """A matrix with the same singular vectors and singular values near 1 (Newton-Schulz).

    Args:
        matrix: (rows, columns), not all zero.
        steps: iterations of the polynomial.
        dtype: in which it is computed; None: the matrix's own.

    Returns:
        (rows, columns), in the matrix's dtype.

    >>> values = torch.linalg.svdvals(orthogonalise(torch.diag(torch.tensor([3.0, 2.0, 1.0]))))
    >>> bool((values > 0.5).all() and (values < 1.5).all())
    True
    """
    x: Tensor = matrix if dtype is None else matrix.to(dtype)
    x = x / (x.norm() + 1e-7)
    tall = x.size(0) > x.size(1)
    if tall:
        x = x.T
    for _ in range(steps):
        gram = x @ x.T
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    result: Tensor = x.T if tall else x
    return result.to(matrix.dtype)


class Muon(Optimizer):
    """Muon with Nesterov momentum and norm-held filters; parameters need two or more axes.

    Args:
        params: convolution filters (outputs, C, kh, kw) or matrices (outputs, inputs).
        lr: length of the step, relative to filters of norm √outputs.
        momentum: in [0, 1).
        dtype: in which matrices are made orthogonal; None: the parameters' own. Small singular
            values grow, and the rounding of bfloat16 with them, so that two trainings that
            differ in the order of a sum only would soon differ visibly.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.1,
        momentum: float = 0.6,
        dtype: torch.dtype | None = torch.bfloat16,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})
        self._dtype = dtype

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """One update of every parameter that has a gradient."""
        loss = None if closure is None else closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    direction = _direction(parameter, self.state[parameter], group["momentum"])
                    _move(parameter, orthogonalise(direction, dtype=self._dtype), group["lr"])
        return loss


def _direction(parameter: Tensor, state: dict[str, Any], momentum: float) -> Tensor:
    """The gradient with Nesterov momentum, as a matrix."""
    gradient = parameter.grad
    assert gradient is not None
    velocity = state.setdefault("momentum", torch.zeros_like(gradient))
    velocity.mul_(momentum).add_(gradient)
    return gradient.add(velocity, alpha=momentum).flatten(1)


def _move(parameter: Tensor, direction: Tensor, lr: float) -> None:
    """Scale the filters to their norm, and step."""
    parameter.mul_(parameter.size(0) ** 0.5 / parameter.norm().clamp_min(1e-12))
    parameter.add_(direction.view_as(parameter), alpha=-lr)
