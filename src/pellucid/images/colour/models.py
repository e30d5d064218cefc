"""The colour models by name: their channels, ranges and units, and both ways from and to RGB."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import UsageError, unknown_name
from pellucid.images.check import Image, checked, to_bytes, to_floats
from pellucid.images.colour.gray import gray_to_rgb, rgb_to_gray
from pellucid.images.colour.hexcone import hsl_to_rgb, hsv_to_rgb, rgb_to_hsl, rgb_to_hsv
from pellucid.images.colour.lab import lab_to_rgb, rgb_to_lab
from pellucid.images.colour.values import rgb
from pellucid.images.colour.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a colour model.

    Attributes:
        name: in full, e.g. ``saturation``.
        letter: the short name, e.g. ``s``.
        low: its least value.
        high: its greatest value; an angle stays below it.
        unit: ``°`` for an angle, which begins again at ``high``; else empty.
    """

    name: str
    letter: str
    low: float = 0.0
    high: float = 1.0
    unit: str = ""

    @property
    def signed(self) -> bool:
        """Whether 0 lies in the middle and means neutral."""
        return self.low < 0


@dataclass(frozen=True, slots=True)
class Model:
    """A colour model.

    Attributes:
        name: as in :data:`MODELS`.
        channels: C of them, in order.
        own_type: whether values are those of the image itself, uint8 from 0 to 255 where it is
            uint8; else they are float32 within the channels' ranges.
    """

    name: str
    channels: tuple[Channel, ...]
    own_type: bool = False


_HUE = Channel("hue", "h", high=360.0, unit="°")
_SATURATION = Channel("saturation", "s")

#: The colour models by name.
MODELS = {
    model.name: model
    for model in (
        Model("rgb", (Channel("red", "r"), Channel("green", "g"), Channel("blue", "b")), True),
        Model("hsv", (_HUE, _SATURATION, Channel("value", "v"))),
        Model("hsl", (_HUE, _SATURATION, Channel("lightness", "l"))),
        Model(
            "lab",
            (
                Channel("L*", "l", high=100.0),
                Channel("a*", "a", -128.0, 128.0),
                Channel("b*", "b", -128.0, 128.0),
            ),
        ),
        Model(
            "ycbcr",
            (Channel("luma", "y"), Channel("Cb", "cb", -0.5, 0.5), Channel("Cr", "cr", -0.5, 0.5)),
        ),
        Model("gray", (Channel("gray", "y"),), True),
    )
}

_FROM_RGB: dict[str, Callable[[Any], Image]] = {
    "rgb": rgb,
    "hsv": rgb_to_hsv,
    "hsl": rgb_to_hsl,
    "lab": rgb_to_lab,
    "ycbcr": rgb_to_ycbcr,
    "gray": rgb_to_gray,
}
_TO_RGB: dict[str, Callable[..., Image]] = {
    "hsv": hsv_to_rgb,
    "hsl": hsl_to_rgb,
    "lab": lab_to_rgb,
    "ycbcr": ycbcr_to_rgb,
}


def model_named(name: str) -> Model:
    """The colour model of a name.

    Raises:
        UsageError: there is none; with the nearest name.

    >>> [channel.name for channel in model_named("hsv").channels]
    ['hue', 'saturation', 'value']
    """
    if name not in MODELS:
        raise unknown_name("colour model", name, MODELS)
    return MODELS[name]


def from_rgb(image: Any, model: str) -> Image:
    """An RGB (or gray) image in any colour model.

    Args:
        image: H×W×3 or one gray channel, uint8 or floats from 0 to 1.
        model: one of :data:`MODELS`.

    Returns:
        (H, W, C): ``rgb`` and ``gray`` of the image's own type, the others float32 in the units
        of :data:`MODELS`.

    Raises:
        UsageError: no such image or model.

    >>> from_rgb([[[0.0, 0.0, 1.0]]], "hsv").tolist()
    [[[240.0, 1.0, 1.0]]]
    """
    return _FROM_RGB[model_named(model).name](image)


def to_rgb(values: Any, model: str, *, dtype: Any = np.float32) -> Image:
    """Values of any colour model as an RGB image.

    Args:
        values: (H, W, C) in the units of :data:`MODELS`.
        model: what they are, one of :data:`MODELS`.
        dtype: ``uint8`` (rounded to nearest), ``float32`` or ``float64``.

    Returns:
        (H, W, 3), clipped to 0 … 1 (or 255).

    Raises:
        UsageError: no such values, model or type.

    >>> to_rgb([[[240, 1, 1]]], "hsv", dtype=np.uint8).tolist()
    [[[0, 0, 255]]]
    """
    name = model_named(model).name
    if name in _TO_RGB:
        return _TO_RGB[name](values, dtype=dtype)
    image = gray_to_rgb(values) if name == "gray" else checked(values, channels=(3,))
    if np.dtype(dtype) not in (np.uint8, np.float32, np.float64):
        raise UsageError(f"expected dtype uint8, float32 or float64, found {np.dtype(dtype)}.")
    return to_bytes(image) if np.dtype(dtype) == np.uint8 else to_floats(image).astype(dtype)
