"""Layers that look at the whole batch, computed for a batch that several workers share.

A worker has some rows of a batch. Nearly all layers treat each row alone; two kinds do not:

* **Batch norm** (Ioffe & Szegedy 2015) needs mean and variance over all rows. Each worker adds its
  sums to those of the others, forward and backward, so that the result is that of one process with
  the whole batch. (``torch.nn.SyncBatchNorm`` does so on CUDA only.)
* **Dropout** draws random numbers row by row. They are drawn for the whole batch and cut to the
  worker's rows.

Both are caught as functions while the network runs, so that any network is trained as it is, with
layers or with functions, and its weights keep their names.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from pellucid.data.share import Share
from pellucid.errors import TrainingError

_DROPOUTS = frozenset(
    [functional.dropout, functional.dropout1d, functional.dropout2d, functional.dropout3d]
)
#: Whose random numbers are drawn in a way that cannot be cut.
_REFUSED = {
    functional.alpha_dropout: "alpha dropout",
    functional.feature_alpha_dropout: "feature alpha dropout",
}

#: Adds a tensor to those of the other workers, in place.
AddUp = Callable[[Tensor], None]


class WholeBatch(TorchFunctionMode):
    """While this context lasts, networks see their rows as part of the whole batch.

    Args:
        share: which rows of the batch this worker has.
        add_up: sums a tensor over the workers, in place.
    """

    def __init__(self, share: Share, add_up: AddUp) -> None:
        super().__init__()
        self._share = share
        self._add_up = add_up

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """What torch calls in place of each of its functions."""
        kwargs = dict(kwargs or {})
        if func is functional.batch_norm:
            return self._batch_norm(*args, **kwargs)
        if func in _DROPOUTS:
            return self._dropout(func, *args, **kwargs)
        if func in _REFUSED and kwargs.get("training", False):
            raise TrainingError(
                f"{_REFUSED[func]} cannot be divided among workers: train with one, or use dropout."
            )
        return func(*args, **kwargs)

    def _batch_norm(  # noqa: PLR0917 (torch's own order)
        self,
        x: Tensor,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        weight: Tensor | None = None,
        bias: Tensor | None = None,
        training: bool = False,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> Tensor:
        """``torch.nn.functional.batch_norm``, with the statistics of the whole batch."""
        if not training:
            return functional.batch_norm(
                x, running_mean, running_var, weight, bias, False, momentum, eps
            )
        count = x.numel() // max(x.shape[1] * x.shape[0], 1) * self._share.total
        mean, var = self._statistics(x.detach(), count)
        if running_mean is not None and running_var is not None:
            with torch.no_grad():
                running_mean.lerp_(mean.to(running_mean), momentum)
                unbiased = var * (count / max(count - 1, 1))
                running_var.lerp_(unbiased.to(running_var), momentum)
        result: Tensor = _Normalise.apply(  # type: ignore[no-untyped-call]
            x, mean, var, weight, bias, eps, count, self._add_up
        )
        return result

    def _statistics(self, x: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Mean and (biased) variance of each channel over all workers, (C,) each, float32.

        Sums of squares are added in float64, where subtracting the squared mean loses nothing.
        """
        precise = x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
        var, mean = torch.var_mean(precise, _all_but_channels(x), correction=0)
        mean, var = mean.double(), var.double()
        sums = torch.stack([mean, var + mean.square()]) * (x.numel() // x.shape[1])
        self._add_up(sums)
        mean, square = sums / count
        return mean.to(precise.dtype), (square - mean.square()).clamp_min(0).to(precise.dtype)

    def _dropout(
        self,
        func: Callable[..., Tensor],
        x: Tensor,
        p: float = 0.5,
        training: bool = True,
        inplace: bool = False,
    ) -> Tensor:
        """The rows of ``func(whole batch)``: what it does to ones tells what it multiplies by."""
        if not training or p == 0:
            return func(x, p, training, inplace)
        shape = (self._share.total, *x.shape[1:])
        channels_last = x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last)
        layout = torch.channels_last if channels_last else torch.contiguous_format
        ones = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=layout).fill_(1)
        factors = func(ones, p, True, False)[self._share.slice]
        return x * factors


class _Normalise(torch.autograd.Function):
    """y = (x − μ) / √(σ² + ε) · w + b, with μ and σ² of the whole batch of n values a channel.

    Backward, with x̂ = (x − μ) / √(σ² + ε) and sums over all workers:
    dx = w / √(σ² + ε) · (dy − Σdy / n − x̂ · Σ(dy·x̂) / n); dw = Σ dy·x̂ and db = Σ dy over this
    worker's rows, since gradients of weights are added up later.
    """

    @staticmethod
    def forward(  # noqa: PLR0917 (torch passes them by place)
        ctx: Any,
        x: Tensor,
        mean: Tensor,
        var: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        eps: float,
        count: int,
        add_up: AddUp,
    ) -> Tensor:
        ctx.save_for_backward(x, mean, var, weight)
        ctx.eps, ctx.count, ctx.add_up = eps, count, add_up
        return functional.batch_norm(x, mean, var, weight, bias, False, 0.0, eps)

    @staticmethod
    def backward(ctx: FunctionCtx, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, mean, var, weight = ctx.saved_tensors  # type: ignore[attr-defined]
        eps, count, add_up = ctx.eps, ctx.count, ctx.add_up  # type: ignore[attr-defined]
        scale = torch.ones_like(mean) if weight is None else weight
        # As if μ and σ² were constants: dx = dy·w/√(σ² + ε), and this worker's dw and db.
        dx, dw, db = torch.ops.aten.native_batch_norm_backward(
            gradients[0], x, scale, mean, var, None, None, False, eps, [True, True, True]
        )
        sums = torch.stack([db, dw])  # Σdy, Σdy·x̂
        add_up(sums)
        inverse = (var + eps).rsqrt()
        slope = -scale * inverse.square() * sums[1] / count
        shift = -scale * inverse * sums[0] / count - slope * mean
        shape = (1, -1, *[1] * (x.ndim - 2))
        dx = dx + (x * slope.view(shape) + shift.view(shape)).to(dx.dtype)
        weighted = (dw, db) if weight is not None else (None, None)
        return (dx, None, None, *weighted, None, None, None)


def _all_but_channels(x: Tensor) -> list[int]:
    return [axis for axis in range(x.ndim) if axis != 1]
