"""How quickly the studio answers, in a real browser: first paint, and hovering.

``python benchmarks/studio.py`` opens a studio of its own and a headless chromium, visits each room
with an empty cache, and moves the pointer over the convolution room's output: from the pointer's
move to the frame in which the new sum stands on the page. Needs Debian's chromium.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from os import getloadavg

from playwright.sync_api import Browser, Page, sync_playwright

from pellucid.studio.rooms import ROOMS

OPEN = """
from pathlib import Path
from pellucid.studio.server import open_studio
open_studio(Path("none"), None, "127.0.0.1", 0, say=lambda s: print(s, flush=True),
            opened=lambda address: None)
"""
#: Moves the pointer to a cell; resolves with the milliseconds until the page shows its sum.
HOVER = """
([y, x]) => new Promise((done) => {
  const canvas = document.querySelectorAll(".pixels canvas")[1];
  const told = document.querySelector(".products");
  const box = canvas.getBoundingClientRect();
  const wanted = `Output at row ${y}, column ${x}`;
  const begin = performance.now();
  const watch = new MutationObserver(() => {
    if (told.querySelector("h3")?.textContent !== wanted) return;
    watch.disconnect();
    requestAnimationFrame(() => done(performance.now() - begin));
  });
  watch.observe(told, { childList: true, subtree: true, characterData: true });
  canvas.dispatchEvent(new PointerEvent("pointermove", {
    clientX: box.left + ((x + 0.5) / 24) * box.width,
    clientY: box.top + ((y + 0.5) / 16) * box.height,
  }));
})
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@contextmanager
def studio() -> Iterator[str]:
    """The address of a studio that runs meanwhile."""
    with subprocess.Popen([sys.executable, "-c", OPEN], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        found = re.search(r"http://\S+", run.stdout.readline())
        assert found
        try:
            yield found[0]
        finally:
            run.terminate()


def paints(browser: Browser, address: str, path: str, times: int) -> list[float]:
    """First contentful paints in milliseconds, each with an empty cache."""
    found = []
    for _ in range(times):
        page = browser.new_context().new_page()
        page.goto(address + path)
        page.wait_for_function(f"() => {PAINT}")
        found.append(page.evaluate(PAINT))
        page.context.close()
    return found


def hovers(page: Page, count: int) -> list[float]:
    """Milliseconds from a move to its sum, over cells in turn."""
    page.wait_for_selector(".legend:has-text('709')")
    page.wait_for_timeout(500)
    return [page.evaluate(HOVER, [i % 16, (i * 7) % 24]) for i in range(1, count + 1)]


def line(name: str, values: list[float]) -> str:
    """Median and 95th percentile."""
    late = statistics.quantiles(values, n=20, method="inclusive")[-1]
    return f"{name:<14} median {statistics.median(values):6.1f} ms   95% {late:6.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="visits of each room")
    parser.add_argument("--moves", type=int, default=200, help="moves of the pointer")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with studio() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        print(f"load before: {getloadavg()[0]:.1f}")
        for room in ROOMS:
            print(line(room.path, paints(browser, address, room.path, options.times)))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{address}/convolution")
        print(line("hover", hovers(page, options.moves)))
        browser.close()


if __name__ == "__main__":
    main()
