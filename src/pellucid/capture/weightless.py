"""Networks without weights: shapes only."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_FILLS = {"normal_", "uniform_", "exponential_", "bernoulli_", "random_", "cauchy_", "geometric_"}


class _NoFill(TorchFunctionMode):
    """Leaves out the random filling of tensors that have no memory."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") in _FILLS:
            tensor = args[0] if args else kwargs["tensor"]
            if tensor.is_meta:
                return tensor
        return func(*args, **kwargs)


@contextmanager
def weightless() -> Iterator[None]:
    """Networks built in here have shapes, but no weights: nothing is allocated or drawn.

    (``torch.device("meta")`` alone would do; but there the first random draw imports, for
    nothing, half of torch's compiler.)

    >>> from torch import nn
    >>> with weightless():
    ...     layer = nn.Linear(10**6, 10**6)  # would be 4 TB
    >>> layer.weight.shape, layer.weight.is_meta
    (torch.Size([1000000, 1000000]), True)
    """
    with torch.device("meta"), _NoFill():
        yield
