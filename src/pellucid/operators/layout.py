"""Whatever a caller has (NumPy array, torch tensor, picture) as one array N×C×…, and back.

=====================  ==================  ==================
given                  with 2-D kernels    with 1-D kernels
=====================  ==================  ==================
NumPy array, 1 axis                        T
NumPy array, 2 axes    H×W                 C×T
NumPy array, 3 axes    H×W×C (an image)    N×C×T
NumPy array, 4 axes    N×C×H×W
torch tensor           the last two axes   the last axis is T,
                       are H×W, before     before it C, before
                       them C, before      it N
                       that N
``Picture``            its H×W×C pixels
=====================  ==================  ==================
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.images.read import Picture

if TYPE_CHECKING:
    from torch import Tensor

#: Bool, integers and floats; a picture of complex numbers or of words is none.
_KINDS = "biuf"


@dataclass(frozen=True)
class Planes:
    """An input in the one layout that operators compute on.

    Attributes:
        values: N×C×H×W or N×C×T, a view of what was given wherever that is possible: with any
            strides, perhaps read-only. bfloat16 comes as float32.
        restore: turns a result N×C'×… (any C', any sizes) into the form that was given: the same
            library, device and order of axes; the channel axis is left out if there was none and
            C' is 1. The dtype is the result's; float32 from bfloat16 becomes bfloat16 again.
    """

    values: NDArray[Any]
    restore: Callable[[NDArray[Any]], Any]


def planes(given: Any, axes: int) -> Planes:
    """Any input as N×C×H×W (``axes`` 2) or N×C×T (``axes`` 1), by the table above.

    Args:
        given: a NumPy array, what becomes one (nested lists), a torch tensor or a ``Picture``.
        axes: directions that a kernel slides in.

    Raises:
        UsageError: a number of axes that has no meaning, an empty axis, or no real numbers.

    >>> found = planes(np.zeros((5, 7, 3), np.uint8), 2)
    >>> found.values.shape, found.restore(np.zeros((1, 8, 4, 6))).shape
    ((1, 3, 5, 7), (4, 6, 8))
    >>> planes([[1, 2, 3]], 1).values.shape
    (1, 1, 3)
    """
    if isinstance(given, Picture):
        given = given.pixels
    tensor = is_tensor(given)
    values, back = _from_tensor(given) if tensor else (np.asarray(given), _same)
    _check(values, axes)
    image = not tensor and axes == 2 and values.ndim == 3
    if image:
        values = np.moveaxis(values, 2, 0)
    missing = axes + 2 - values.ndim
    values = values[(None,) * missing]

    def restore(result: NDArray[Any]) -> Any:
        dropped = missing if missing < 2 or result.shape[1] == 1 else 1
        result = result.reshape(result.shape[dropped:]) if dropped else result
        if not tensor and axes == 2 and missing and result.ndim == 3:
            result = np.moveaxis(result, 0, 2)
        return back(result)

    return Planes(values, restore)


def is_tensor(given: Any) -> bool:
    """Whether it is a torch tensor, without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(given, torch.Tensor)


def _same(result: NDArray[Any]) -> Any:
    return result


def _from_tensor(given: "Tensor") -> tuple[NDArray[Any], Callable[[NDArray[Any]], Any]]:
    import torch

    wide = given.dtype == torch.bfloat16
    values = (given.float() if wide else given).detach().cpu().numpy()

    def back(result: NDArray[Any]) -> Any:
        made = torch.from_numpy(np.ascontiguousarray(result)).to(given.device)
        return made.bfloat16() if wide and result.dtype == np.float32 else made

    return values, back


def _check(values: NDArray[Any], axes: int) -> None:
    most = axes + 2
    if not axes <= values.ndim <= most:
        raise UsageError(
            f"expected an array of {axes} to {most} axes, found {values.ndim} "
            f"(shape {values.shape})."
        )
    if values.dtype.kind not in _KINDS:
        raise UsageError(f"expected real numbers, found {values.dtype}.")
    if 0 in values.shape:
        raise UsageError(f"expected an image with pixels, found shape {values.shape}.")
