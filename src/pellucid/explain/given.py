"""What a caller gives to be traced: a picture in any of its forms, or a network's input."""

import os
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pellucid.errors import UsageError
from pellucid.images.check import checked
from pellucid.images.read import Picture, digest_of, read_image


def picture_of(given: Any) -> Picture | None:
    """The picture that somebody gave; None of a network's input (N, C, H, W).

    Args:
        given: a path, a picture, an array H×W or H×W×C uint8; else a tensor or an array.

    Raises:
        UsageError: it is none of these.
        ImageError: the file cannot be read.

    >>> picture_of(np.zeros((4, 6), np.uint8)).pixels.shape
    (4, 6, 1)
    """
    if isinstance(given, Picture):
        return given
    if isinstance(given, str | os.PathLike):
        return read_image(given)
    if not isinstance(given, np.ndarray | Tensor):
        raise UsageError(
            "expected a picture (a file, a Picture, an array H×W or H×W×C uint8) or a tensor "
            f"(N, C, H, W), found {type(given).__name__}."
        )
    if not isinstance(given, np.ndarray) or given.ndim not in (2, 3):
        return None
    if given.dtype == np.uint8:
        pixels = np.array(checked(given))  # a copy: the caller may write to its own
        mode = "gray" if pixels.shape[2] == 1 else "RGB"
        digest = digest_of(repr(pixels.shape).encode() + pixels.tobytes())
        return Picture(pixels, "array", mode, digest)
    if given.ndim == 3 and given.shape[2] in (1, 3):
        raise UsageError(
            f"expected a picture as uint8 (0 to 255), found {given.dtype} of shape "
            f"{given.shape}: convert it, or give the network's input (N, C, H, W)."
        )
    return None


def one_of(values: Tensor | NDArray[Any], sample: int | None) -> Tensor:
    """One sample of a batch (N, …), as a batch of one.

    Args:
        values: the batch.
        sample: which; None where there is but one.

    Raises:
        UsageError: the batch is empty, has several and nobody said which, or has no such sample.
    """
    batch = torch.as_tensor(values)
    shape = "×".join(map(str, batch.shape))
    if batch.ndim < 2 or 0 in batch.shape:
        raise UsageError(
            "expected a tensor (N, C, H, W) with at least one picture in it, found "
            f"{shape or 'a number'}."
        )
    count = batch.shape[0]
    if sample is None and count > 1:
        raise UsageError(
            f"expected one picture, found a batch of {count} ({shape}): say which by sample=0 to "
            f"{count - 1}, or, if this is one picture C×H×W, give it as values[None]."
        )
    number = 0 if sample is None else sample
    if not 0 <= number < count:
        raise UsageError(f"expected a sample from 0 to {count - 1}, found {number}.")
    return batch[number : number + 1]


def on_network(given: Tensor, network: nn.Module) -> Tensor:
    """A copy where the network's weights are, floats of their type, and in their layout."""
    first = next(chain(network.parameters(), network.buffers()), given)
    dtype = floats_of(network) if given.is_floating_point() else given.dtype
    with torch.inference_mode(False), torch.no_grad():
        copied = given.detach().to(first.device, dtype, copy=True)
        last = copied.ndim == 4 and any(map(_channels_last, network.parameters()))
        layout = torch.channels_last if last else torch.contiguous_format
        return copied.contiguous(memory_format=layout)


def floats_of(network: nn.Module) -> torch.dtype:
    """The floating-point type that a network computes in."""
    types = (parameter.dtype for parameter in network.parameters())
    return next((dtype for dtype in types if dtype.is_floating_point), torch.float32)


def _channels_last(weight: Tensor) -> bool:
    return (
        weight.ndim == 4
        and weight.is_contiguous(memory_format=torch.channels_last)
        and not weight.is_contiguous()
    )
