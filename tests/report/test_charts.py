"""The drawings hold the numbers: values are read back from coordinates by the drawn ticks."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.evaluation.result import ReliabilityBin
from pellucid.report.axes import counting, covering
from pellucid.report.charts import Line, interval_strip, line_chart, reliability_chart

from .page_reader import Node, PageReader

numbers = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)


@given(st.lists(numbers, min_size=1, max_size=20), st.integers(2, 8))
def test_an_axis_covers_its_values_with_few_round_ticks(values: list[float], most: int) -> None:
    axis = covering(values, 200, 30, most)
    assert axis.low == axis.ticks[0] and axis.high == axis.ticks[-1]
    slack = 1e-6 * axis.step
    assert axis.low - slack <= min(values) and max(values) <= axis.high + slack
    assert 2 <= len(axis.ticks) <= most + 2
    assert np.diff(axis.ticks) == pytest.approx(axis.step, rel=1e-6)
    mantissa = axis.step / 10 ** math.floor(math.log10(axis.step) + 1e-9)
    assert min(abs(mantissa - good) for good in (1, 2, 5)) < 1e-6


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_axis_of_epochs_has_whole_ticks_within(first: int, more: int) -> None:
    axis = counting(first, first + more, 0, 100)
    assert 1 <= len(axis.ticks) <= 8
    assert all(tick == int(tick) and first <= tick <= first + more for tick in axis.ticks)
    assert 0 <= axis.at(first) <= axis.at(first + more) <= 100


def svg(markup: str) -> Node:
    return PageReader(markup).root.one("svg")


def number(node: Node, name: str) -> float:
    return float(node.attributes[name])


def scale(chart: Node, upward: bool) -> np.poly1d:
    """From coordinates to values, fitted to the ticks' labels and grid lines."""
    labels = [node for node in chart.all("text") if re.fullmatch(r"-?[\d.]+%?", node.text)]
    labels = [node for node in labels if ("end" in node.attributes.get("class", "")) == upward]
    at = [number(node, "y") - 4 if upward else number(node, "x") for node in labels]
    values = [float(node.text.rstrip("%")) for node in labels]
    assert len(values) >= 2
    return np.poly1d(np.polyfit(at, values, 1))


curves = st.lists(st.floats(0.01, 5), min_size=2, max_size=40)


@given(curves)
def test_a_line_passes_through_its_values(values: list[float]) -> None:
    epochs = list(range(1, len(values) + 1))
    chart = svg(line_chart("Loss", epochs, [Line("training", "train", values)], "{:.9g}".format))
    to_value = scale(chart, upward=True)
    marks = chart.all("circle", kind="train")
    span = max(values) - min(values) + 0.1 * max(values)
    assert [to_value(number(mark, "cy")) for mark in marks] == pytest.approx(
        values, abs=0.002 * span
    )
    path = chart.one("path", kind="line").attributes["d"]
    ends = [(number(mark, "cx"), number(mark, "cy")) for mark in marks]
    assert [tuple(map(float, point.split())) for point in path[1:].split("L")] == ends
    notes = [group.one("title").text for group in chart.all("g", kind="hit")]
    assert notes == [f"epoch {i}: training {v:.9g}" for i, v in enumerate(values, 1)]


def test_epochs_without_a_value_are_passed_over() -> None:
    lines = [
        Line("training", "train", [3.0, 2.0, 1.0]),
        Line("validation", "val", [None, 2.0, None]),
    ]
    chart = svg(line_chart("Loss", [4, 5, 6], lines, str))
    assert len(chart.all("circle", kind="val")) == 1
    notes = [group.one("title").text for group in chart.all("g", kind="hit")]
    assert notes[:2] == ["epoch 4: training 3.0", "epoch 5: training 2.0, validation 2.0"]
    assert "validation from 2.0 to 2.0" in chart.attributes["aria-label"]


def test_the_bands_of_a_chart_tile_it() -> None:
    line = Line("training", "train", [1.0, 2.0, 3.0, 4.0])
    chart = svg(line_chart("Loss", [1, 2, 3, 10], [line], str))
    bands = [group.one("rect") for group in chart.all("g", kind="hit")]
    for left, right in pairwise(bands):
        assert number(left, "x") + number(left, "width") == pytest.approx(
            number(right, "x"), abs=0.2
        )


def test_the_reliability_bars_have_the_bins_heights() -> None:
    bins = [
        ReliabilityBin(0.0, 0.5, 3, 0.4, 1 / 3),
        ReliabilityBin(0.5, 0.75, 0, None, None),
        ReliabilityBin(0.75, 1.0, 12, 0.9, 0.75),
    ]
    chart = svg(reliability_chart(bins))
    to_share, to_probability = scale(chart, upward=True), scale(chart, upward=False)
    bars, claims = chart.all("rect", kind="bar"), chart.all("path", kind="claimed")
    assert [to_share(number(bar, "y")) for bar in bars] == pytest.approx([100 / 3, 75], abs=0.1)
    assert [to_share(number(b, "y") + number(b, "height")) for b in bars] == pytest.approx(
        [0, 0], abs=0.1
    )
    assert [to_probability(number(bar, "x")) for bar in bars] == pytest.approx([0, 75], abs=0.5)
    heights = [re.findall(r"M[\d.]+ ([\d.]+)H", claim.attributes["d"])[0] for claim in claims]
    assert [to_share(float(height)) for height in heights] == pytest.approx([40, 90], abs=0.1)
    amounts = [number(bar, "height") for bar in chart.all("rect", kind="amount")]
    assert amounts[0] / amounts[1] == pytest.approx(3 / 12, abs=0.01)
    assert "12 answers, 75.0% right, 90.0% claimed" in chart.text


def test_the_interval_strip_lies_where_its_numbers_are() -> None:
    chart = svg(interval_strip(0.9, (0.85, 0.94), 0.2))
    to_share = scale(chart, upward=False)
    band = chart.one("rect", kind="band")
    assert to_share(number(band, "x")) == pytest.approx(85, abs=0.1)
    assert to_share(number(band, "x") + number(band, "width")) == pytest.approx(94, abs=0.1)
    assert to_share(number(chart.one("circle"), "cx")) == pytest.approx(90, abs=0.1)
