"""Single channels of a colour model, as numbers and as pictures."""

from dataclasses import dataclass
from math import atan2, degrees
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import unknown_name
from pellucid.images.check import checked
from pellucid.images.colour.hexcone import hsv_to_rgb
from pellucid.images.colour.models import MODELS, Channel, Model, from_rgb, model_named
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png
from pellucid.images.scale import Scale

#: Drawn where a pixel has no hue.
_NO_HUE = np.uint8(128)


@dataclass(frozen=True, slots=True)
class Plane:
    """One channel of an image.

    Attributes:
        model: name of the colour model.
        channel: which channel of it.
        values: (H, W), in the channel's units; of ``rgb`` and ``gray`` in the image's own type.
        defined: (H, W) bool, false where the channel has no meaning (the hue of a gray pixel);
            None where it has one everywhere.
    """

    model: str
    channel: Channel
    values: NDArray[Any]
    defined: NDArray[np.bool_] | None = None

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value that there can be."""
        if self.values.dtype == np.uint8:
            return 0.0, 255.0
        return self.channel.low, self.channel.high

    @property
    def known(self) -> NDArray[Any]:
        """The values that have a meaning, (n,)."""
        return self.values.ravel() if self.defined is None else self.values[self.defined]

    def summary(self) -> tuple[float, float, float] | None:
        """Least, mean and greatest value; None if none has a meaning.

        The mean of an angle is that of its directions: of 350° and 10° it is 0°.
        """
        known = self.known
        if not known.size:
            return None
        mean = _mean_angle(known) if self.channel.unit == "°" else float(known.mean(dtype=float))
        return float(known.min()), mean, float(known.max())

    def picture(self) -> Pixels:
        """The channel as a picture, (H, W, 3) uint8.

        Black is the least value that there can be and white the greatest. A channel with zero in
        the middle goes from blue over white to orange, as far as its values reach. Hue is drawn
        as the pure colour of that hue, and gray where there is none.
        """
        if self.channel.unit == "°":
            full = np.ones_like(self.values)
            pure = hsv_to_rgb(np.stack([self.values, full, full], axis=-1), dtype=np.uint8)
            return (
                pure if self.defined is None else np.where(self.defined[..., None], pure, _NO_HUE)
            )
        return self._scale().apply(self.values)

    def _repr_png_(self) -> bytes:
        return encode_png(self.picture())

    @property
    def key(self) -> str:
        """What the shades of :meth:`picture` stand for."""
        return "as pure colours" if self.channel.unit == "°" else str(self._scale())

    def _scale(self) -> Scale:
        if not self.channel.signed:
            return Scale(*self.range)
        reach = float(np.abs(self.values).max())
        return Scale(-reach, reach, signed=True)


def planes_of(image: Any, model: str = "rgb") -> tuple[Plane, ...]:
    """The channels of an image in a colour model, one by one.

    Args:
        image: H×W×3 or one gray channel, uint8 or floats from 0 to 1.
        model: one of :data:`pellucid.images.colour.MODELS`.

    Raises:
        UsageError: no such image or model.

    >>> for plane in planes_of([[[0.0, 0.0, 1.0]]], "hsv"):
    ...     print(plane.channel.name, plane.values.item())
    hue 240.0
    saturation 1.0
    value 1.0
    """
    values = from_rgb(image, model)
    found = []
    for place, channel in enumerate(model_named(model).channels):
        defined = values[..., 1] > 0 if channel.unit == "°" else None
        found.append(Plane(model, channel, values[..., place], defined))
    return tuple(found)


def plane_of(image: Any, channel: str, model: str | None = None) -> Plane:
    """One channel of an image.

    Args:
        image: as for :func:`planes_of`.
        channel: its name or letter in any case, e.g. ``saturation`` or ``s``.
        model: where to look for it; without, the first of rgb, hsv, hsl, lab, ycbcr and gray
            that has it.

    Raises:
        UsageError: no such image, model or channel.

    >>> plane_of(np.array([[[255, 51, 51]]], np.uint8), "saturation").values.round(3).tolist()
    [[0.800000011920929]]
    """
    home, place = find_channel(channel, model)
    return planes_of(checked(image), home.name)[place]


def find_channel(name: str, model: str | None = None) -> tuple[Model, int]:
    """The colour model that has a channel of this name, and the channel's place in it.

    Raises:
        UsageError: there is no such model or channel; with the nearest name.

    >>> found, place = find_channel("Cr")
    >>> found.name, place
    ('ycbcr', 2)
    """
    models = list(MODELS.values()) if model is None else [model_named(model)]
    for full in (True, False):  # a full name anywhere goes before a letter
        for each in models:
            for place, channel in enumerate(each.channels):
                if name.lower() == (channel.name if full else channel.letter).lower():
                    return each, place
    known = {channel.name for each in models for channel in each.channels}
    raise unknown_name("channel" if model is None else f"channel of {model}", name, known)


def _mean_angle(angles: NDArray[Any]) -> float:
    radians = np.deg2rad(angles, dtype=np.float64)
    return degrees(atan2(np.sin(radians).mean(), np.cos(radians).mean())) % 360
