"""The page in a real browser: it asks for nothing, says no error, and its niceties work."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pellucid.report import write_report

from .conftest import MakeRun

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield browser
        browser.close()


def visit(browser: Browser, page: Path, width: int) -> tuple[Page, list[str]]:
    """Open a page; the list grows with whatever goes wrong or leaves the file."""
    tab = browser.new_page(viewport={"width": width, "height": 800})
    trouble: list[str] = []
    tab.on("console", lambda message: trouble.append(message.text))
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("dialog", lambda dialog: trouble.append(dialog.message))
    tab.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:")) else trouble.append(request.url)
        ),
    )
    tab.goto(page.as_uri())
    return tab, trouble


def test_a_hostile_page_on_a_phone(browser: Browser, make_run: MakeRun) -> None:
    names = ["<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "x" * 200]
    tab, trouble = visit(browser, write_report(make_run(names)), 390)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    assert tab.locator("[data-class]").all_text_contents() == names
    assert trouble == []


def test_sorting_and_reading_values(browser: Browser, make_run: MakeRun) -> None:
    names = [f"kind {k}" for k in range(30)]
    tab, trouble = visit(browser, write_report(make_run(names)), 1280)
    tab.get_by_role("button", name="F1").click()
    shown = tab.locator(".classes tbody td:last-child").all_text_contents()
    values = [float(text.rstrip("%")) for text in shown]
    assert values == sorted(values, reverse=True) and len(set(values)) > 5
    tab.locator(".hit").first.hover()
    assert tab.locator(".curves .readout").first.text_content() == (
        tab.locator(".hit title").first.text_content()
    )
    tab.locator(".key").scroll_into_view_if_needed()
    box = tab.locator(".map .ground").bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + box["width"] * 20.5 / 30, box["y"] + box["height"] * 20.5 / 30)
    note = tab.locator("#confusions .readout").text_content() or ""
    assert note.startswith("kind 20 → kind 20: ")
    assert int(note.rsplit(" ", 1)[1]) > 0
    assert trouble == []
