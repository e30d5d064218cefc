"""``pellucid series``, run as a user runs it, checked by pandas."""

import csv
import io
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pellucid.cli.main import run
from pellucid.cli.sparkline import sparkline
from pellucid.data import columns

RNG = np.random.default_rng(0)
LENGTH = 5000  # more than one chunk of rows


@pytest.fixture
def prices(tmp_path):
    dates = pd.date_range("2020-01-01", periods=LENGTH).strftime("%Y-%m-%d")
    close = 100 + RNG.normal(size=LENGTH).cumsum()
    table = pd.DataFrame({"date": dates, "close": close, "note": ['a "b", c'] * LENGTH})
    table.to_csv(tmp_path / "prices.csv", index=False)
    return tmp_path / "prices.csv"


def feed(monkeypatch, text):
    stream = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))


def test_columns_are_those_of_pandas(prices, tmp_path, capsys):
    out = tmp_path / "out.csv"
    options = "--ema 0.2 --initial first --ma 20 --ma 3 --diff 1 --diff 1:12 --har --midas beta:1,5"
    assert run(["series", str(prices), *options.split(), "-o", str(out)]) == 0
    before, after = pd.read_csv(prices), pd.read_csv(out)
    close = before["close"]
    pd.testing.assert_frame_equal(after[["date", "close", "note"]], before)
    places = np.arange(1, 23) / 22
    weights = (1 - places) ** 4 / np.sum((1 - places) ** 4)
    expected = {
        "ema_0.2": close.ewm(alpha=0.2, adjust=False).mean(),
        "ma_20": close.rolling(20).mean(),
        "ma_3": close.rolling(3).mean(),
        "daily": close,
        "weekly": close.rolling(5).mean(),
        "monthly": close.rolling(22).mean(),
        "diff_1": close.diff(),
        "diff_1_12": close.diff(12),
        "midas_beta_1_5": close.rolling(22).apply(lambda x: x[::-1] @ weights, raw=True),
    }
    assert list(after.columns[3:]) == [f"close_{name}" for name in expected]
    for name, values in expected.items():
        np.testing.assert_allclose(after[f"close_{name}"], values, rtol=1e-9, atol=1e-9)
    shown = capsys.readouterr().out
    assert "EMA, α 0.2" in shown and "5,000 values" in shown and "█" in shown


@pytest.mark.parametrize("partial", ["keep", "drop"])
def test_aggregation_keeps_the_last_row_of_each_group(prices, capfd, partial):
    options = f"--aggregate 7 --how mean --ma 2 --midas almon:0.1,-0.05 --partial {partial}"
    assert run(["series", str(prices), *options.split()]) == 0
    found = pd.read_csv(io.StringIO(capfd.readouterr().out))
    before = pd.read_csv(prices)
    groups = np.arange(LENGTH) // 7
    mean = before["close"].groupby(groups).mean()
    last = before.groupby(groups).last()
    if partial == "drop":
        mean, last = mean[:-1], last[:-1]
    assert found["date"].tolist() == last["date"].tolist()
    assert found["note"].tolist() == last["note"].tolist()
    np.testing.assert_allclose(found["close_mean_7"], mean)
    np.testing.assert_allclose(found["close_mean_7_ma_2"], mean.rolling(2).mean())
    weights = np.exp(0.1 * np.arange(1, 23) - 0.05 * np.arange(1, 23) ** 2)
    weights /= weights.sum()
    rolled = before["close"].rolling(22).apply(lambda x: x[::-1] @ weights, raw=True)
    expected = rolled.groupby(groups).agg(lambda group: group.iloc[-1])[: len(found)]
    np.testing.assert_allclose(found["close_midas_almon_0.1_-0.05"], expected)


def test_rows_on_stdout_are_csv_and_the_account_is_on_stderr(monkeypatch, capfd):
    feed(monkeypatch, "t;x\n1;2\n2;\n3;NA\n4;8\n")
    assert run(["series", "-", "--column", "x", "--ema", "0.5", "--ma", "1"]) == 0
    out, err = capfd.readouterr()
    rows = "t;x;x_ema_0.5;x_ma_1\n1;2;1.0;2.0\n2;;1.0;\n3;NA;1.0;\n4;8;"
    assert out.startswith(rows)
    assert float(out.splitlines()[-1].split(";")[2]) == pytest.approx((0.125 + 4) / 0.625)
    assert "2 missing" in err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5\n7\n", "5,\n7,6.0\n"),  # no header, one column
        ("x\n1\n\n3\n4\n", "x,x_ma_2\n1,\n,\n3,\n4,3.5\n"),  # an empty line is a missing value
        ("x,y\n1,a\n\n3,b\n", "x,y,x_ma_2\n1,a,\n3,b,2.0\n"),
        (
            b"\xef\xbb\xbfx\tn\r\n1\tcaf\xe9\r\n3\t\xff\r\n",
            b"x\tn\tx_ma_2\n1\tcaf\xe9\t\n3\t\xff\t2.0\n",
        ),
        ('n,x\n"a\nb",1\n"c ""d""",2\n', 'n,x,x_ma_2\n"a\nb",1,\n"c ""d""",2,1.5\n'),
        ("x|y\n 1 |a\n3|b\n", "x|y|x_ma_2\n 1 |a|\n3|b|2.0\n"),
    ],
)
def test_files_of_all_kinds(monkeypatch, tmp_path, text, expected):
    feed(monkeypatch, text)
    out = tmp_path / "out.csv"
    assert run(["series", "-", "--ma", "2", "-o", str(out)]) == 0
    assert out.read_bytes() == (expected if isinstance(expected, bytes) else expected.encode())


def test_json(prices, tmp_path, capsys):
    assert run(["series", str(prices), "--ema", "0.5", "--diff", "2", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["column"], record["rows"], record["missing"]) == ("close", LENGTH, 0)
    ema, diff = record["columns"]
    assert len(ema["weights"]) == 20 and ema["left_out"] == 0.5**20
    assert diff["weights"] == [1, -2, 1] and diff["values"][:2] == [None, None]
    assert len(diff["values"]) == LENGTH
    out = tmp_path / "out.csv"
    assert run(["series", str(prices), "--ma", "2", "--json", "-o", str(out)]) == 0
    assert "values" not in json.loads(capsys.readouterr().out)["columns"][0]
    assert len(out.read_text().splitlines()) == LENGTH + 1


@pytest.mark.parametrize(
    ("text", "options", "code", "words"),
    [
        ("a,b\n1,2\n3,oops\n", "--column b --ma 2", 1, "line 3, column 'b'.*found 'oops'"),
        ("a,b\n1,2\n3,1_0\n", "--column b --ma 2", 1, "line 3, column 'b'.*found '1_0'"),
        ("1\n2\nx\n", "--column 1 --ma 2", 1, "line 3, column 1: expected a number"),
        ("a,b\n1,2\n\n3\n", "--column b --ma 2", 1, "line 4: expected 2 cells.*found 1"),
        ("a,b\n1,2\n3,4\n", "--ma 2", 2, "several columns.*a, b.*--column"),
        ("close\n1\n", "--column clsoe --ma 2", 2, "did you mean 'close'"),
        ("a,b\nx,y\n", "--ma 2", 1, "found none"),
        ("", "--ma 2", 1, "found none"),
        ("x\n", "--column x --ma 2", 1, "found no row"),
        ("x\n1\n", "", 2, "something to compute"),
        ("x\n1\n", "--ema 2", 2, "alpha above 0"),
        ("x\n1\n", "--ma 0", 2, "length of at least 1"),
        ("x\n1\n", "--diff 1:x", 2, "ORDER:LAG"),
        ("x\n1\n", "--diff 0", 2, "order of at least 1"),
        ("x\n1\n", "--midas bta:1,2", 2, "did you mean 'beta'"),
        ("x\n1\n", "--midas beta:1", 2, "CURVE:θ1,θ2"),
        ("x\n1\n", "--midas beta:1,nan", 2, "CURVE:θ1,θ2"),
        ("x\n1\n", "--aggregate 2 --partial drop", 2, "fits"),
    ],
)
def test_one_clear_sentence(monkeypatch, capsys, text, options, code, words):
    feed(monkeypatch, text)
    assert run(["series", "-", *options.split()]) == code
    out, err = capsys.readouterr()
    assert not out
    lines = err.strip().splitlines()
    assert len(lines) == 1 and re.search(words, lines[0])


def test_an_output_is_not_replaced_unless_asked(prices, tmp_path, capsys):
    out = tmp_path / "out.csv"
    out.write_text("precious")
    assert run(["series", str(prices), "--ma", "2", "-o", str(out)]) == 1
    assert out.read_text() == "precious" and "--overwrite" in capsys.readouterr().err
    assert run(["series", str(prices), "--ma", "2", "-o", str(out), "--overwrite"]) == 0
    assert out.read_text().startswith("date,close")
    assert run(["series", str(tmp_path / "no.csv"), "--ma", "2"]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_a_fault_leaves_no_file(tmp_path, capsys):
    bad = tmp_path / "bad.csv"
    bad.write_text("x\n" + "1\n" * 3000 + "oops\n")
    assert run(["series", str(bad), "--ma", "2", "-o", str(tmp_path / "out.csv")]) == 1
    assert "line 3002" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_needs_neither_pandas_nor_torch(prices):
    code = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in ("pandas", "torch"):
            raise ImportError(name)
sys.meta_path.insert(0, Absent())
from pellucid.cli.main import run
sys.exit(run(["series", {str(prices)!r}, "--ema", "0.5", "--aggregate", "5"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 1001


def test_numbers_read_back_the_same(prices, tmp_path):
    out = tmp_path / "out.csv"
    run(["series", str(prices), "--ema", "0.3", "-o", str(out)])
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    expected, state = [], 0.0
    for row in rows:
        state = 0.3 * float(row["close"]) + 0.7 * state
        expected.append(state)
    np.testing.assert_allclose([float(row["close_ema_0.3"]) for row in rows], expected, rtol=1e-14)


def test_sparkline():
    assert sparkline(np.arange(8.0)) == "▁▂▃▄▅▆▇█"
    assert sparkline(np.arange(8000.0), 8) == "▁▂▃▄▅▆▇█"
    assert sparkline(np.array([3.0, np.nan, 3.0])) == "▅ ▅"
    assert sparkline(np.array([np.nan, np.nan])) == "  "
    assert sparkline(np.array([np.inf, 1.0, 2.0])) == " ▁█"
    assert sparkline(np.empty(0)) == ""


@pytest.mark.parametrize(
    ("cell", "expected"), [("1e3", 1000), (" -2 ", -2), ("inf", np.inf), ("x", None), ("1 2", None)]
)
def test_number(cell, expected):
    assert columns.number(cell) == expected
