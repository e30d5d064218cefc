"""A studio with a small trained network, and somebody who visits its rooms."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pellucid import api
from pellucid.images import save_image
from pellucid.training.run import Run

#: The machine may be busy with other things for a while.
expect.set_options(timeout=60_000)
OPEN = """
import sys
from pathlib import Path
from pellucid.studio.server import open_studio
open_studio(Path(sys.argv[1]), None, "127.0.0.1", 0, say=lambda s: print(s, flush=True),
            opened=lambda address: None)
"""
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
    process = subprocess.Popen(
        [sys.executable, "-c", OPEN, str(run.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    words = process.stdout.readline().split()
    yield next(word for word in words if word.startswith("http"))
    process.terminate()
    said, wrong = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "Traceback" not in said + wrong, wrong


class Guest:
    """Somebody with a browser; what goes wrong on their pages is kept."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self._context, self.address = context, address
        self.trouble: list[str] = []

    def open(self, path: str, shown: str) -> Page:
        """A room, once something is there."""
        page = self._context.new_page()
        page.set_default_timeout(120_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("request", lambda request: self._request(request.url))
        page.goto(self.address + path)
        page.wait_for_selector(shown)
        return page

    def _console(self, message: object) -> None:
        if getattr(message, "type", "") in ("error", "warning"):
            self.trouble.append(str(message))

    def _request(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.trouble.append(url)


@pytest.fixture
def guest(browser: Browser, studio: str) -> Iterator[Guest]:
    """One at a usual screen; nothing may go wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found = Guest(context, studio)
    yield found
    context.close()
    assert found.trouble == []
