"""How quickly a number of a large network is explained, in a real browser.

``python benchmarks/studio_network.py`` opens a studio with GoogLeNet (random weights, 224×224) and
a headless chromium, and moves the pointer over maps of some layers: from the pointer's move to the
account on the page. Needs Debian's chromium.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
from os import getloadavg
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pellucid.data.preprocessing import Preprocessing
from pellucid.inference.bundle import save_bundle
from pellucid.inference.card import Card
from pellucid.models import Architecture

OPEN = """
import sys
from pathlib import Path
from pellucid.studio.server import open_studio
open_studio(Path(sys.argv[1]), None, "127.0.0.1", 0, say=lambda s: print(s, flush=True),
            opened=lambda address: None)
"""
LAYERS = (
    "trunk.conv1.conv",
    "trunk.inception_3b.three.conv.conv",
    "trunk.inception_4e.five.conv.conv",
    "trunk.inception_5b.cat",
)
#: Moves the pointer 40 times; the milliseconds until the account's title is another one.
HOVER = """async () => {
  const canvas = document.querySelector(".pixels canvas"), box = canvas.getBoundingClientRect();
  const title = () => document.querySelector(".account h3").textContent;
  const times = [];
  for (let i = 0; i < 40; i++) {
    const before = title(), begin = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointermove", {
      clientX: box.left + box.width * (0.05 + 0.9 * ((i * 0.37) % 1)),
      clientY: box.top + box.height * (0.05 + 0.9 * ((i * 0.61) % 1)),
    }));
    while (title() === before && performance.now() - begin < 5000) {
      await new Promise((done) => requestAnimationFrame(done));
    }
    times.push(performance.now() - begin);
    await new Promise((done) => setTimeout(done, 50));
  }
  return times;
}"""


def make_bundle(folder: Path) -> Path:
    """GoogLeNet of ten classes with the random weights of seed 0."""
    arguments = {"classes": 10, "channels": 3, "height": 224, "width": 224}
    record = Preprocessing("rgb", 224, 224, (0.5,) * 3, (0.25,) * 3)
    network = Architecture("googlenet", arguments).sample(seed=0).eval()
    card = Card("googlenet", arguments, record, tuple(map(str, range(10))))
    save_bundle(folder / "bundle", network, card)
    return folder / "bundle"


def hover(page: Page, address: str) -> list[float]:
    """Milliseconds of each move, over all layers."""
    page.set_default_timeout(300_000)
    times: list[float] = []
    for layer in LAYERS:
        page.goto(f"{address}/inside?picture=cat&layer={layer}")
        page.wait_for_selector(".account output")
        page.wait_for_timeout(2000)
        times += page.evaluate(HOVER)
    return times


def main() -> None:
    """Print median and 95th percentile."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = make_bundle(Path(folder))
        command = [sys.executable, "-c", OPEN, str(bundle)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            words = server.stdout.readline().split()
            address = next(word for word in words if word.startswith("http"))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
                )
                times = hover(browser.new_page(), address)
                browser.close()
            server.terminate()
    cuts = statistics.quantiles(times, n=20)
    print(
        f"{len(times)} accounts of GoogLeNet's numbers: median {statistics.median(times):.0f} ms, "
        f"95th percentile {cuts[-1]:.0f} ms; load {getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
