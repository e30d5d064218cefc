"""The result object: sums, order, shares, text, HTML and table."""

import pickle
import sys
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from html.parser import HTMLParser
from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.errors import UsageError
from pellucid.operators.arithmetic import Arithmetic, Term, explain_correlation, explain_pooling

FINITE = st.floats(-1e6, 1e6, allow_nan=False)


def made(products: list[float], bias: float = 0.0) -> Arithmetic:
    terms = tuple(
        Term((0, 0, i), (0, 0, i), product, 1.0, product, "cell")
        for i, product in enumerate(products)
    )
    return Arithmetic("sum", (0, 0, 0), ("c", "y", "x"), terms, bias)


@given(st.lists(FINITE, max_size=30), FINITE)
def test_total_is_the_exact_sum_rounded_once(products: list[float], bias: float) -> None:
    wanted = float(sum(map(Fraction, [*products, bias]), Fraction(0)))
    assert made(products, bias).total == wanted


def test_infinity_and_nan_add_as_floats_do() -> None:
    assert made([inf, 1.0]).total == inf
    assert isnan(made([inf, -inf]).total)
    assert isnan(made([nan, 1.0]).total)
    assert made([1e308, 1e308, -1e308]).total in (1e308, inf)  # overflows on the way


@given(st.lists(FINITE, max_size=30), st.floats(0, 1))
def test_share_counts_the_fewest_terms_that_make_a_part(products: list[float], part: float) -> None:
    found = made(products)
    count = found.share(part)
    sizes = sorted((abs(product) for product in products), reverse=True)
    whole = sum(sizes)
    assert sum(sizes[:count]) >= part * whole * (1 - 1e-12)
    if count:
        assert sum(sizes[: count - 1]) < part * whole * (1 + 1e-12)
    ordered = [abs(term.product) for term in found.sorted().terms]
    assert ordered == sizes


def test_share_of_nothing_and_of_too_much() -> None:
    assert made([]).share() == made([0.0, 0.0]).share() == made([1.0, nan]).share() == 0
    assert made([1.0, 0.0, 0.0]).share(1.0) == 1
    assert made([1.0, inf]).share() == 0
    for part in (-0.1, 1.1, nan):
        with pytest.raises(UsageError, match="expected a part from 0 to 1"):
            made([1.0]).share(part)


def test_nan_sorts_first() -> None:
    assert isnan(made([1.0, nan, 5.0]).sorted().terms[0].product)


def test_results_are_frozen_and_compare_and_travel() -> None:
    found = made([1.0, 2.0])
    with pytest.raises(FrozenInstanceError):
        found.bias = 2.0  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(found)) == found
    assert found != replace(found, bias=1.0)


def test_text_shows_few_terms_in_order_and_many_by_size() -> None:
    few = str(made([1.0, -3.0], bias=-0.5))
    assert few.splitlines()[2].split() == ["0", "0", "0", "0", "0", "0", "1", "1", "1"]
    assert few.endswith("1 + (-3) + (-0.5) = -2.5")
    many = str(made([float(i) for i in range(40)]))
    lines = many.splitlines()
    assert len(lines) == 2 + 16 + 2
    assert lines[2].split()[-1] == "39"
    assert "40 terms, the 16 largest shown; 27 make 90% of what they add" in many
    assert "… 31 more …" in lines[-1]
    assert len({len(line) for line in lines[1:18]}) == 1  # columns are aligned


def test_text_without_terms() -> None:
    assert str(made([], bias=2.0)).splitlines()[-1] == "2 = 2"
    assert made([]).formula == "0 = 0"
    assert len(made([]).to_frame()) == 0


def test_html_holds_the_same_and_escapes() -> None:
    class Cells(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.texts: list[str] = []
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag != "br":
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

        def handle_data(self, data: str) -> None:
            self.texts.append(data)

    found = replace(made([1.5, -2.0]), operation="<script>&")
    reader = Cells()
    reader.feed(found._repr_html_())
    assert not reader.open
    assert reader.texts[0].startswith("<script>&")
    assert found.formula in reader.texts
    assert "1.5" in reader.texts


def test_frame_has_a_row_a_term() -> None:
    image = np.arange(8.0).reshape(2, 2, 2)
    frame = explain_correlation(image, np.ones((1, 2, 3, 3)), (0, 0, 0)).to_frame()
    assert list(frame) == [
        *("c", "y", "x", "tap_c", "tap_y", "tap_x"),
        *("value", "weight", "product", "role"),
    ]
    assert len(frame) == 18
    assert frame["product"].sum() == image.sum()
    assert frame["y"].isna().sum() == (frame["role"] == "padding").sum() == 10
    cells = frame.dropna()
    values = image[cells["y"].astype(int), cells["x"].astype(int), cells["c"].astype(int)]
    assert cells["value"].tolist() == values.tolist()
    pooled = explain_pooling(image, "max", 2, (1, 0, 0)).to_frame()
    assert list(pooled)[3:5] == ["tap_y", "tap_x"]


def test_frame_without_pandas_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"pip install 'pellucid\[series\]'"):
        made([1.0]).to_frame()
