"""Images on which two ways of computing the same are compared: real ones, and odd ones."""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from pellucid.data.idx import read_idx
from pellucid.data.preprocessing import Preprocessing
from pellucid.demo import demo_data
from pellucid.images.read import Pixels, decode_image

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Case:
    """An image to compare answers on.

    Attributes:
        name: in tables.
        pixels: (H, W, C) uint8, C 1 or 3, as :func:`pellucid.images.read_image` gives it.
    """

    name: str
    pixels: Pixels


def spread(count: int, most: int) -> list[int]:
    """At most so many of 0 … count − 1, evenly spread.

    >>> spread(10, 4), spread(2, 4)
    ([0, 3, 6, 9], [0, 1])
    """
    return sorted({int(place) for place in np.linspace(0, count - 1, min(count, most))})


def demo_cases(most: int) -> list[Case]:
    """Photographs of the bundled data, 28×28 gray."""
    catalogue = read_idx(demo_data())
    return [
        Case(f"demo {catalogue.samples[index].name}", catalogue.source.load(index).pixels)
        for index in spread(len(catalogue), most)
    ]


def odd_cases(record: Preprocessing) -> list[Case]:
    """A fixed set of images that preprocessing gets wrong if it can; the same for every network.

    Sizes from one pixel to six million, extreme shapes, sizes at which resizing has a special
    way (the network's own, its double and treble, one more and one less), flat images and
    the finest pattern, one channel and three, and files whose colours need converting.

    Args:
        record: of the network.
    """
    high, wide = record.height, record.width
    sizes = [
        (1, 1), (1, 300), (300, 1), (2, 2), (2, 4000), (4000, 3), (high, wide),
        (2 * high, 2 * wide), (3 * high, 2 * wide), (high + 1, wide + 1), (max(1, high - 1), wide),
        (high, 2 * wide + 1), (5 * high // 4 + 1, max(1, wide // 3)), (97, 61), (2000, 3000),
    ]  # fmt: skip
    cases = [_noise(height, width, 3) for height, width in sizes]
    cases += [
        _noise(height, width, 1) for height, width in ((1, 1), (31, 17), (3 * high, 3 * wide))
    ]
    return [*cases, *_patterns(4 * high + 2, 4 * wide + 2), *_converted()]


def _noise(height: int, width: int, channels: int) -> Case:
    rng = np.random.default_rng([height, width, channels])
    pixels = rng.integers(0, 256, (height, width, channels), np.uint8)
    return Case(f"noise {height}×{width}×{channels}", pixels)


def _patterns(height: int, width: int) -> list[Case]:
    board = (np.indices((height, width)).sum(0) % 2 * 255).astype(np.uint8)
    ramp = np.linspace(0, 255, width).astype(np.uint8)
    return [
        Case("black", np.zeros((height, width, 3), np.uint8)),
        Case("white", np.full((height, width, 3), 255, np.uint8)),
        Case("checkerboard", board[..., None]),
        Case("ramp", np.ascontiguousarray(np.broadcast_to(ramp[:, None], (height, width, 3)))),
    ]


def _converted() -> list[Case]:
    """What the reader makes of files whose colours need converting."""
    from PIL import Image

    rng = np.random.default_rng(0)
    values = rng.integers(0, 256, (41, 53, 4), np.uint8)
    deep = rng.integers(0, 65536, (29, 37), np.uint16)
    files = {
        "CMYK JPEG": (Image.frombytes("CMYK", (53, 41), values.tobytes()), "JPEG"),
        "RGBA PNG": (Image.frombytes("RGBA", (53, 41), values.tobytes()), "PNG"),
        "gray 16-bit PNG": (Image.fromarray(deep), "PNG"),
        "palette GIF": (Image.fromarray(values[..., 0]).convert("P"), "GIF"),
    }
    return [Case(name, _read_back(image, kind, name)) for name, (image, kind) in files.items()]


def _read_back(image: "Image", kind: str, name: str) -> Pixels:
    file = BytesIO()
    image.save(file, kind)
    return decode_image(file.getvalue(), name).pixels
