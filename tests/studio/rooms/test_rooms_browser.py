"""The rooms about a network in a real browser: their numbers are NumPy's, links bring them back."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect
from torch import nn

from pellucid.inference.predictor import Predictor, load_predictor
from pellucid.studio.photos import bundled
from pellucid.training.run import Run

from ..conftest import Visitor, unseen

ACCOUNT = ".account output"
ROOMS = {
    "/network": ".netview tbody tr",
    "/inside": ACCOUNT,
    "/why": ".scores li",
    "/data": ".matrix button",
}


@pytest.fixture(scope="module")
def predictor(run: Run) -> Predictor:
    return load_predictor(run.folder)


@pytest.fixture(scope="module")
def given(predictor: Predictor) -> NDArray[np.float64]:
    """(C, H, W), what the network gets of the cat."""
    record = predictor.card.preprocessing
    fitted = record.fit(bundled("cat").pixels)[None]
    found: NDArray[np.float64] = record.tensor(fitted)[0].astype(np.float64)
    return found


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def first_convolution(predictor: Predictor) -> tuple[str, nn.Conv2d]:
    modules = predictor.network.named_modules()
    return next((name, each) for name, each in modules if isinstance(each, nn.Conv2d))


def expected_sum(
    predictor: Predictor, given: NDArray[np.float64], at: tuple[int, int, int]
) -> float:
    """One output of the first convolution: plain float64 products, added up."""
    _, layer = first_convolution(predictor)
    weights = layer.weight.detach().numpy()[at[0]].astype(np.float64)
    (top, left), (down, across) = layer.padding, layer.stride
    padded = np.pad(given, ((0, 0), (top, top), (left, left)))
    y, x = at[1] * down, at[2] * across
    window = padded[:, y : y + weights.shape[1], x : x + weights.shape[2]]
    bias = 0.0 if layer.bias is None else float(layer.bias.detach()[at[0]])
    return float((window * weights).sum()) + bias


def test_the_account_on_the_page_is_numpys(
    guest: Visitor, predictor: Predictor, given: NDArray[np.float64]
) -> None:
    name, _ = first_convolution(predictor)
    for at in [(0, 0, 0), (3, 4, 5), (7, 2, 1)]:
        where = ",".join(map(str, at))
        page = guest.open(f"/inside?picture=cat&layer={name}&at={where}", ACCOUNT)
        shown = number(page.locator(ACCOUNT).inner_text())
        assert shown == pytest.approx(expected_sum(predictor, given, at), abs=1e-4)
        products = page.locator(".account .bar").all_inner_texts()
        rest = page.locator(".account tfoot td:last-child").all_inner_texts()
        assert sum(map(number, [*products, *rest])) == pytest.approx(shown, abs=1e-4)
        expect(page.locator(".account .check")).to_contain_text("Recomputed in float64")
        expect(page.locator(".account .check")).not_to_have_class(re.compile("bad"))
        page.close()


def test_pointing_at_a_map_explains_its_number(
    guest: Visitor, predictor: Predictor, given: NDArray[np.float64]
) -> None:
    name, _ = first_convolution(predictor)
    page = guest.open(f"/inside?picture=cat&layer={name}&at=1,0,0", ACCOUNT)
    expect(page.locator(".account h3")).to_contain_text("c 1, y 0, x 0")
    canvas = page.locator(".pixels canvas").first
    canvas.focus()
    for key in ["ArrowDown", "ArrowRight", "ArrowRight"]:
        page.keyboard.press(key)
    expect(page.locator(".account h3")).to_contain_text("c 1, y 1, x 2")
    shown = number(page.locator(ACCOUNT).inner_text())
    assert shown == pytest.approx(expected_sum(predictor, given, (1, 1, 2)), abs=1e-4)


def test_one_steps_down_to_the_pixels_and_up_again(guest: Visitor) -> None:
    page = guest.open("/inside?picture=cat", ACCOUNT)
    first = page.locator(".account h3").inner_text()
    page.locator(".account tbody button").first.click()
    page.wait_for_url(re.compile("trail="))
    expect(page.locator(".account h3")).not_to_have_text(first)
    page.get_by_role("button", name="Follow the largest term").click()
    expect(page.locator(".account h3")).to_contain_text("pixels at")
    where = re.findall(r"\d+", page.locator(".account h3").inner_text())
    c, y, x = map(int, where)
    assert number(page.locator(ACCOUNT).inner_text()) == bundled("cat").pixels[y, x, c]
    page.wait_for_url(re.compile("layer=pixels"))
    again = guest.open(page.url.removeprefix(guest.address), ACCOUNT)
    expect(again.locator(".account h3")).to_contain_text(f"pixels at c {c}, y {y}, x {x}")
    again.locator(".step").first.click()
    expect(again.locator(".account h3")).to_have_text(first)


def test_what_excites_a_channel(guest: Visitor) -> None:
    page = guest.open("/inside?picture=cat", ACCOUNT)
    page.get_by_role("button", name="Search the run's images").click()
    tiles = page.get_by_role("listbox", name="Images that excite the channel")
    expect(tiles.locator(".tile")).to_have_count(12)
    found = [number(each) for each in tiles.locator(".tile span").all_inner_texts()]
    assert found == sorted(found, reverse=True)
    tiles.locator(".tile").first.click()
    page.wait_for_url(re.compile(r"picture=[0-9a-f]{16}"))
    expect(page.locator(ACCOUNT)).to_have_text(re.compile(f"^{found[0]:.3g}"[:4]))


def scores(page: Page, place: int) -> dict[str, float]:
    """The scores that a list shows, by class."""
    rows = page.locator(".scores").nth(place).locator("li").all()
    return {
        row.locator(".name span").inner_text(): number(
            row.locator(".score").inner_text().split("\n")[0]
        )
        for row in rows
    }


def network_scores(predictor: Predictor, values: NDArray[np.float64]) -> dict[str, float]:
    import torch

    with torch.inference_mode():
        found = predictor.network(torch.tensor(values[None], dtype=torch.float32))[0]
    return dict(zip(predictor.classes, found.tolist(), strict=True))


def test_the_map_adds_up_to_the_score(
    guest: Visitor, predictor: Predictor, given: NDArray[np.float64]
) -> None:
    page = guest.open("/why?picture=cat&target=greens&against=reds", ".scores li")
    own = network_scores(predictor, given)
    assert scores(page, 0) == pytest.approx(own, abs=1e-3)
    told = page.locator(".readout").first
    expect(told).to_contain_text("the sum")
    names = told.locator("dt").all_inner_texts()
    values = [number(each.split("\n")[0]) for each in told.locator("dd").all_inner_texts()]
    shown = dict(zip(names, values, strict=True))
    assert shown["the network's score"] == pytest.approx(own["greens"] - own["reds"], abs=1e-4)
    assert shown["the sum"] == pytest.approx(shown["the network's score"], abs=1e-4)
    page.get_by_role("button", name="Compare with reds").first.click()
    expect(page.get_by_role("heading", name="What speaks for greens?", exact=True)).to_be_visible()


def test_covering_a_part_shows_the_networks_scores(
    guest: Visitor, predictor: Predictor, given: NDArray[np.float64]
) -> None:
    page = guest.open("/why?picture=cat&size=50&fill=gray", ".patch canvas")
    expect(page.locator(".scores").nth(1).locator("li")).to_have_count(3)
    page.locator(".patch canvas").focus()
    for key in ["ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"]:
        page.keyboard.press(key)
    page.wait_for_url(re.compile("left="))
    query = dict(part.split("=") for part in page.url.split("?")[1].split("&"))
    top, left = int(query.get("top", 0)), int(query["left"])
    assert (top, left) != (0, 0)
    covered = given.copy()
    covered[:, top : top + 8, left : left + 8] = 0
    expected = network_scores(predictor, covered)
    page.wait_for_timeout(1000)
    assert scores(page, 1) == pytest.approx(expected, abs=1e-3)
    again = guest.open(page.url.removeprefix(guest.address), ".patch canvas")
    expect(again.locator(".scores").nth(1).locator("small").first).to_be_visible()
    assert scores(again, 1) == pytest.approx(expected, abs=1e-3)


def test_a_drawing_is_asked_about(guest: Visitor) -> None:
    page = guest.open("/why?picture=cat", ".scores li")
    before = scores(page, 0)
    pad = page.locator(".pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 180, steps=6)
    page.mouse.up()
    page.wait_for_url(re.compile("picture=drawing"))
    expect(page.locator(".chooser select")).to_contain_text("Your drawing")
    page.wait_for_function("!document.querySelector('.busy')")
    page.wait_for_timeout(1500)
    assert scores(page, 0) != before


def test_the_drawing_and_its_ledger_are_linked(guest: Visitor, predictor: Predictor) -> None:
    page = guest.open("/network?picture=cat", ".netview tbody tr")
    rows = page.locator(".netview").first.locator("tbody tr")
    boxes = page.locator(".netview").first.locator("g[data-box]")
    assert rows.count() == boxes.count() > 5
    rows.nth(2).hover()
    expect(boxes.nth(2)).to_have_class("marked")
    boxes.nth(1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(rows.nth(3)).to_have_class(re.compile("marked"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("box=3"))
    expect(boxes.nth(3)).to_have_class(re.compile("chosen"))
    count = sum(each.numel() for each in predictor.network.parameters())
    expect(page.locator(".readout").nth(1)).to_contain_text(f"{count:,}")
    assert page.locator(".netview image").count() > 3


def test_two_networks_are_compared(guest: Visitor) -> None:
    page = guest.open("/network?picture=cat", ".netview tbody tr")
    page.get_by_role("button", name="Flatten + fully connected against GAP").click()
    page.wait_for_url(re.compile("network=alexnet&other=alexnet_gap"))
    expect(page.locator(".readout").nth(1)).to_contain_text("60,965,224")
    expect(page.locator(".netview:visible")).to_have_count(2)


def test_a_cell_opens_its_pictures_and_a_picture_asks_why(guest: Visitor, run: Run) -> None:
    page = guest.open("/data", ".matrix button")
    found = run.evaluation
    assert found is not None
    counts = [int(each) for each in page.locator(".matrix button").all_inner_texts()]
    assert sum(counts) == found.count
    truth = next(row for row, each in enumerate(found.confusion) if each[row])
    name = found.classes[truth].name
    page.get_by_role("button", name=f"{name} taken for {name}").click()
    tiles = page.get_by_role("listbox", name="Pictures of the cell")
    expect(tiles.locator(".tile")).to_have_count(found.confusion[truth][truth])
    assert all(name in each for each in tiles.locator("small").all_inner_texts())
    tiles.locator(".tile").first.click()
    page.wait_for_url(re.compile("/why"))
    page.wait_for_selector(".scores li")


def test_the_audits_copies_are_seen(guest: Visitor) -> None:
    page = guest.open("/data", ".matrix button")
    expect(page.locator(".verdicts")).to_contain_text("copies")
    copies = page.get_by_role("listbox", name="Copies, pair by pair")
    expect(copies.locator("img")).to_have_count(2)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("width", [360, 1920])
def test_no_room_is_wider_than_its_screen(
    browser: Browser, studio: str, room: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740}, color_scheme="dark")
    guest = Visitor(context, studio)
    page = guest.open(room, ROOMS[room])
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    context.close()
    assert guest.trouble == []


@pytest.mark.parametrize("room", ROOMS)
def test_everything_has_the_focus_once_and_shows_it(guest: Visitor, room: str) -> None:
    assert unseen(guest.open(room, ROOMS[room])) == []


def test_others_do_not_see_a_drawing(browser: Browser, guest: Visitor, studio: str) -> None:
    page = guest.open("/why?picture=cat", ".scores li")
    page.locator(".pad canvas").focus()
    for key in [" ", "ArrowRight", "ArrowDown"]:
        page.keyboard.press(key)
    page.wait_for_url(re.compile("picture=drawing"))
    context = browser.new_context()
    other = Visitor(context, studio)
    theirs = other.open("/why?picture=drawing", ".scores li")
    expect(theirs.locator(".note").first).to_contain_text("is not here")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("room", ROOMS)
def test_axe_finds_nothing(browser: Browser, studio: str, room: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    guest = Visitor(context, studio)
    page = guest.open(f"{room}?picture=cat" if room != "/data" else room, ROOMS[room])
    page.wait_for_timeout(1500)
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()
    assert guest.trouble == []
