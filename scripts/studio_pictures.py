"""Take pictures of the studio: those of the docs, or every room on every screen.

``python scripts/studio_pictures.py RUN`` writes ``docs/studio-*.png``;
``python scripts/studio_pictures.py RUN --every -o FOLDER`` each room, whole, 360, 1280 and 1920
pixels wide, light and dark. RUN is a run of photographs, with its data where it was. Needs Debian's
chromium.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

#: What tells that a room has something to show.
SHOWN = {
    "/image": ".plane",
    "/convolution": ".convergence svg",
    "/pooling": ".legend:has-text('255')",
    "/series": ".plot svg",
    "/network": ".netview tbody tr",
    "/inside": ".account output",
    "/why": ".scores li",
    "/data": ".matrix button",
}
WIDTHS = {360: 740, 1280: 800, 1920: 1080}


class Scene(NamedTuple):
    """A picture of the docs: its name, the address, the theme."""

    name: str
    address: str
    theme: str = "light"


SCENES = (
    Scene("convolution", "/convolution?side=16&y=5&x=5"),
    Scene("network", "/network?picture=cat&box=3", "dark"),
    Scene("inside", "/inside?picture=cat&layer=stages.0.second"),
    Scene("why", "/why?picture=cat", "dark"),
)


@contextmanager
def studio(run: Path) -> Iterator[str]:
    """The address of a studio with a run."""
    command = [sys.executable, "-m", "pellucid", "studio", str(run), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            said = process.stderr.readline()
            found = re.search(r"http://[\d.:]+", said)
            if found is None:
                sys.exit(said + process.stderr.read())
            yield found[0]
        finally:
            process.terminate()


def visit(browser: Browser, address: str, theme: str, width: int, ratio: float = 1) -> Page:
    """A page, once it shows all it has to show."""
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme=theme,  # type: ignore[arg-type]
        device_scale_factor=ratio,
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(SHOWN[re.search(r":\d+(/\w+)", address)[1]], timeout=300_000)  # type: ignore[index]
    page.wait_for_timeout(3000)
    return page


def save(page: Page, path: Path, *, whole: bool) -> None:
    """The page as a PNG of 256 colours."""
    page.screenshot(path=path, full_page=whole)
    page.context.close()
    with Image.open(path) as taken:
        taken.convert("RGB").quantize(256).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs"))
    parser.add_argument("--every", action="store_true", help="each room on each screen")
    parser.add_argument("--only", nargs="*", default=[], help="of --every: these rooms")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with studio(options.run) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        if options.every:
            for room in options.only or SHOWN:
                for theme in ("light", "dark"):
                    for width in WIDTHS:
                        page = visit(browser, f"{address}{room}", theme, width)
                        save(page, options.output / f"{room[1:]}-{width}-{theme}.png", whole=True)
        else:
            for scene in SCENES:
                page = visit(browser, address + scene.address, scene.theme, 1280)
                save(page, options.output / f"studio-{scene.name}.png", whole=False)
        browser.close()


if __name__ == "__main__":
    main()
