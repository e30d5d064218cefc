"""The pictures that the rooms are about."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt

from pellucid.images import Picture, Pixels, decode_image
from pellucid.images.fit import fit

#: Pixels that the rooms work on; a larger picture is averaged down, so that every answer is quick.
MOST_PIXELS = 1_000_000
#: Bundled pictures by name, with what people are told of them; the first one is there at first.
BUNDLED: Mapping[str, str] = {
    "village": "A village (drawn)",
    "cat": "A cat (photograph)",
    "coffee": "Coffee (photograph)",
}


@dataclass(frozen=True, eq=False)
class Photo:
    """A picture in use.

    Attributes:
        name: in addresses.
        title: for people.
        pixels: (H, W, C) uint8, C 1 or 3, at most a million pixels.
        full: (H, W) of the file's own.
    """

    name: str
    title: str
    pixels: Pixels
    full: tuple[int, int]

    @property
    def facts(self) -> str:
        """Size in words."""
        height, width, channels = self.pixels.shape
        kind = "gray" if channels == 1 else "red, green, blue"
        said = f"{width} × {height} pixels × {channels} ({kind}) = {self.pixels.size:,} numbers"
        if self.full != (height, width):
            said += f"; averaged down from {self.full[1]} × {self.full[0]}"
        return said


def photo_of(picture: Picture, title: str) -> Photo:
    """An uploaded picture, brought to a size at which every answer is quick."""
    height, width = picture.pixels.shape[:2]
    pixels = picture.pixels
    if height * width > MOST_PIXELS:
        factor = sqrt(MOST_PIXELS / (height * width))
        pixels = fit(pixels, max(1, int(height * factor)), max(1, int(width * factor)))
    return Photo(picture.digest.hex()[:16], title, pixels, picture.size)


@cache
def bundled(name: str) -> Photo:
    """A bundled picture.

    >>> bundled("village").pixels.shape[2]
    3
    """
    path = files("pellucid.studio") / "pictures" / f"{name}.png"
    picture = decode_image(path.read_bytes(), f"{name}.png")
    return Photo(name, BUNDLED[name], picture.pixels, picture.size)
