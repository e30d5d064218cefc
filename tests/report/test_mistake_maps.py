"""The report shows what made the network give its surest wrong answers."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pellucid.errors import RunError
from pellucid.report import write_report

from .conftest import MakeRun
from .page_reader import Node, PageReader


def read(folder: Path) -> Node:
    return PageReader(write_report(folder).read_text("utf-8")).root


def add_maps(folder: Path, *, parts: list[list[object]], problem: str | None = None) -> None:
    maps = []
    for rank in range(0 if problem else 2):
        pixels = np.zeros((8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "mistakes" / f"{rank}-map.png")
        maps.append(
            {
                **{"rank": rank, "method": "cam", "score": 1.25, "explained": 1.25},
                **{"sums": parts, "scale": 4.5, "layer": "head", "words": "exact <map>"},
            }
        )
    (folder / "mistakes" / "maps.json").write_text(json.dumps({"maps": maps, "problem": problem}))


def test_maps_lie_beside_the_surest_mistakes_with_their_sums(make_run: MakeRun) -> None:
    folder = make_run(["no", "yes"])
    add_maps(folder, parts=[["mean of the map", 1.5], ["bias", -0.25]])
    page = read(folder)
    cards = page.one("ul", kind="gallery").all("li")
    mapped = [card for card in cards if len(card.all("img")) == 2]
    assert mapped == cards[:2] and mapped == page.all("li", kind="mapped")
    for words in ("1.250", "mean of the map 1.500, bias −0.250", "−4.50"):
        assert words in mapped[0].text
    assert mapped[0].all("img")[1].attributes["title"] == "exact <map>"
    assert "The maps are exact" in page.one("main").text
    assert all(image.attributes["alt"] for image in page.all("img"))


def test_maps_that_do_not_add_up_are_called_approximations(make_run: MakeRun) -> None:
    folder = make_run(["no", "yes"])
    add_maps(folder, parts=[])
    page = read(folder)
    assert "approximations (Grad-CAM)" in page.one("main").text
    assert "mean of the map" not in page.one("ul", kind="gallery").text


def test_why_there_are_no_maps_is_said(make_run: MakeRun) -> None:
    folder = make_run(["no", "yes"])
    assert "There are no maps" not in read(folder).text
    add_maps(folder, parts=[], problem="the network has no layer with maps.")
    assert "There are no maps of what the network saw in them: the network has" in read(folder).text


@pytest.mark.parametrize("parts", [[["bias", "x"]], [["bias", None]], [1]])
def test_a_damaged_record_is_refused(make_run: MakeRun, parts: list[list[object]]) -> None:
    folder = make_run(["no", "yes"])
    add_maps(folder, parts=parts)
    with pytest.raises(RunError, match=r"maps.json is damaged"):
        write_report(folder)
