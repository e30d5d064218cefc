"""Whole trainings through the Python interface."""

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.whole.conftest import NAMES

import pellucid
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import CheckpointError, DataError, RunError, UsageError
from pellucid.images.read import read_image
from pellucid.watch import Watcher

QUICK = {"epochs": 3, "width": 8}


def weights(run: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = load_file(run / "bundle" / "weights.safetensors")
    return found


class Listener(Watcher):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.work: dict[str, list[int]] = {}
        self.sentences: tuple[str, ...] = ()

    def stage(self, name: str, total: int | None) -> None:
        self.told.append(name)
        self.work[name] = [total or 0, 0]

    def advance(self, count: int) -> None:
        self.work[self.told[-1]][1] += count

    def plan(self, plan) -> None:  # type: ignore[no-untyped-def]
        self.sentences = plan.sentences

    def message(self, sentence: str) -> None:
        self.told.append(sentence)
        self.work[sentence] = [0, 0]


def test_a_run_has_all_its_parts(data: Path, tmp_path: Path) -> None:
    listener = Listener()
    run = pellucid.train(data, tmp_path / "run", epochs=12, width=8, watch=listener)
    assert run.status == "finished"
    assert run.evaluation is not None
    assert run.evaluation.accuracy > 0.7
    assert run.report.read_text().startswith("<!doctype html>")
    record = json.loads((run.folder / "run.json").read_text())
    assert record["data"]["classes"] == sorted(NAMES)
    assert [row["epoch"] for row in record["history"]] == list(range(1, 13))
    assert sum(record["data"]["counts"].values()) == 90
    card = json.loads((run.folder / "bundle" / "card.json").read_text())
    assert card["preprocessing"] == record["preprocessing"]
    assert card["metrics"]["accuracy"] == run.evaluation.accuracy
    assert Preprocessing.from_json(card["preprocessing"]).color == "gray"
    for total, done in listener.work.values():
        assert done == total
    assert any("12 epochs" in sentence for sentence in listener.sentences)


def test_the_file_gives_what_the_training_saw(data: Path, tmp_path: Path) -> None:
    """Prediction from files equals the evaluation from the cache, and evaluate says the same."""
    run = pellucid.train(data, tmp_path / "run", **QUICK)
    predictor = pellucid.load(run.folder)
    assert run.evaluation is not None
    for mistake in run.evaluation.mistakes:
        [found] = predictor.predict(data / mistake.name)
        assert found.label == mistake.predicted
        assert found.probability == pytest.approx(mistake.probability, abs=1e-6)
    again = pellucid.evaluate(run.folder, data)
    assert again == run.evaluation
    everything = pellucid.evaluate(run.folder / "bundle", data)
    assert (everything.split, everything.count) == ("all", 90)


def test_a_seed_fixes_everything(data: Path, tmp_path: Path) -> None:
    one = pellucid.train(data, tmp_path / "one", **QUICK)
    two = pellucid.train(data, tmp_path / "two", **QUICK)
    other = pellucid.train(data, tmp_path / "other", seed=1, **QUICK)
    same, differ = weights(one.folder), weights(other.folder)
    assert all((value == same[name]).all() for name, value in weights(two.folder).items())
    assert any((value != differ[name]).any() for name, value in same.items())


def test_mean_and_spread_are_those_of_the_training_images(data: Path, tmp_path: Path) -> None:
    run = pellucid.train(data, tmp_path / "run", **QUICK)
    record = Preprocessing.from_json(run.record["preprocessing"])
    images = [read_image(path).pixels / 255.0 for path in sorted(data.rglob("*.png"))]
    # The training images are a part of all, so the figures agree about, not exactly.
    assert math.isclose(record.mean[0], float(np.mean(images)), rel_tol=0.03)
    assert math.isclose(record.std[0], float(np.std(images)), rel_tol=0.03)


def test_bad_images_are_left_out_and_named(data: Path, tmp_path: Path) -> None:
    (data / "none" / "empty.png").write_bytes(b"")
    (data / "none" / "text.jpg").write_text("hello")
    whole = (data / "none" / "0.png").read_bytes()
    (data / "none" / "cut.png").write_bytes(whole[: len(whole) // 2])
    run = pellucid.train(data, tmp_path / "run", **QUICK)
    audit = json.dumps(run.record["data"]["audit"])
    assert all(name in audit for name in ("none/empty.png", "none/text.jpg", "none/cut.png"))
    with pytest.raises(DataError, match="--strict"):
        pellucid.train(data, tmp_path / "strict", strict=True, **QUICK)
    assert not (tmp_path / "strict").exists()


def test_one_coloured_image_among_many_makes_the_input_rgb(data: Path, tmp_path: Path) -> None:
    """The look beforehand sees 256 images at most; here the colour hides from it."""
    from tests.whole.conftest import write

    many = write(tmp_path / "many", each=180)
    image = np.zeros((20, 24, 3), np.uint8)
    image[:, :, 2] = 255
    cv2.imwrite(str(many / "none" / "101.png"), image)
    listener = Listener()
    run = pellucid.train(many, tmp_path / "run", epochs=1, width=4, watch=listener)
    assert run.record["preprocessing"]["color"] == "rgb"


def test_unequal_classes_are_weighed(data: Path, tmp_path: Path) -> None:
    for path in sorted((data / "none").iterdir())[8:]:
        path.unlink()
    run = pellucid.train(data, tmp_path / "run", **QUICK)
    per_class = run.record["recipe"]["class_weights"]
    names = run.record["data"]["classes"]
    assert per_class[names.index("none")] > 1.5 * per_class[names.index("horizontal")]
    plain = pellucid.train(data, tmp_path / "plain", balance="none", **QUICK)
    assert plain.record["recipe"]["class_weights"] is None


def test_a_finished_run_is_not_trained_again(data: Path, tmp_path: Path) -> None:
    run = pellucid.train(data, tmp_path / "run", **QUICK)
    before = weights(run.folder)
    again = pellucid.resume(run.folder)
    assert again.status == "finished"
    assert all((value == before[name]).all() for name, value in weights(again.folder).items())


def test_an_existing_run_is_not_replaced_silently(data: Path, tmp_path: Path) -> None:
    pellucid.train(data, tmp_path / "run", **QUICK)
    with pytest.raises(UsageError, match="exists"):
        pellucid.train(data, tmp_path / "run", **QUICK)
    pellucid.train(data, tmp_path / "run", overwrite=True, **QUICK)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear")
    with pytest.raises(UsageError, match="not a run folder"):
        pellucid.train(data, tmp_path / "mine", overwrite=True, **QUICK)
    assert (tmp_path / "mine" / "diary.txt").exists()


def test_images_that_changed_stop_a_resumption(data: Path, tmp_path: Path) -> None:
    run = pellucid.train(data, tmp_path / "run", **QUICK)
    run.record["status"] = "interrupted"
    run.save()
    (data / "none" / "0.png").unlink()
    with pytest.raises(CheckpointError, match="have changed"):
        pellucid.resume(run.folder)


@pytest.mark.parametrize("content", ["", "{", '{"schema": 1}', '{"schema": 9}', "[]"])
def test_a_damaged_record_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(RunError):
        pellucid.resume(tmp_path)


def test_classes_that_the_network_does_not_know(data: Path, tmp_path: Path) -> None:
    run = pellucid.train(data, tmp_path / "run", **QUICK)
    (data / "none").rename(data / "dots")
    with pytest.raises(DataError, match="'dots'"):
        pellucid.evaluate(run.folder, data)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"minutes": 1, "epochs": 1}, "exclude"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": float("nan")}, "minutes"),
        ({"epochs": 0}, "epochs"),
        ({"size": 4}, "size"),
        ({"width": 0}, "width"),
        ({"seed": -1}, "seed"),
        ({"model": "compat"}, "did you mean 'compact'"),
        ({"flip": "both"}, "flip"),
        ({"color": "cmyk"}, "color"),
    ],
)
def test_wrong_arguments_are_one_sentence(
    data: Path, tmp_path: Path, wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        pellucid.train(data, tmp_path / "run", **wrong)  # type: ignore[arg-type]
    assert not (tmp_path / "run").exists()
