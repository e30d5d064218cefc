"""Where a training computes: on the GPU that CUDA offers, else on the CPU.

The same steps run on both: mixed precision by autocast, channels-last filters, the random
variations computed where the images are. On a GPU all fitted images are kept in its memory where
they fit, and a long training compiles its network.
"""

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from pellucid.data.cache import PixelCache
from pellucid.launch import place

#: Seconds of training from which compiling a network pays: it takes about a minute.
COMPILE_PAYS = 600.0
#: Share of a GPU's free memory that the images may take.
_FOR_IMAGES = 0.5
#: Images copied to a GPU at once.
_PART = 4096


def best_device() -> torch.device:
    """This worker's own GPU where there is one, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", place().local_rank % torch.cuda.device_count())
    return torch.device("cpu")


def device_words() -> str:
    """What computes, as a person knows it."""
    device = best_device()
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def device_of(network: nn.Module) -> torch.device:
    """Where a network's weights are."""
    return next(network.parameters()).device


def autocast(precision: Literal["bfloat16", "float32"], device: torch.device) -> torch.autocast:
    """The context in which a network runs at a precision."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


def resident(pixels: PixelCache, device: torch.device) -> Tensor | None:
    """All images (N, H, W, C) uint8 in a GPU's memory; None on a CPU, or where they do not fit."""
    if device.type != "cuda":
        return None
    if math.prod(pixels.shape) > _FOR_IMAGES * torch.cuda.mem_get_info(device)[0]:
        return None
    images = torch.empty(pixels.shape, dtype=torch.uint8, device=device)
    for part in np.array_split(np.arange(len(pixels)), math.ceil(len(pixels) / _PART)):
        images[part[0] : part[-1] + 1] = torch.from_numpy(pixels.gather(part))
    return images


def compile_pays(seconds: float, device: torch.device) -> bool:
    """Whether a training of so many seconds gains by compiling its network.

    >>> compile_pays(3600, torch.device("cpu"))
    False
    """
    return device.type == "cuda" and seconds >= COMPILE_PAYS
