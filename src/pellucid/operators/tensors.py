"""Convolution by torch itself: where gradients are wanted, or the tensor is on another device."""

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import UsageError
from pellucid.geometry import Axis
from pellucid.geometry.padding import source
from pellucid.operators.layout import is_tensor
from pellucid.operators.problem import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: The way of :func:`by_torch`, and why it is taken.
TORCH = ("torch", "a tensor requires gradients or is not in main memory, so torch computes.")


def needs_torch(image: Any, kernel: Any, bias: Any) -> bool:
    """Whether one of them requires gradients, or the image is not in main memory.

    Raises:
        UsageError: a kernel or bias requires gradients, and the image is no tensor.
    """
    wanted = any(is_tensor(each) and each.requires_grad for each in (image, kernel, bias))
    if wanted and not is_tensor(image):
        raise UsageError(
            "expected the image as a tensor, since the kernel or the bias requires gradients, "
            f"found {type(image).__name__}; give torch.from_numpy(image), channels first."
        )
    return wanted or (is_tensor(image) and image.device.type != "cpu")


def on_host(given: Any) -> Any:
    """A tensor as an array, to look at; all else as it is."""
    if not is_tensor(given):
        return given
    return given.detach().cpu().double().numpy()


def by_torch(
    problem: Problem, image: "Tensor", kernel: Any, bias: Any, *, turned: bool, keeps: bool
) -> "Tensor":
    """The problem's answer N×F×H'×W', differentiable in each tensor that was given.

    Args:
        problem: posed from the values of the next three.
        image: (…, C, H, W) or (…, C, T).
        kernel: the weights as they were given.
        bias: None, a number, or one a feature map.
        turned: whether the kernel is to be turned by 180°.
        keeps: whether the result has the image's dtype, not the problem's: an array, and so the
            problem, holds bfloat16 as float32.
    """
    import torch
    import torch.nn.functional as F

    work = torch.float32 if problem.work == np.float32 else torch.float64
    planes = image.reshape(problem.values.shape).to(work)
    weights = torch.as_tensor(kernel, device=image.device).to(work)
    weights = weights.reshape(problem.weights.shape)
    weights = weights.flip(2, 3) if turned else weights
    if problem.alone:
        weights = weights.expand(problem.values.shape[1], 1, -1, -1)
    for dim, axis in ((2, problem.vertical), (3, problem.horizontal)):
        planes = _padded(planes, dim, axis)
    steps = (problem.vertical, problem.horizontal)
    sums = F.conv2d(
        planes,
        weights,
        stride=[axis.stride for axis in steps],
        dilation=[axis.dilation for axis in steps],
        groups=problem.groups,
    )
    if bias is not None:
        sums = sums + torch.as_tensor(bias, device=image.device).to(work).reshape(-1, 1, 1)
    return _rounded(sums, image.dtype if keeps else torch_dtype(problem.dtype))


def torch_dtype(dtype: np.dtype[Any]) -> "torch.dtype":
    """The dtype of torch that is called the same.

    Raises:
        UsageError: torch has none.
    """
    import torch

    found = getattr(torch, dtype.name, None)
    if not isinstance(found, torch.dtype):
        raise UsageError(f"expected dtype as one that torch has, found {dtype.name}.")
    return found


def _padded(planes: "Tensor", dim: int, axis: Axis) -> "Tensor":
    import torch
    import torch.nn.functional as F

    if axis.mode == "zeros":
        sides = [axis.before, axis.after]
        return F.pad(planes, sides if dim == 3 else [0, 0, *sides])
    if axis.padded == axis.length:
        return planes
    places = range(-axis.before, axis.length + axis.after)
    cells = [source(place, axis.length, axis.mode) for place in places]
    return planes.index_select(dim, torch.tensor(cells, device=planes.device))


def _rounded(sums: "Tensor", dtype: "torch.dtype") -> "Tensor":
    """As :func:`pellucid.operators.rounding.rounded`; gradients end at integers, as in torch."""
    import torch

    if dtype.is_floating_point:
        return sums.to(dtype)
    low, high = (0, 1) if dtype == torch.bool else (torch.iinfo(dtype).min, torch.iinfo(dtype).max)
    whole = torch.nan_to_num(sums.round(), nan=0.0, posinf=torch.inf, neginf=-torch.inf)
    made = whole.clamp(low, None).where(whole < high, 0).to(dtype)
    return torch.where(whole >= high, torch.tensor(high, device=sums.device).to(dtype), made)
