"""A folder of small pictures on which a training takes a second or two."""

from pathlib import Path

import cv2
import numpy as np
import pytest

NAMES = ("horizontal", "vertical 🐈", "none")


def picture(rng: np.random.Generator, label: int) -> np.ndarray:
    """A noisy gray picture (20, 24) of one of three classes of stripes."""
    image = rng.integers(0, 120, (20, 24))
    phase = rng.integers(4)
    if label == 0:
        image[phase::4] += 100
    if label == 1:
        image[:, phase::4] += 100
    return image.astype(np.uint8)


def write(folder: Path, each: int = 30, seed: int = 0) -> Path:
    """Make a data set with so many pictures a class."""
    rng = np.random.default_rng(seed)
    for label, name in enumerate(NAMES):
        (folder / name).mkdir(parents=True)
        for index in range(each):
            cv2.imwrite(str(folder / name / f"{index}.png"), picture(rng, label))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "data")
