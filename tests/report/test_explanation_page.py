"""The page of an explanation: what it says, and how it stands in a browser."""

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import sync_playwright
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.explain import Trace, account, effective_field, feature_maps, trace_picture
from pellucid.explain.maps import explain_class
from pellucid.explain.steps import to_pixels
from pellucid.images.read import Picture
from pellucid.models import Architecture
from pellucid.report.explained_layers import main_layers
from pellucid.report.explanation import Explanation, render_explanation

from .page_reader import Node, PageReader

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NAMES = ("<script>alert(1)</script>", "x" * 90, "two\nlines")


@pytest.fixture(scope="module")
def trace() -> Trace:
    architecture = Architecture("compact", {"classes": 3, "channels": 3, "widths": [4, 4, 4]})
    network = architecture.sample(seed=1)
    torch.manual_seed(0)
    nn.init.normal_(network.get_parameter("head.maps.weight"))
    pixels = np.random.default_rng(0).integers(0, 256, (36, 48, 3), np.uint8)
    picture = Picture(pixels, "array", "RGB", bytes(16))
    record = Preprocessing("rgb", 16, 16, (0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
    return trace_picture(network, picture, record, classes=NAMES)


@pytest.fixture(scope="module")
def whole(trace: Trace) -> Explanation:
    """Of a class, with everything."""
    found = explain_class(trace, 0)
    steps = to_pixels(account(trace, trace.output, (0,)))
    effective = effective_field(trace, found.layers[0], (1, 1))
    return Explanation(trace, found, steps=steps, field=effective.field, effective=effective)


def page(explanation: Explanation) -> Node:
    text = render_explanation(explanation, run="runs/<b>", image="/some/where/a&b.png")
    return PageReader(text).root


def test_everything_about_a_class(whole: Explanation) -> None:
    assert whole.found is not None
    read = page(whole)
    sections = [section.attributes["id"] for section in read.all("section")]
    assert sections == ["map", "scores", "field", "account", "layers", "filters", "terms"]
    linked = [link.attributes["href"][1:] for link in read.one("nav").all("a")]
    assert linked == sections
    assert NAMES[0] in read.one("h1").text and "two\\nlines" in read.text
    assert "a&b.png" in read.text and "/some/where" not in read.text
    sums = [cell.text for cell in read.one("table", kind="sum").all("td")]
    assert f"{whole.found.score:.7g}".replace("-", "−") in sums
    for image in read.all("img"):
        assert image.attributes["src"].startswith("data:image/") and "alt" in image.attributes
        Image.open(io.BytesIO(base64.b64decode(image.attributes["src"].split(",")[1]))).verify()
    assert [script.attributes for script in read.all("script")] == [{}]


def test_every_step_has_its_numbers(whole: Explanation) -> None:
    steps = page(whole).one("ol", kind="steps").all("details")
    assert len(steps) == len(whole.steps)
    for drawn, step in zip(steps, whole.steps, strict=True):
        text = drawn.text
        assert f"{step.account.total:.7g}" in text and f"{step.account.found:.7g}" in text
        assert step.account.formula in text and step.account.name in text
        marked = drawn.all("tr", kind="asked")
        assert len(marked) == (step.followed is not None)
    assert "open" in steps[0].attributes and "open" not in steps[1].attributes


def test_a_wrong_number_is_said_to_be_wrong(whole: Explanation) -> None:
    from dataclasses import replace

    first = whole.steps[0]
    wrong = first._replace(account=replace(first.account, found=first.account.found + 1))
    text = page(Explanation(whole.trace, steps=(wrong,))).text
    assert "NOT within" in text and "more than rounding allows" in text
    assert "NOT within" not in page(whole).text


def test_the_maps_of_a_layer(trace: Trace) -> None:
    maps = feature_maps(trace, "stem.0", order="largest")
    read = page(Explanation(trace, maps=maps))
    assert [each.attributes["id"] for each in read.all("section")] == ["maps", "terms"]
    tiles = read.one("ul", kind="tiles").all("li")
    assert [int(tile.one("b").text) for tile in tiles] == list(maps.channels)
    src = tiles[0].one("img").attributes["src"].split(",")[1]
    drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(src))))
    assert (drawn == maps.map(maps.channels[0])).all()


def test_the_layers_of_a_page() -> None:
    def names(network: nn.Module, size: int) -> list[str]:
        picture = Picture(np.zeros((size, size, 3), np.uint8), "array", "RGB", bytes(16))
        record = Preprocessing("rgb", size, size, (0.5,) * 3, (0.5,) * 3)
        found = trace_picture(network, picture, record)
        return [found.names[node.index] for node in main_layers(found)]

    flat = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 2))
    assert names(flat, 8) == ["0", "1"]
    arguments = {"classes": 2, "channels": 3, "height": 64, "width": 64, "auxiliary": False}
    google = Architecture("googlenet", arguments)
    layers = names(google.sample(seed=0), 64)
    assert 10 <= len(layers) <= 20 and "trunk.inception_3a.cat" in layers


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
def test_in_a_browser(whole: Explanation, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(render_explanation(whole, run="run", image="a.png"), "utf-8")
    trouble: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        tab = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme="dark")
        tab.on("console", lambda message: trouble.append(message.text))
        tab.on("pageerror", lambda error: trouble.append(str(error)))
        tab.on("dialog", lambda dialog: trouble.append(dialog.message))
        tab.on("request", lambda sent: trouble.append(sent.url) if "http" in sent.url[:5] else None)
        tab.goto(path.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        ink, paper = (
            tab.evaluate(f"getComputedStyle(document.body).{name}")
            for name in ("color", "backgroundColor")
        )
        assert ink == "rgb(232, 235, 238)" and paper == "rgb(19, 23, 27)"
        second = tab.locator(".steps summary").nth(1)
        assert not tab.locator(".steps details").nth(1).locator("table").is_visible()
        second.focus()
        tab.keyboard.press("Enter")
        assert tab.locator(".steps details").nth(1).locator("table").is_visible()
        browser.close()
    assert trouble == []
