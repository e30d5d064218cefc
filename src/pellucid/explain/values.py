"""Values as NumPy has them."""

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

#: A result or a weight: of the network's own type where NumPy knows it, else float32.
Values = NDArray[Any]

_FLOATS_WITHOUT_NUMPY = frozenset(
    (torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz)
)


def plain(tensor: Tensor) -> Values:
    """The values of a tensor on any device; bfloat16 and float8 as float32, which holds them all.

    >>> plain(torch.tensor([0.5], dtype=torch.bfloat16)).dtype
    dtype('float32')
    """
    host = tensor.detach().cpu().resolve_conj().resolve_neg()
    values: Values = (host.float() if host.dtype in _FLOATS_WITHOUT_NUMPY else host).numpy()
    return values


def frozen(values: Values) -> Values:
    """The same memory, read-only."""
    view = values.view()
    view.setflags(write=False)
    return view
