"""The page in a real browser: by keyboard, light and dark, nothing from elsewhere."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.service.conftest import Server, picture

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "<b>one&amp;.png", tmp_path / "two.png", tmp_path / "bad.png"]
    for seed, path in enumerate(paths):
        path.write_bytes(picture(seed))
    paths[2].write_bytes(b"no picture")
    return paths


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_are_classified(
    browser: Any, server: Server, files: list[Path], scheme: str
) -> None:
    page = browser.new_page(color_scheme=scheme)
    elsewhere: list[str] = []
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((server.url, "blob:", "data:"))
            else elsewhere.append(asked.url)
        ),
    )
    page.goto(server.url)
    page.get_by_text("3 classes").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "file"  # the token's field is hidden
    page.set_input_files("#file", files)
    page.get_by_text("2 of 3 pictures classified.").wait_for()
    assert page.locator("article h2").all_inner_texts() == [path.name for path in files]
    assert "not an image" in page.locator("article .error").inner_text()
    assert page.locator("article").first.locator("tbody tr").count() == 3
    page.get_by_role("button", name="Show what speaks for it").first.focus()
    page.keyboard.press("Enter")
    map = page.locator(".map:not([hidden]) img")
    map.wait_for()
    assert map.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert "speaks for" in map.get_attribute("alt")
    assert page.evaluate("document.activeElement.className") == "map"
    assert not elsewhere and not wrong
    page.close()


def test_a_broken_picture_alone_is_said(browser: Any, server: Server, files: list[Path]) -> None:
    page = browser.new_page()
    page.goto(server.url)
    page.set_input_files("#file", files[2])
    page.locator("#state.bad").wait_for()
    assert "not an image" in page.locator("#state").inner_text()
    assert page.locator("#state").get_attribute("aria-live") == "polite"
    page.close()
