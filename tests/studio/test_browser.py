"""The rooms in a real browser: what is seen is what NumPy computes, and nothing leaves."""

import re

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from scipy import signal

from pellucid.studio.photos import bundled
from pellucid.studio.rooms.common import small_plane

from .conftest import Visitor, unseen
from .test_app import png

ROOMS = ("/image", "/convolution", "/pooling", "/series")
PLANE = small_plane(bundled("village").pixels, "gray", 24).astype(float)
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


def total(page: Page, part: int = 0) -> float:
    """The exact sum that a part of the page shows."""
    return float(page.locator(".products").nth(part).get_attribute("data-total") or "nan")


def cell(page: Page, view: int, y: int, x: int, shape: tuple[int, int]) -> tuple[float, float]:
    """Where a cell of a picture lies on the screen; ``shape`` with its padding."""
    canvas = page.locator(".pixels canvas").nth(view)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    return (
        box["x"] + (x + 0.5) / shape[1] * box["width"],
        box["y"] + (y + 0.5) / shape[0] * box["height"],
    )


def test_hovering_the_output_shows_what_numpy_computes(visitor: Visitor) -> None:
    page = visitor.open("/convolution")
    expect(page.locator(".legend").first).to_contain_text(re.compile(r"\d"))
    expected = signal.correlate2d(PLANE, SOBEL, "same")
    for y, x in [(0, 0), (7, 11), (15, 23), (3, 20)]:
        page.mouse.move(*cell(page, 1, y, x, PLANE.shape))
        expect(page.locator(".products h2").first).to_have_text(f"Output at row {y}, column {x}")
        assert total(page) == expected[y, x]
        shown = page.locator(".sum .grid").first.locator("b").all_text_contents()
        framed = np.pad(PLANE, 1)[y : y + 3, x : x + 3].ravel()
        assert [float(number) for number in shown] == framed.tolist()
        products = page.locator(".sum .grid.product").first.locator("b").all_text_contents()
        made = [float(each.replace("−", "-")) for each in products]
        assert made == (framed * SOBEL.ravel()).tolist()


def test_hovering_the_input_tells_who_uses_it(visitor: Visitor) -> None:
    page = visitor.open("/convolution?padding=valid")
    expect(page.locator(".legend").first).to_contain_text(re.compile(r"\d"))
    for (y, x), count in {(0, 0): 1, (0, 9): 3, (8, 9): 9}.items():
        page.mouse.move(*cell(page, 0, y, x, PLANE.shape))
        told = page.locator(".products").first
        expect(told).to_contain_text(f"Input at row {y}, column {x}: {PLANE[y, x]:.0f}")
        expect(told).to_contain_text(f"{count} output")


def test_a_filter_sums_over_all_channels(visitor: Visitor) -> None:
    page = visitor.open("/convolution")
    expect(page.locator(".part .caption").first).to_contain_text(re.compile("times"))
    pixels = bundled("village").pixels
    page.mouse.move(*cell(page, 4, 6, 12, PLANE.shape))
    told = page.locator(".products").nth(1)
    expect(told.locator("h2")).to_have_text("Feature map 1 at row 6, column 12")
    planes = [small_plane(pixels, name, 24).astype(float) for name in ("red", "green", "blue")]
    expected = sum(signal.correlate2d(plane, SOBEL, "same")[6, 12] for plane in planes)
    assert total(page, 1) == expected
    assert told.locator(".sum").count() == 3
    expect(page.get_by_text("= 54 parameters (with a bias for each filter 56)")).to_be_visible()


def test_typing_a_kernel_changes_the_address_and_the_address_restores_it(visitor: Visitor) -> None:
    page = visitor.open("/convolution?stride=2&y=2&x=3")
    expect(page.locator(".products h2").first).to_have_text("Output at row 2, column 3")
    first = page.locator(".weights").first.locator("input")
    first.nth(4).fill("1/9")
    first.nth(4).press("Enter")
    page.wait_for_url(re.compile(r"kernel=-1\+0\+1%3B\+-2\+1%2F9\+2"))
    expect(page.locator(".sum .grid.kernel b").nth(4)).to_have_text("1/9")
    seen = total(page)
    again = visitor.open(page.url.split("/", 3)[3].join(["/", ""]))
    expect(again.locator(".products h2").first).to_have_text("Output at row 2, column 3")
    assert total(again) == seen
    expect(again.locator(".weights").first.locator("input").nth(4)).to_have_value("1/9")


def test_pixels_show_their_numbers_by_keyboard(visitor: Visitor) -> None:
    page = visitor.open("/image")
    canvas = page.locator(".pixels canvas").first
    expect(page.locator(".plane").first).to_be_visible()
    canvas.focus()
    for key in ["ArrowDown", "Shift+ArrowDown", "ArrowRight", *["+"] * 6, "ArrowRight"]:
        page.keyboard.press(key)
    pixels = bundled("village").pixels
    readout = page.locator(".readout")
    expect(readout.locator("h3")).to_have_text("Row 10, column 2")
    shown = readout.locator("dd").all_text_contents()
    assert [int(number) for number in shown] == pixels[10, 2].tolist()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("y=10&x=2"))


def test_one_uploads_and_the_other_does_not_see_it(
    browser: Browser, address: str, visitor: Visitor
) -> None:
    page = visitor.open("/image")
    page.locator("input[type=file]").set_input_files(
        {"name": "garden.png", "mimeType": "image/png", "buffer": png(3, (20, 30))}
    )
    page.wait_for_url(re.compile(r"picture=[0-9a-f]{16}"))
    expect(page.locator(".stage .caption").first).to_contain_text("30 × 20 pixels")
    expect(page.locator(".chooser select")).to_contain_text("garden.png")
    context = browser.new_context()
    other = Visitor(context, address)
    theirs = other.open(page.url.removeprefix(address))
    expect(theirs.locator(".note").first).to_contain_text("is not here")
    assert "garden" not in theirs.content()
    source = page.locator(".plane img").first.get_attribute("src")
    assert source is not None
    assert theirs.request.get(address + source).status == 404
    assert page.request.get(address + source).status == 200
    context.close()
    assert other.trouble == []


def test_a_bad_picture_is_one_sentence(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = Visitor(context, address).open("/image")
    page.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    expect(page.get_by_role("alert")).to_contain_text("cannot read 'notes.txt'")
    context.close()


def test_playing_slides_the_kernel(visitor: Visitor) -> None:
    page = visitor.open("/pooling?side=12")
    expect(page.locator(".legend").first).to_contain_text(re.compile(r"\d"))
    page.get_by_role("button", name="Play").click()
    plane = small_plane(bundled("village").pixels, "gray", 12)
    expect(page.locator(".products h2")).to_have_text(re.compile(r"row 0, column [1-9]"))
    page.get_by_role("button", name="Pause").click()
    page.wait_for_url(re.compile(r"[?&]x=\d+"))
    y, x = map(int, re.findall(r"\d+", page.locator(".products h2").inner_text()))
    assert f"x={x}" in page.url
    assert total(page) == plane[2 * y : 2 * y + 2, 2 * x : 2 * x + 2].max()


def test_a_series_tells_how_a_value_came_about(visitor: Visitor) -> None:
    page = visitor.open("/series?operator=aggregate&every=22&t=50")
    readout = page.locator(".readout")
    expect(readout.locator("h3")).to_have_text("Time 50")
    expect(readout).to_contain_text("last(")
    page.locator(".plot").focus()
    page.keyboard.press("ArrowLeft")
    expect(readout.locator("h3")).to_have_text("Time 42")


def test_sliders_mix_the_channels(visitor: Visitor) -> None:
    page = visitor.open("/image?operator=mix&y=10&x=2")
    slider = page.get_by_label("Mixing matrix, row 1, column 2, slider")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"matrix=1\+0.25\+0"))
    pixel = bundled("village").pixels[10, 2].astype(float)
    mixed = np.array([[1, 0.25, 0], [0, 1, 0], [0, 0, 1]]) @ pixel
    expected = np.clip(np.rint(mixed), 0, 255).astype(int).astype(str).tolist()
    for place, value in enumerate(expected):
        expect(page.locator(".readout dd").nth(place)).to_have_text(re.compile(rf"^\s*{value}"))
    expect(page.get_by_label("Mixing matrix, row 1, column 2", exact=True)).to_have_value("0.25")


@pytest.mark.parametrize("room", ROOMS)
def test_everything_has_the_focus_once_and_shows_it(visitor: Visitor, room: str) -> None:
    assert unseen(visitor.open(room)) == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_on_all_screens_in_both_themes(visitor: Visitor, room: str) -> None:
    page = visitor.open(room)
    for width in (360, 1920, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") == width
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(150)
        found = axe.run(page)
        assert found.violations_count == 0, found.generate_report()
