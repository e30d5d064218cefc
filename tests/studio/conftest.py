"""A studio in a process of its own, and a browser to visit it with."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPEN = """
import sys
from pathlib import Path
from pellucid.studio.server import open_studio
open_studio(Path(sys.argv[1]), None, "127.0.0.1", 0, say=lambda s: print(s, flush=True),
            opened=lambda address: None)
"""


@contextmanager
def running(model: Path) -> Iterator[str]:
    """The address of a studio that runs meanwhile; no error may be left unsaid at its end."""
    process = subprocess.Popen(
        [sys.executable, "-c", OPEN, str(model)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found, process.stderr and process.stderr.read()
    yield found[0]
    process.terminate()
    said, wrong = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "Traceback" not in said + wrong, wrong


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Of a studio whose network is never opened: so there need not be one."""
    with running(Path("none")) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield browser
        browser.close()


class Visitor:
    """Someone with a browser of their own.

    Attributes:
        address: of the studio.
        trouble: what went wrong on their pages, and whatever left this machine.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self._context, self.address = context, address
        self.trouble: list[str] = []

    def open(self, path: str, shown: str = ".pixels canvas, .plot svg") -> Page:
        """A room, when it has shown what it has to show."""
        page = self._context.new_page()
        page.set_default_timeout(120_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("request", lambda request: self._request(request.url))
        page.goto(self.address + path)
        page.wait_for_selector(shown)
        page.wait_for_function("window.did_handshake === true")
        return page

    def _console(self, message: object) -> None:
        if getattr(message, "type", "") in ("error", "warning"):
            self.trouble.append(str(message))

    def _request(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.trouble.append(url)


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone at a usual screen; nothing may go wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found = Visitor(context, address)
    yield found
    context.close()
    assert found.trouble == []


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone in the studio without a network."""
    with visiting(browser, address) as found:
        yield found


#: What has the focus: whether that is seen, whether it was there before, and what it is.
_FOCUS = """() => {
  const focused = document.activeElement;
  if (focused === document.body) return null;
  const field = focused.closest(".q-field")?.querySelector(".q-field__control");
  const near = [focused, focused.nextElementSibling, focused.parentElement, field].filter(Boolean);
  const thick = (style) => parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none";
  const ring = near.map((each) => getComputedStyle(each))
    .some((style) => thick(style) || style.boxShadow !== "none");
  const again = focused.dataset.visited === "yes";
  focused.dataset.visited = "yes";
  return { ring, again, what: focused.outerHTML.slice(0, 200) };
}"""


def unseen(page: Page) -> list[str]:
    """What the Tab key comes to without showing it, on its way once through the page."""
    page.wait_for_timeout(1000)
    stops = []
    while len(stops) < 200:
        page.keyboard.press("Tab")
        now = page.evaluate(_FOCUS)
        if now is None or now["again"]:
            break
        stops.append(now)
    assert 10 < len(stops) < 200
    return [stop["what"] for stop in stops if not stop["ring"]]
