"""A studio with a small trained network, and somebody who visits its rooms."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from pellucid import api
from pellucid.images import save_image
from pellucid.training.run import Run

from ..conftest import Visitor, running, visiting

#: The machine may be busy with other things for a while.
expect.set_options(timeout=60_000)
#: Which channel of the images of a class is bright.
CLASSES = {"blues": 2, "greens": 1, "reds": 0}


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder per class, of noise that is brighter in one channel; two images are copies."""
    folder = tmp_path_factory.mktemp("images")
    random = np.random.default_rng(0)
    for name, channel in CLASSES.items():
        (folder / name).mkdir()
        for number in range(30):
            pixels = random.integers(0, 200, (20, 24, 3), np.uint8)
            pixels[..., channel] += 30
            save_image(folder / name / f"{number}.png", pixels)
    copy = (folder / "reds" / "0.png").read_bytes()
    (folder / "reds" / "copy.png").write_bytes(copy)
    return folder


@pytest.fixture(scope="session")
def run(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Trained for two epochs: right more often than not, and sometimes wrong."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    return api.train(images, folder, epochs=2, size=16, width=8)


@pytest.fixture(scope="session")
def studio(run: Run) -> Iterator[str]:
    """Address of a studio with the run."""
    with running(run.folder) as found:
        yield found


@pytest.fixture
def guest(browser: Browser, studio: str) -> Iterator[Visitor]:
    """Someone in the studio with the run."""
    with visiting(browser, studio) as found:
        yield found
