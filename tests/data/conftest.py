"""Data sets without files, for tests of what comes after reading."""

import threading
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from pellucid.data.catalogue import Catalogue, Sample
from pellucid.errors import ImageError
from pellucid.images.read import Picture, Pixels


class FakeSource:
    """Images in memory; an ImageError or any other exception in an image's place is raised."""

    def __init__(self, images: Sequence[Pixels | BaseException]) -> None:
        self.images = images
        self.loads = 0
        self.version = "1"
        self._lock = threading.Lock()

    def load(self, index: int, enough: int | None = None) -> Picture:
        with self._lock:
            self.loads += 1
        image = self.images[index]
        if isinstance(image, BaseException):
            raise image
        digest = blake2b(image.tobytes(), digest_size=16).digest()
        mode = "gray" if image.shape[2] == 1 else "RGB"
        notes = ("rotated by EXIF", "alpha over white")[: index % 3]
        return Picture(image, ("PNG", "JPEG")[index % 2], mode, digest, notes)

    def stamp(self, index: int) -> str:
        return f"{index}-{self.version}"

    def close(self) -> None:
        pass


def fake_catalogue(images: Sequence[Pixels | BaseException]) -> Catalogue:
    samples = [Sample(f"a/{index}.png", 0, None) for index in range(len(images))]
    return Catalogue(Path("/fake"), "folder", ("a", "b"), samples, (), FakeSource(images))


@pytest.fixture
def make_catalogue() -> Callable[[Sequence[Pixels | BaseException]], Catalogue]:
    return fake_catalogue


@pytest.fixture
def mixed_images() -> list[Pixels | BaseException]:
    """60 images, gray and colour, of many sizes; two that cannot be decoded."""
    rng = np.random.default_rng(0)
    images: list[Pixels | BaseException] = []
    for index in range(60):
        height, width = rng.integers(1, 90, 2)
        channels = 1 if index % 5 == 0 else 3
        images.append(rng.integers(0, 256, (height, width, channels)).astype(np.uint8))
    images[7] = ImageError("a/7.png: the file ends before the image does.", "truncated")
    images[31] = ImageError("a/31.png: the file has zero bytes.", "empty")
    return images
