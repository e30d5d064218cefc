"""Take pictures of the studio: those of the docs, or every room on every screen.

``python benchmarks/studio_pictures.py RUN`` writes ``docs/studio-*.png``;
``python benchmarks/studio_pictures.py RUN --every -o FOLDER`` each room, whole, 360, 1280 and 1920
pixels wide, light and dark. RUN has its data where it was; those of the docs are of ``compact`` and
ten classes of Caltech-101. Needs Debian's chromium.
"""

import argparse
import shutil
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from studio import ROOMS, studio

WIDTHS = {360: 740, 1280: 960, 1920: 1080}


class Scene(NamedTuple):
    """A picture of the docs."""

    name: str
    address: str
    theme: str = "light"


SCENES = (
    Scene("convolution", "/convolution?side=16&y=5&x=5"),
    Scene("network", "/network?picture=cat&box=3", "dark"),
    Scene("inside", "/inside?picture=cat&layer=stages.0.second.conv"),
    Scene("why", "/why?picture=cat&target=Leopards&against=butterfly", "dark"),
)


def visit(browser: Browser, base: str, address: str, theme: str, width: int) -> Page:
    """A page, once it shows what it has to show."""
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme=theme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto(base + address)
    page.wait_for_selector(ROOMS[address.partition("?")[0]], timeout=300_000)
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
            for room in options.only or ROOMS:
                for theme in ("light", "dark"):
                    for width in WIDTHS:
                        page = visit(browser, address, room, theme, width)
                        save(page, options.output / f"{room[1:]}-{width}-{theme}.png", whole=True)
        else:
            for scene in SCENES:
                page = visit(browser, address, scene.address, scene.theme, 1280)
                save(page, options.output / f"studio-{scene.name}.png", whole=False)
        browser.close()


if __name__ == "__main__":
    main()
