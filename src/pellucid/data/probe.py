"""A quick look at a few images, from which a plan is made before all are read."""

import time
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from pellucid.data.catalogue import Catalogue
from pellucid.data.scan import has_color
from pellucid.errors import DataError, ImageError


@dataclass(frozen=True, slots=True)
class Probe:
    """What an evenly spaced part of a data set looks like.

    Attributes:
        tried: how many samples were read.
        decoded: how many of them could be decoded.
        height: median height of those, in pixels.
        width: median width of those, in pixels.
        alike: all of those have that one size.
        colored: some pixel of some image has R, G and B that differ.
        seconds: to read and decode one image on one thread, on average.
    """

    tried: int
    decoded: int
    height: int
    width: int
    alike: bool
    colored: bool
    seconds: float


def probe(catalogue: Catalogue, count: int = 256) -> Probe:
    """Decode up to ``count`` samples, evenly spaced from the first to the last.

    The first is decoded once more beforehand, untimed: it loads the decoder too.

    Args:
        catalogue: a data set with at least one sample.
        count: how many samples to read at most; at least 1.

    Raises:
        DataError: none of them can be decoded.
    """
    indices = spread(len(catalogue), count)
    sizes, colored = [], False
    first_error: ImageError | None = None
    seconds = 0.0
    with suppress(ImageError):
        catalogue.source.load(indices[0])
    for index in indices:
        start = time.perf_counter()
        try:
            pixels = catalogue.source.load(index).pixels
        except ImageError as error:
            first_error = first_error or error
            continue
        seconds += time.perf_counter() - start
        sizes.append(pixels.shape[:2])
        colored = colored or has_color(pixels)
    if not sizes:
        raise DataError(
            f"{catalogue.root}: none of the {len(indices)} images tried can be decoded; "
            f"the first: {first_error}"
        )
    height, width = np.median(sizes, axis=0)
    return Probe(
        tried=len(indices),
        decoded=len(sizes),
        height=round(float(height)),
        width=round(float(width)),
        alike=len(set(sizes)) == 1,
        colored=colored,
        seconds=seconds / len(sizes),
    )


def spread(total: int, count: int) -> list[int]:
    """Up to ``count`` different indices of ``total``, evenly spaced, both ends included.

    >>> spread(9, 3), spread(2, 5), spread(7, 1)
    ([0, 4, 8], [0, 1], [0])
    """
    return [round(place) for place in np.linspace(0, total - 1, min(total, count)).tolist()]
