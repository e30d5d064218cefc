"""A folder of small pictures, and comparisons on it that take seconds."""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

import pellucid
from pellucid.comparison.folder import Comparison

CLASSES = ("horizontal", "none", "vertical")


def write_stripes(folder: Path, each: int = 24) -> Path:
    """Noisy gray pictures of 12×12 pixels in three classes."""
    rng = np.random.default_rng(0)
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
        for index in range(each):
            image = rng.integers(0, 120, (12, 12))
            if name == "horizontal":
                image[rng.integers(3) :: 3] += 100
            if name == "vertical":
                image[:, rng.integers(3) :: 3] += 100
            cv2.imwrite(str(folder / name / f"{index}.png"), image.astype(np.uint8))
    return folder


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for all tests; decoded images are kept in it, not in the user's cache."""
    folder = tmp_path_factory.mktemp("comparisons")
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    yield folder
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(scope="session")
def data(scratch: Path) -> Path:
    return write_stripes(scratch / "stripes")


@pytest.fixture(scope="session")
def finished(data: Path, scratch: Path) -> Comparison:
    """Three networks, one of which does not take images so small; two seeds."""
    return pellucid.compare(
        data,
        scratch / "finished",
        models=["fully_connected", "alexnet", "locally_connected"],
        epochs=2,
        seeds=2,
        seed=3,
    )
