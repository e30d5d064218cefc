"""Reading tables of paths and labels."""

import csv
import os
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.data.manifest import read_manifest
from pellucid.errors import DataError

ROWS = [("a/2.png", "cat", "train"), ("a/10.png", "dog", "test"), ("a/1.png", "cat", "val")]


def images(folder: Path, *names: str) -> Path:
    for value, name in enumerate(names):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(cv2.imencode(".png", np.full((2, 2), value, np.uint8))[1]))
    return folder


def write(folder: Path, header: list[str], rows: Any, suffix: str = ".csv") -> Path:
    file = folder / f"table{suffix}"
    if suffix in (".parquet", ".pq"):
        columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
        pyarrow.parquet.write_table(pyarrow.table(columns), file)
        return file
    with file.open("w", newline="", encoding="utf-8", errors="surrogateescape") as stream:
        writer = csv.writer(
            stream, delimiter="\t" if suffix == ".tsv" else ",", quoting=csv.QUOTE_ALL
        )
        writer.writerows([header, *rows])
    return file


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".pq"])
@pytest.mark.parametrize(
    "header",
    [["path", "label", "split"], ["Filename", "CLASS", "Subset"], ["image", "target", "set"]],
)
def test_tables(tmp_path: Path, suffix: str, header: list[str]) -> None:
    images(tmp_path, *(row[0] for row in ROWS))
    catalogue = read_manifest(write(tmp_path, header, ROWS, suffix))
    assert catalogue.kind == "manifest"
    assert catalogue.classes == ("cat", "dog")
    found = [(s.name, catalogue.classes[s.label], s.split) for s in catalogue.samples]
    assert found == [ROWS[2], ROWS[0], ROWS[1]]
    values = [catalogue.source.load(index).pixels[0, 0, 0] for index in range(3)]
    assert values == [2, 0, 1]
    assert catalogue.left_out == ()


def test_columns_in_any_order_and_no_split(tmp_path: Path) -> None:
    images(tmp_path, "1.png", "2.png")
    file = tmp_path / "t.csv"
    file.write_text("\ufefflabel; id; path\nx; 7; 1.png\ny; 8; 2.png\n\n", "utf-8")
    catalogue = read_manifest(file)
    assert [(s.name, s.split) for s in catalogue.samples] == [("1.png", None), ("2.png", None)]


def test_numbers_as_labels(tmp_path: Path) -> None:
    images(tmp_path, *(f"{label}.png" for label in range(11)))
    rows = [(f"{label}.png", label) for label in range(11)]
    for suffix in (".csv", ".parquet"):
        catalogue = read_manifest(write(tmp_path, ["path", "label"], rows, suffix))
        assert catalogue.classes == tuple(map(str, range(11)))


def test_absolute_paths_and_paths_above(tmp_path: Path) -> None:
    images(tmp_path, "one.png", "two.png")
    (tmp_path / "tables").mkdir()
    rows = [(str(tmp_path / "one.png"), "a"), ("../two.png", "b")]
    catalogue = read_manifest(write(tmp_path / "tables", ["path", "label"], rows))
    assert {s.name for s in catalogue.samples} == {str(tmp_path / "one.png"), "../two.png"}
    assert {int(catalogue.source.load(index).pixels[0, 0, 0]) for index in (0, 1)} == {0, 1}


def test_names_of_any_kind_survive(tmp_path: Path) -> None:
    odd = [" a b .png", "🐱.png", "new\nline.png", 'quo"te.png', "com,ma.png", "\udcff.png"]
    images(tmp_path, *odd)
    rows = [(name, f"class {index}") for index, name in enumerate(odd)]
    catalogue = read_manifest(write(tmp_path, ["path", "label"], rows))
    assert {s.name for s in catalogue.samples} == set(odd)


def test_what_is_left_out(tmp_path: Path) -> None:
    images(tmp_path, "1.png", "2.png", "3.png")
    rows = [
        ("1.png", "a"),
        ("2.png", "b"),
        ("./1.png", "a"),
        ("3.png", ""),
        ("", "a"),
        ("gone.png", "b"),
        ("lost.png", "c"),
        ("1.png/x.png", "c"),
        ("null\0.png", "c"),
    ]
    catalogue = read_manifest(write(tmp_path, ["path", "label"], rows))
    assert [s.name for s in catalogue.samples] == ["1.png", "2.png"]
    assert sorted((item.name, item.why) for item in catalogue.left_out) == [
        ("1.png", "repeated"),
        ("1.png/x.png", "missing"),
        ("3.png", "no-class"),
        ("c", "empty-class"),
        ("gone.png", "missing"),
        ("line 6", "no-class"),
        ("lost.png", "missing"),
        ("null\0.png", "missing"),
    ]


@pytest.mark.parametrize(
    ("header", "rows", "sentence"),
    [
        (["path", "colour"], [("1.png", "a")], "no column 'label' .*found 'path', 'colour'"),
        (["name", "label"], [("1.png", "a")], "no column 'path'"),
        (["path", "label"], [("1.png", "a"), ("1.png", "b")], "two labels, 'a' in line 2 and 'b'"),
        (["path", "label"], [("1.png", "a"), ("2.png", "a")], "only one class, 'a'"),
        (["path", "label"], [("8.png", "a"), ("9.png", "b")], "none of the 2 files .* '8.png'"),
        (["path", "label"], [], "no images found"),
        (
            ["path", "label", "split"],
            [("1.png", "a", "trian"), ("2.png", "b", "test")],
            "line 2: unknown split 'trian'; did you mean 'train'",
        ),
        (
            ["path", "label", "split"],
            [("1.png", "a", "train"), ("2.png", "b", "")],
            "line 3: no split, but other rows have one",
        ),
        (
            ["path", "label", "split"],
            [("1.png", "a", "train"), ("1.png", "a", "test")],
            "two splits, 'train' in line 2 and 'test' in line 3",
        ),
    ],
)
def test_unusable_tables(tmp_path: Path, header: list[str], rows: Any, sentence: str) -> None:
    images(tmp_path, "1.png", "2.png")
    with pytest.raises(DataError, match=sentence) as caught:
        read_manifest(write(tmp_path, header, rows))
    assert "table.csv" in str(caught.value)


def test_not_a_table(tmp_path: Path) -> None:
    for name, content in [("a.parquet", b"PAR1 no"), ("b.csv", b""), ("c.csv", b"\0\xff\xfe")]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=name.replace(".", r"\.")):
            read_manifest(tmp_path / name)


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"needs pyarrow: install it with"):
        read_manifest(tmp_path / "table.parquet")


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=120))
def test_any_bytes_give_a_data_error(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzz.csv"
    file.write_bytes(b"path,label,split\n" + tail)
    with pytest.raises(DataError):  # no such files, whatever it says
        read_manifest(file)


def test_root_is_the_table(tmp_path: Path) -> None:
    images(tmp_path, "1.png", "2.png")
    file = write(tmp_path, ["path", "label"], [("1.png", "a"), ("2.png", "b")])
    assert read_manifest(os.fspath(file)).root == file
