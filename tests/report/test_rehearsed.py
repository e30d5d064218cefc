"""The report shows folds, the chosen strength, the learning curve and suspect labels."""

from math import log10
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pellucid.errors import RunError
from pellucid.evaluation.cross_validation import CrossValidation
from pellucid.evaluation.learning_curve import LearningCurve, make_curve
from pellucid.evaluation.strength_search import Candidate, StrengthSearch
from pellucid.report import write_report
from pellucid.report.learning import learning_chart
from pellucid.training.outcome.suspects import Suspect, Suspects

from .conftest import MakeRun
from .page_reader import Node, PageReader

CROSS = CrossValidation((50, 50, 40), (45, 40, 36), (9, 9, 9), (3.0, 3.1, 2.9))
SUSPECTS = Suspects(140, 121, 3, 4.2, (
    Suspect("cat/<1>.png", "cat", "dog", 0.02, 0.91, "1"),
    Suspect("dog/2.png", "dog", "cat", 0.11, 0.75, "test"),
))  # fmt: skip
SEARCH = StrengthSearch(1.0, 2.0, 40, "validation images", (
    Candidate(0.0, 0.8, 0.71, -0.2, 0.05),
    Candidate(1.0, 0.85, 0.51, 0.0, 0.0),
    Candidate(2.0, 0.9, 0.4, 0.11, 0.04),
))  # fmt: skip


def a_curve(exponent: float) -> LearningCurve:
    sizes = [50, 100, 200, 50, 100, 200, 400]
    rng = np.random.default_rng(0)
    errors = 0.4 * (np.array(sizes)[:, None] / 50) ** -exponent
    return make_curve(sizes, rng.random((7, 800)) < errors)


def read(folder: Path) -> Node:
    return PageReader(write_report(folder).read_text("utf-8")).root


def test_everything_is_on_the_page(make_run: MakeRun) -> None:
    curve = a_curve(0.5)
    folder = make_run(
        ["cat", "dog"],
        cross_validation=CROSS.to_json(),
        label_errors=SUSPECTS.to_json(),
        learning_curve=curve.to_json(),
        augmentation=SEARCH.to_json(),
    )
    (folder / "labels").mkdir()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "labels" / "0.png")
    page = read(folder)
    text = page.one("main").text
    assert "86.7% of the answers are right, a mean over 3 folds" in text
    assert "A cross-validation of the training images gave 86.7%" in page.one("header").text
    assert curve.sentence in text and "Strength 2 was taken in place of the usual 1" in text
    cards = page.all("ul", kind="gallery")[-1].all("li")
    assert [len(card.all("img")) for card in cards] == [1, 0]
    assert "labelled cat" in cards[0].text and "looks like dog" in cards[0].text
    assert "cat/<1>.png" in cards[0].text and "91.0%" in cards[0].text
    assert "The first 2 are below" in text


def test_a_run_without_them_shows_none(make_run: MakeRun) -> None:
    text = read(make_run(["cat", "dog"])).one("main").text
    for words in ("Cross-validation", "What more images", "How strongly", "Labels most likely"):
        assert words not in text


@pytest.mark.parametrize(
    "part", ["cross_validation", "label_errors", "learning_curve", "augmentation"]
)
def test_a_damaged_record_is_refused(part: str, make_run: MakeRun) -> None:
    with pytest.raises(RunError, match=r"run\.json: the record of .* is damaged"):
        write_report(make_run(["cat", "dog"], **{part: {"count": 3}}))


def number(node: Node, name: str) -> float:
    return float(node.attributes[name])


def test_the_chart_holds_the_numbers() -> None:
    curve = a_curve(0.5)
    chart = PageReader(learning_chart(curve)).root.one("svg")
    labels = chart.all("text")
    up = [node for node in labels if node.text.endswith("%")]
    heights = np.polyfit(
        [number(node, "y") - 4 for node in up], [float(node.text[:-1]) / 100 for node in up], 1
    )
    along = [node for node in labels if node.text in ("50", "100", "200", "500", "1 k")]
    widths = np.polyfit(
        [number(node, "x") for node in along],
        [log10(float(node.text.replace(" k", "000"))) for node in along],
        1,
    )
    dots = chart.all("circle")
    assert len(dots) == len(curve.points)
    for dot, point in zip(dots, curve.points, strict=True):
        assert np.polyval(heights, number(dot, "cy")) == pytest.approx(point.accuracy, abs=2e-3)
        assert np.polyval(widths, number(dot, "cx")) == pytest.approx(log10(point.images), abs=5e-3)
    ahead = chart.one("path", kind="ideal").attributes["d"]
    x, y = map(float, ahead.rsplit("L", 1)[1].split())
    assert np.polyval(widths, x) == pytest.approx(log10(2 * curve.images), abs=5e-3)
    assert np.polyval(heights, y) == pytest.approx(curve.accuracy_at(800)[0], abs=2e-3)


def test_a_curve_that_tells_nothing_is_not_drawn() -> None:
    curve = a_curve(0.0)
    assert not curve.tells
    chart = PageReader(learning_chart(curve)).root.one("svg")
    assert not chart.all("path", kind="spread") and not chart.all("path", kind="ideal")
    assert len(chart.all("circle")) == 7
