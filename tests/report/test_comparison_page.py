"""The page of a comparison: well formed, complete, safe, and its labels apart."""

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.comparison.findings import findings
from pellucid.comparison.folder import Comparison
from pellucid.comparison.results import Measured, pairs, results_record, standings
from pellucid.report.comparison import render_comparison, write_comparison
from pellucid.report.labels import Box, place_labels
from pellucid.report.pareto import Point, pareto_chart

from .page_reader import PageReader


def comparison(folder: Path, names: list[str], seeds: int = 1) -> Comparison:
    """Invented networks, the next one better and dearer."""
    rng = np.random.default_rng(0)
    measured = {
        name: {
            seed: Measured(rng.random(500) < 0.3 + 0.1 * place, 12.5, 7, 2e-4, 5_000_000)
            for seed in range(seeds)
        }
        for place, name in enumerate(names)
    }
    networks = [
        {"name": name, "model": name, "parameters": 10_000 + place, "macs": 10**6 * (place + 1)}
        for place, name in enumerate(names)
    ]
    found, compared = standings(networks, measured), pairs(measured)
    record: dict[str, Any] = {
        "schema": 1, "status": "finished", "created": "2031-08-02T14:05:09+00:00",
        "command": "pellucid compare photos", "asked": {
            "models": names, "heads": False, "seeds": seeds, "parameters": None,
            "wishes": {"minutes": 1.0, "epochs": None}},
        "data": {"path": "/data/photos", "kind": "folder", "fingerprint": "ab12", "split": "test",
                 "classes": ["cat", "dog"], "counts": {"train": 900, "val": 100, "test": 500}},
        "plan": {"sentences": ["First this.", "Then that."], "seconds": 60.0, "target": 10_000},
        "networks": networks, "machine": {"cpu": "one"}, "versions": {"pellucid": "0.1.0"},
        "members": [{"folder": "small", "network": "small", "seed": 0, "status": "refused",
                     "error": "too <small>"}],
        "seconds": 75.0,
        "results": {**results_record(found, compared), "baseline": 0.3,
                    "findings": list(findings(found, compared, 0.3, "test"))},
    }  # fmt: skip
    return Comparison(folder, record)


def test_every_figure_is_on_the_page(tmp_path: Path) -> None:
    made = comparison(tmp_path, ["a", "b", "c"])
    page = PageReader(write_comparison(made).read_text()).root
    rows = page.one("section", id="figures").one("tbody").all("tr")
    for row, one in zip(rows, made.standings, strict=True):
        cells = [cell.text for cell in row.children if not isinstance(cell, str)]
        assert cells[:2] == [one.name, f"{one.accuracy:.1%}"]
        assert cells[3:] == [f"{one.parameters:,}", f"{one.macs:,}", "7", "12.5", "0.200", "5"]
    assert [item.text for item in page.one("ul", kind="findings").all("li")] == list(made.findings)
    verdicts = [cell.text for cell in page.all("td", kind="verdict")]
    assert verdicts == [
        f"{pair.one if pair.difference > 0 else pair.two} is better"
        if pair.decided
        else "undecided"
        for pair in made.pairs
    ]
    assert len(page.all("svg", role="img")) == 2
    assert "too <small>" in page.one("p", kind="notice").text


def test_several_seeds_get_columns(tmp_path: Path) -> None:
    made = comparison(tmp_path, ["a", "b"], seeds=3)
    heads = [head.text for head in PageReader(render_comparison(made)).root.all("th", scope="col")]
    assert "Seeds" in heads and "From, to" in heads


def test_names_are_text_whatever_they_hold(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", 'x"><img src=x onerror=alert(2)>']
    page = PageReader(render_comparison(comparison(tmp_path, names))).root
    assert len(page.all("script")) == 1 and page.all("img") == []
    assert [cell.text for cell in page.all("th", kind="name")] == names


def test_the_front_has_round_marks() -> None:
    points = [
        Point("cheap", 1e6, 0.5, (0.4, 0.6), True),
        Point("beaten", 2e6, 0.4, (0.3, 0.5), False),
        Point("good", 3e6, 0.7, (0.6, 0.8), True),
    ]
    drawn = PageReader(pareto_chart("Accuracy", "multiply-adds", points)).root
    assert [mark.attributes["class"] for mark in drawn.all("circle")] == ["point on-front"] * 2
    assert len(drawn.all("rect", kind="off-front")) == 1
    heights = [float(mark.attributes["cy"]) for mark in drawn.all("circle")]
    assert heights[0] > heights[1], "up is better"


@given(st.lists(st.tuples(st.floats(60, 330), st.floats(50, 240)), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_labels_keep_apart(points: list[tuple[float, float]]) -> None:
    marks = [Box(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    texts = [f"network_{i}" for i in range(len(points))]
    boxes = place_labels(texts, points, marks, Box(46, 26, 358, 252))
    for i, box in enumerate(boxes):
        assert all(box.overlap(other) == 0 for other in [*boxes[:i], *marks])
        assert box.outside(Box(46, 26, 358, 252)) == 0


def test_points_of_one_cost_have_room() -> None:
    drawn = pareto_chart("A", "parameters", [Point("a", 5e4, 0.5, (0.5, 0.5), True)])
    assert "nan" not in drawn and PageReader(drawn)
