"""Arrays as pictures in a notebook: images as they are, other numbers with their scale stated."""

from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from pellucid.errors import UsageError
from pellucid.images.check import checked_values, to_bytes
from pellucid.images.fit import fit
from pellucid.images.lettering import INK, PAPER, shortened, write_texts
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png, save_image
from pellucid.images.scale import Scale, number, scale_of
from pellucid.images.sheet import contact_sheet

#: Sides of a picture in a notebook: smaller ones grow by a whole factor, larger ones shrink.
SMALL, LARGE = 320, 1200
#: More channels than this are not drawn.
MOST_CHANNELS = 64
_STRIP, _BAR, _LETTERS = 36, 10, 14


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that a notebook draws when it is the value of a cell.

    Attributes:
        pixels: (H, W, 3) uint8, the picture with the strip of its scale below, if it needs one.
        shape: of what was shown.
        scale: what the shades stand for; None for a colour image.
    """

    pixels: Pixels
    shape: tuple[int, ...]
    scale: Scale | None

    def __repr__(self) -> str:
        """What is shown, where pictures are not."""
        size = "×".join(str(length) for length in self.shape)
        return f"<{size} image{f': {self.scale}' if self.scale else ''}>"

    def _repr_png_(self) -> bytes:
        return encode_png(self.pixels)

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write the picture to a file: see :func:`pellucid.images.save.save_image`."""
        save_image(path, self.pixels, overwrite=overwrite)


def show(values: Any) -> Shown:
    """Draw an image, or any array of numbers, for a notebook.

    - An image (uint8, or floats from 0 to 1) with 1 or 3 channels is drawn as it is.
    - Other numbers in one channel become shades: from black (0) to white, or, where some are
      negative, from blue over white (0) to orange. The scale is drawn below.
    - Other numbers in several channels are drawn channel by channel, on one scale for all.

    Args:
        values: a ``Picture``, H×W or H×W×C; integers or floats.

    Raises:
        UsageError: no such array, NaN or infinity, or more than 64 channels.

    >>> show([[-1.0, 0.0], [0.5, 0.25]])
    <2×2×1 image: −1 blue, 0 white, 1 orange>
    """
    given = checked_values(values)
    scale = scale_of(given)
    image = given.dtype == np.uint8 or (given.dtype.kind == "f" and scale == Scale(0, 1))
    if image and given.shape[2] == 3:
        return Shown(sized(to_bytes(given)), given.shape, None)
    if given.shape[2] > MOST_CHANNELS:
        raise UsageError(
            f"expected at most {MOST_CHANNELS} channels to draw, found {given.shape[2]}: choose "
            "some of them, values[..., :64]."
        )
    if given.shape[2] == 1:
        drawn = sized(scale.apply(given[..., 0]))
    else:
        planes = np.moveaxis(given, 2, 0)
        titled = [(f"channel {place}", scale.apply(plane)) for place, plane in enumerate(planes)]
        drawn = contact_sheet(titled)
    below = [] if image and given.shape[2] == 1 else [strip(scale, drawn.shape[1])]
    return Shown(np.concatenate([drawn, *below]), given.shape, scale)


def sized(pixels: Pixels) -> Pixels:
    """A picture (H, W, C) as large as a notebook shows it: small ones grow, large ones shrink."""
    height, width = pixels.shape[:2]
    if max(height, width) > LARGE:
        return fit(pixels, LARGE, LARGE)
    return fit(pixels, SMALL, SMALL) if max(height, width) <= SMALL // 2 else pixels


def strip(scale: Scale, width: int) -> Pixels:
    """A bar with all shades of a scale from side to side, and its numbers below."""
    canvas = np.full((_STRIP, width, 3), PAPER, np.uint8)
    ramp = np.linspace(scale.low, scale.high, width, dtype=np.float32)
    canvas[4 : 4 + _BAR] = scale.apply(np.tile(ramp, (_BAR, 1)))
    y = _STRIP - 10
    low, high = (shortened(number(end), _LETTERS, width // 3) for end in (scale.low, scale.high))
    write_texts(canvas, [(low, 3, y, INK)], size=_LETTERS, anchor="lm")
    write_texts(canvas, [(high, width - 3, y, INK)], size=_LETTERS, anchor="rm")
    if scale.signed:
        write_texts(canvas, [("0", width / 2, y, INK)], size=_LETTERS)
    return canvas
