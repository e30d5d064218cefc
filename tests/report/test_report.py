"""The report: one well-formed page that shows the run's own numbers, whatever names it holds."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pellucid.errors import RunError, StorageError
from pellucid.evaluation.metrics import evaluate_probabilities
from pellucid.report import write_report
from pellucid.text import visible

from .conftest import MakeRun, invented_history
from .page_reader import Node, PageReader

FASHION = [
    *("t-shirt", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
]
HOSTILE = [
    "<script>alert(1)</script>",
    'cat\'s "paw" & tail',
    "two\nlines 🐈",
    "caf\udce9",
    "{{ 7 * 7 }}",
    "--></style></svg>",
]


def read(folder: Path) -> Node:
    return PageReader(write_report(folder).read_text("utf-8")).root


def record(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return content


def rewrite(folder: Path, content: Any) -> None:
    (folder / "run.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    "classes", [["no", "yes"], FASHION, HOSTILE, [f"k{k}" for k in range(101)]]
)
def test_the_page_is_well_formed_self_contained_and_accessible(
    make_run: MakeRun, classes: list[str]
) -> None:
    page = read(make_run(classes))
    ids = [node.attributes["id"] for node in page.all("*") if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    for node in page.all("*"):
        assert not [name for name in node.attributes if name.startswith("on")]
        for name in ("href", "src", "srcset", "action", "data", "poster", "xlink:href"):
            address = node.attributes.get(name, "#content")
            assert address.startswith("data:") or address.removeprefix("#") in ids
    assert not re.search(r"url\(|@import|https?:", page.one("style").text)
    assert {node.tag for node in page.all("*")}.isdisjoint({"iframe", "object", "embed", "base"})
    levels = [int(node.tag[1]) for node in page.all("*") if re.fullmatch(r"h\d", node.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(image.attributes["alt"] for image in page.all("img"))
    assert all(chart.attributes["aria-label"] for chart in page.all("svg", role="img"))
    assert len(page.all("svg")) == len(page.all("svg", role="img")) >= 5
    assert [len(page.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert page.one("html").attributes["lang"] == "en"


def test_only_our_script_may_run(make_run: MakeRun) -> None:
    page = read(make_run(HOSTILE))
    digest = hashlib.sha256(page.one("script").text.encode()).digest()
    (policy,) = (
        node.attributes["content"] for node in page.all("meta") if "http-equiv" in node.attributes
    )
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{base64.b64encode(digest).decode()}'" in policy


def test_names_are_shown_as_they_are(make_run: MakeRun) -> None:
    page = read(make_run(HOSTILE))
    shown = [row.one("th").text for row in page.one("table", kind="classes").one("tbody").all("tr")]
    assert shown == [visible(name) for name in HOSTILE]
    assert shown[2:4] == [r"two\nlines 🐈", r"caf\udce9"]


def test_the_headline(make_run: MakeRun) -> None:
    folder = make_run(FASHION)
    found = record(folder)["evaluation"]
    header = read(folder).one("header").text
    low, high = found["interval"]
    support = [scores["support"] for scores in found["classes"]]
    for words in (
        *(f"{100 * found['accuracy']:.1f}%", f"{100 * low:.1f}%", f"{100 * high:.1f}%"),
        *(f"{found['correct']} of 600 test images", f"{100 * max(support) / 600:.1f}%"),
        *("48 s", "53 s", "287,946", "4.8 million", "compact", "2 August 2031, 14:05 UTC"),
    ):
        assert words in header


def test_the_matrix_in_numbers(make_run: MakeRun) -> None:
    folder = make_run(FASHION)
    rows = read(folder).one("table", kind="cells").one("tbody").all("tr")
    cells = [[int(cell.text) for cell in row.all("td")] for row in rows]
    assert cells == record(folder)["evaluation"]["confusion"]
    assert [row.one("th").text for row in rows] == FASHION
    title = rows[0].all("td")[1].attributes["title"]
    assert title == f"t-shirt → trouser: {cells[0][1]} of {sum(cells[0])}"


def test_the_matrix_in_shades_holds_the_same_numbers(make_run: MakeRun) -> None:
    folder = make_run([f"kind {k}" for k in range(101)])
    cells = read(folder).one("g", kind="cells")
    drawn = [[0] * 101 for _ in range(101)]
    for path in cells.all("path"):
        for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path.attributes["d"]):
            drawn[int(y)][int(x)] += int(path.attributes["data-count"])
            assert (path.attributes["class"] == "right") == (x == y)
    assert drawn == record(folder)["evaluation"]["confusion"]


def test_the_most_frequent_confusions(make_run: MakeRun) -> None:
    folder = make_run(FASHION)
    matrix = record(folder)["evaluation"]["confusion"]
    off = sorted((n for i, row in enumerate(matrix) for j, n in enumerate(row) if i != j))[::-1]
    lines = [item.text for item in read(folder).one("ol", kind="confusions").all("li")]
    assert [int(re.findall(r"(\d+) of \d+", line)[0]) for line in lines] == off[: len(lines)]
    assert len(lines) == 10


def test_scores_by_class(make_run: MakeRun) -> None:
    folder = make_run(FASHION)
    rows = read(folder).one("table", kind="classes").one("tbody").all("tr")
    for place, (row, scores) in enumerate(
        zip(rows, record(folder)["evaluation"]["classes"], strict=True), 1
    ):
        ratios = (scores[key] for key in ("precision", "recall", "f1"))
        expected = [
            str(place),
            str(scores["support"]),
            *(f"{100 * ratio:.1f}%" for ratio in ratios),
        ]
        assert [cell.text for cell in row.all("td")] == expected


def test_pictures_of_mistakes_are_the_files(make_run: MakeRun) -> None:
    folder = make_run(FASHION)
    (folder / "mistakes" / "1.png").unlink()
    (folder / "mistakes" / "2.png").write_bytes(b"<svg onload='alert(1)'>")
    items = read(folder).one("ul", kind="gallery").all("li")
    mistakes = record(folder)["evaluation"]["mistakes"]
    assert len(items) == len(mistakes) == 24
    for rank, (item, mistake) in enumerate(zip(items, mistakes, strict=True)):
        images = item.all("img")
        assert bool(images) == (rank not in (1, 2)) == ("no picture kept" not in item.text)
        for image in images:
            kind, _, content = image.attributes["src"].partition(",")
            assert kind == "data:image/png;base64"
            file = folder / "mistakes" / f"{rank}.png"
            assert base64.b64decode(content) == file.read_bytes()
        assert mistake["name"] in item.text and mistake["truth"] in item.text
        assert f"{100 * mistake['probability']:.1f}%" in item.text


@pytest.mark.parametrize(
    ("confidence", "verdict"), [(0.99, "over-confident"), (0.8, "are fair"), (0.51, "too modest")]
)
def test_the_verdict_on_calibration(make_run: MakeRun, confidence: float, verdict: str) -> None:
    rows = [[confidence, 1 - confidence]] * 200
    labels = [int(i % 5 == 0) for i in range(200)]
    found = evaluate_probabilities(
        rows, labels, ["cat", "dog"], split="test", names=["x.png"] * 200, mistakes=0
    )
    page = read(make_run(["cat", "dog"], evaluation=found.to_json()))
    text = page.one("section", id="calibration").text
    assert verdict in text and f"claims {100 * confidence:.1f}% on average" in text
    assert f"lie {100 * abs(confidence - 0.8):.1f} percentage points apart" in text


def test_plan_data_and_how_to_reproduce(make_run: MakeRun) -> None:
    folder = make_run(FASHION)
    text = read(folder).one("main").text
    run = record(folder)
    verdicts = [verdict["sentence"] for verdict in run["data"]["audit"]["verdicts"]]
    for words in (
        *run["plan"]["sentences"],
        *verdicts,
        *(run["command"], run["data"]["fingerprint"], run["data"]["path"]),
        *run["versions"].values(),
        *("Example CPU @ 2.40GHz", "5,400", "stretch", "0.286"),
    ):
        assert words in text


def test_the_same_run_gives_the_same_bytes(make_run: MakeRun, tmp_path: Path) -> None:
    folder = make_run(FASHION)
    first = write_report(folder).read_bytes()
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    assert write_report(moved).read_bytes() == write_report(folder).read_bytes() == first


def test_a_run_without_evaluation(make_run: MakeRun) -> None:
    page = read(make_run(FASHION, epochs=3, evaluation=None, status="interrupted"))
    assert "interrupted after 3 epochs" in page.one("header").text
    assert "has no evaluation" in page.one("header").text
    assert not page.all("section", id="confusions") and page.all("section", id="curves")


def test_a_run_without_any_epoch(make_run: MakeRun) -> None:
    seconds = {"prepare": 1.0, "train": None, "evaluate": None, "total": None}
    page = read(make_run(FASHION, epochs=0, evaluation=None, status="running", seconds=seconds))
    assert "No epoch was finished" in page.one("main").text
    assert not page.all("svg")


def test_a_run_without_validation(make_run: MakeRun) -> None:
    history = [epoch | {"val_loss": None, "val_accuracy": None} for epoch in invented_history(1)]
    page = read(make_run(FASHION, history=history))
    assert not page.all("path", kind="val")
    assert "after 1 epochs" not in page.text


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(RunError, match=r"not a run folder: it has no run\.json"):
            write_report(folder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b'{"schema": 1', b"\xff\xfe", b"[1]", b"[" * 10**5])
def test_a_damaged_file(make_run: MakeRun, content: bytes) -> None:
    folder = make_run(FASHION)
    (folder / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        write_report(folder)
    assert not (folder / "report.html").exists()


def test_every_field_that_is_missing_is_named(make_run: MakeRun) -> None:
    folder = make_run(FASHION)
    whole = record(folder)
    for key in whole:
        if key not in ("schema", "seconds"):
            rewrite(folder, {name: value for name, value in whole.items() if name != key})
            with pytest.raises(RunError, match=rf"run\.json is damaged: .*{key}"):
                write_report(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "schema 2, this version"),
        ({"created": "yesterday"}, "created is no date"),
        ({"status": None}, "status is NoneType"),
        ({"plan": {"sentences": [3]}}, r"plan\.sentences\.\* is int"),
        ({"history": [{"epoch": 1}]}, r"history\.\*\.loss is missing"),
        ({"history": 3}, "history is int"),
        ({"evaluation": {"count": 3}}, "evaluation record is damaged"),
        ({"seconds": {"train": float("nan"), "total": 1}}, r"seconds\.train is float"),
    ],
)
def test_wrong_fields(make_run: MakeRun, change: dict[str, Any], words: str) -> None:
    with pytest.raises(RunError, match=words):
        write_report(make_run(FASHION, **change))


def test_a_page_that_cannot_be_written(make_run: MakeRun) -> None:
    folder = make_run(FASHION)
    (folder / "report.html").mkdir()
    before = sorted(folder.iterdir())
    with pytest.raises(StorageError, match="cannot write"):
        write_report(folder)
    assert sorted(folder.iterdir()) == before


def test_torch_is_not_needed() -> None:
    program = "import sys, pellucid.report, pellucid.cli.show; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
