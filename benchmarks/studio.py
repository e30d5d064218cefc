"""How quickly the studio answers, in a real browser, with a GoogLeNet-size network loaded.

``python benchmarks/studio.py`` opens a studio with GoogLeNet (random weights, 224×224) and a
headless chromium. It visits each room with an empty cache: milliseconds to the first contentful
paint, and until the room shows what it has to show. Then it moves the pointer: over the convolution
room's output until the sum stands on the page, and over maps of four layers of GoogLeNet until the
account of the number does. Needs Debian's chromium.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import getloadavg
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from pellucid.data.preprocessing import Preprocessing
from pellucid.inference.bundle import save_bundle
from pellucid.inference.card import Card
from pellucid.models import Architecture

#: Rooms, with what tells that they show what they have to show.
ROOMS = {
    "/image": ".plane",
    "/convolution": ".products h2",
    "/pooling": ".products h2",
    "/series": ".plot svg path.line",
    "/network": ".netview tbody tr",
    "/inside": ".account output",
    "/why": ".scores li",
    "/data": ".matrix button, .note:not(:empty)",
}
LAYERS = (
    "trunk.conv1.conv",
    "trunk.inception_3b.three.conv.conv",
    "trunk.inception_4e.five.conv.conv",
    "trunk.inception_5b.cat",
)
#: Moves the pointer over a picture; the milliseconds until a title on the page is another one.
HOVER = """
async ([canvas, title, count]) => {
  const view = document.querySelectorAll(".pixels canvas")[canvas];
  view.scrollIntoView({ block: "center" });
  const box = view.getBoundingClientRect(), times = [];
  const told = () => document.querySelector(title).textContent;
  for (let i = 1; i <= count; i++) {
    const before = told(), begin = performance.now();
    view.dispatchEvent(new PointerEvent("pointermove", {
      clientX: box.left + box.width * (0.05 + 0.9 * ((i * 0.37) % 1)),
      clientY: box.top + box.height * (0.05 + 0.9 * ((i * 0.61) % 1)),
    }));
    while (told() === before && performance.now() - begin < 5000) {
      await new Promise((done) => requestAnimationFrame(done));
    }
    times.push(performance.now() - begin);
    await new Promise((done) => setTimeout(done, 50));
  }
  return times;
}"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def make_bundle(folder: Path) -> Path:
    """GoogLeNet of ten classes with the random weights of seed 0."""
    arguments = {"classes": 10, "channels": 3, "height": 224, "width": 224}
    record = Preprocessing("rgb", 224, 224, (0.5,) * 3, (0.25,) * 3)
    network = Architecture("googlenet", arguments).sample(seed=0).eval()
    card = Card("googlenet", arguments, record, tuple(map(str, range(10))))
    save_bundle(folder / "bundle", network, card)
    return folder / "bundle"


@contextmanager
def studio(network: Path) -> Iterator[str]:
    """The address of a studio that runs meanwhile."""
    command = [sys.executable, "-m", "pellucid", "studio", str(network), "--no-browser"]
    with subprocess.Popen([*command, "--port=0"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        found = re.search(r"http://[\d.:]+", said)
        if found is None:
            sys.exit(said + process.stderr.read())
        try:
            yield found[0]
        finally:
            process.terminate()


def visits(
    browser: Browser, address: str, room: str, times: int
) -> tuple[list[float], list[float]]:
    """Milliseconds to the first contentful paint and to the content, each with an empty cache."""
    paints, contents = [], []
    for _ in range(times):
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.set_default_timeout(300_000)
        page.goto(f"{address}{room}", wait_until="commit")
        page.wait_for_selector(ROOMS[room])
        contents.append(page.evaluate("performance.now()"))
        page.wait_for_function(f"() => {PAINT}")
        paints.append(page.evaluate(PAINT))
        page.context.close()
    return paints, contents


def hovers(page: Page, address: str, canvas: int, title: str, count: int) -> list[float]:
    """Milliseconds of each move over a picture."""
    page.goto(address)
    page.wait_for_selector(title)
    page.wait_for_timeout(3000)
    found: list[float] = page.evaluate(HOVER, [canvas, title, count])
    return found


def line(name: str, values: list[float]) -> str:
    """Median and 95th percentile."""
    late = statistics.quantiles(values, n=20, method="inclusive")[-1]
    return f"{name:<28} median {statistics.median(values):7.1f} ms   95% {late:7.1f} ms"


def measure(browser: Browser, address: str, times: int, moves: int) -> None:
    """Print all figures."""
    print(f"load before: {getloadavg()[0]:.1f}")
    for room in ROOMS:
        paints, contents = visits(browser, address, room, times)
        print(line(f"{room} first paint", paints))
        print(line(f"{room} content", contents))
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(300_000)
    print(line("hover, a convolution's sum", hovers(
        page, f"{address}/convolution", 1, ".products h2", 4 * moves
    )))  # fmt: skip
    told: list[float] = []
    for layer in LAYERS:
        where = f"{address}/inside?picture=cat&layer={layer}"
        told += hovers(page, where, 0, ".account h3", moves)
    print(line("hover, a number of GoogLeNet", told))
    print(f"load after: {getloadavg()[0]:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="visits of each room")
    parser.add_argument("--moves", type=int, default=50, help="of the pointer, over each layer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bundle = make_bundle(Path(folder))
        with studio(bundle) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            measure(browser, address, options.times, options.moves)
            browser.close()


if __name__ == "__main__":
    main()
