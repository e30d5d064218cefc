"""Trainings before the training proper: folds, the search of a strength, a learning curve."""

import csv
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid.data.open import open_catalogue
from pellucid.errors import CheckpointError, UsageError
from pellucid.evaluation.cross_validation import CrossValidation
from pellucid.training import train
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.wishes import Wishes
from pellucid.training.outcome.held_out import read_held_out
from pellucid.training.planning.prepare import Prepared, prepare_again
from pellucid.training.rehearsal import rehearse, trial
from pellucid.training.rehearsal.programme import Rehearsal, may_search
from pellucid.training.rehearsal.strength import choose_strength, strengths
from pellucid.training.rehearsal.trial import Outcome, Trial
from pellucid.training.run import HELD_OUT, TRIALS, Run, open_run
from pellucid.watch import Watcher

from .conftest import stripes

EVERYTHING: dict[str, Any] = {
    "epochs": 2, "width": 8, "folds": 3, "learning_curve": True, "augment": "search",
}  # fmt: skip


class Notes(Watcher):
    """What was told; Ctrl-C is pressed at a message that begins with some words."""

    def __init__(self, press_at: str = "\0", press_after: int = 0) -> None:
        self.messages: list[str] = []
        self.stages: dict[str, int | None] = {}
        self.seen: dict[str, int] = {}
        self._now, self._press_at, self._press_after = "", press_at, press_after

    def stage(self, name: str, total: int | None) -> None:
        self._now, self.stages[name], self.seen[name] = name, total, 0

    def advance(self, count: int) -> None:
        self.seen[self._now] += count
        if self._now == self._press_at and self.seen[self._now] >= self._press_after > 0:
            self._press_at = "\0"
            os.kill(os.getpid(), signal.SIGINT)

    def message(self, sentence: str) -> None:
        self.messages.append(sentence)
        if sentence.startswith(self._press_at):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """144 pictures of three classes, twelve of them copies of the twelve before."""
    pixels, labels = stripes(np.random.default_rng(0), 144)
    pixels[12:24], labels[12:24] = pixels[:12], labels[:12]
    path = tmp_path_factory.mktemp("data") / "stripes.npz"
    np.savez(path, images=pixels, labels=labels)
    return path


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Notes]:
    """A run with everything, never interrupted."""
    notes = Notes()
    folder = tmp_path_factory.mktemp("runs") / "whole"
    return pellucid.train(data, folder, **EVERYTHING, watch=notes), notes


def prepared_like(run: Run) -> tuple[Prepared, Recipe]:
    recipe = Recipe.from_json(run.record["recipe"])
    catalogue = open_catalogue(run.record["data"]["path"])
    return prepare_again(catalogue, run.record, recipe.preprocessing, Watcher()), recipe


def test_every_image_is_answered_for_once_by_who_has_not_seen_it(
    whole: tuple[Run, Notes],
) -> None:
    run, _ = whole
    prepared, recipe = prepared_like(run)
    found = read_held_out(run.folder)
    place = {sample.name: index for index, sample in enumerate(prepared.catalogue.samples)}
    indices = np.array([place[name] for name in found.names])
    folds = np.array(found.folds)
    assert len(set(found.names)) == len(found.names) == 144
    assert set(found.folds) == {"1", "2", "3", "test"} and not len(prepared.splits.val)
    assert np.array_equal(np.sort(indices[folds == "test"]), prepared.splits.test)
    assert np.array_equal(np.sort(indices[folds != "test"]), prepared.splits.train)
    assert np.array_equal(found.labels, prepared.labels[indices])
    for group in np.unique(prepared.groups):
        assert len(set(folds[prepared.groups[indices] == group])) == 1
    trials = Rehearsal.of_record(run.record).fold_trials(prepared, recipe)
    for number, fold in enumerate(trials, start=1):
        assert not np.intersect1d(fold.train, fold.asked).size
        assert np.array_equal(np.sort(indices[folds == str(number)]), fold.asked)
        assert not np.intersect1d(fold.train, prepared.splits.test).size


def test_the_table_agrees_with_the_record_and_the_bundle(whole: tuple[Run, Notes]) -> None:
    run, _ = whole
    found = read_held_out(run.folder)
    folds, right = np.array(found.folds), found.probabilities.argmax(1) == found.labels
    cross = CrossValidation.from_json(run.record["cross_validation"])
    assert cross.correct == tuple(int(right[folds == str(n)].sum()) for n in (1, 2, 3))
    assert cross.counts == tuple(int((folds == str(n)).sum()) for n in (1, 2, 3))
    assert np.allclose(found.probabilities.sum(1), 1, atol=1e-5)
    assert run.evaluation is not None and run.evaluation.split == "test"
    assert int(right[folds == "test"].sum()) == run.evaluation.correct
    with (run.folder / HELD_OUT).open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["image"] == found.names[0] and rows[0]["class"] in found.classes
    evaluation = pellucid.evaluate(run.folder, run.record["data"]["path"])
    assert (evaluation.split, evaluation.correct) == ("test", run.evaluation.correct)


def test_the_curve_has_every_part_twice_and_ends_with_the_run(whole: tuple[Run, Notes]) -> None:
    run, _ = whole
    points = run.record["learning_curve"]["points"]
    train = run.record["data"]["counts"]["train"]
    sizes = [point["images"] for point in points]
    for share, one, other in zip((8, 4, 2), sizes[:3], sizes[3:6], strict=True):
        # Copies come together: a part may be an image more or less for each class.
        assert max(abs(one - train / share), abs(other - train / share)) <= 3
    assert len(points) == 7 and points[-1]["images"] == train
    assert all(point["count"] == run.record["data"]["counts"]["test"] for point in points)
    assert run.evaluation is not None and points[-1]["correct"] == run.evaluation.correct
    prepared, recipe = prepared_like(run)
    trials = Rehearsal.of_record(run.record).curve_trials(prepared, recipe)
    for draw in (trials[:3], trials[3:]):
        eighth, quarter, half = (set(trial.train.tolist()) for trial in draw)
        assert eighth < quarter < half < set(prepared.splits.train.tolist())
    assert trials[0].recipe.epochs > trials[2].recipe.epochs >= recipe.epochs


def test_the_search_reuses_the_first_fold_and_spares_the_test_images(
    whole: tuple[Run, Notes],
) -> None:
    run, notes = whole
    record = run.record["augmentation"]
    prepared, recipe = prepared_like(run)
    asked = Rehearsal.of_record(run.record).search_trials(prepared, recipe)
    assert len(record["candidates"]) == len(asked) == 2
    assert record["count"] == len(asked[0].asked)
    assert not any(np.intersect1d(one.asked, prepared.splits.test).size for one in asked)
    folds = [sentence for sentence in notes.messages if sentence.startswith("fold-")]
    assert [sentence.split()[0] for sentence in folds] == ["fold-2", "fold-3"]
    assert record["sentence"] in run.record["plan"]["sentences"]
    assert record["sentence"] in notes.messages
    assert not (run.folder / TRIALS).exists()


def test_progress_is_over_all_trainings_of_a_kind(whole: tuple[Run, Notes]) -> None:
    _, notes = whole
    for stage in ("choosing the augmentation", "cross-validation", "learning curve"):
        assert notes.stages[stage] == notes.seen[stage] > 0


@pytest.mark.parametrize(
    ("press_at", "after"),
    [
        ("fold-2", 0),  # between two trainings
        ("cross-validation", 140),  # at the last step of one
        ("learning curve", 70),
        ("choosing the augmentation", 60),
    ],
)
def test_an_interrupted_run_ends_as_if_never_stopped(
    press_at: str, after: int, data: Path, whole: tuple[Run, Notes], tmp_path: Path
) -> None:
    first, second = Notes(press_at, after), Notes()
    run = pellucid.train(data, tmp_path / "run", **EVERYTHING, watch=first)
    assert run.status == "interrupted" == open_run(run.folder).status
    run = pellucid.resume(run.folder, watch=second)
    assert run.status == "finished"
    done = {sentence.split()[0] for sentence in first.messages if " to learn from" in sentence}
    again = {sentence.split()[0] for sentence in second.messages if " to learn from" in sentence}
    assert not done & again, "a finished training was made again"
    assert (run.folder / HELD_OUT).read_bytes() == (whole[0].folder / HELD_OUT).read_bytes()
    weights = "bundle/weights.safetensors"
    assert (run.folder / weights).read_bytes() == (whole[0].folder / weights).read_bytes()
    for part in ("learning_curve", "label_errors", "evaluation"):
        assert run.record[part] == whole[0].record[part]


def test_without_folds_the_best_candidate_is_the_run(data: Path, tmp_path: Path) -> None:
    notes = Notes()
    run = pellucid.train(data, tmp_path / "r", epochs=2, width=8, augment="search", watch=notes)
    record = run.record["augmentation"]
    assert record["where"] == "validation images"
    assert record["count"] == run.record["data"]["counts"]["val"]
    assert notes.seen["training"] == notes.stages["training"], "trained again"
    assert not notes.messages or "epoch" not in notes.messages[-1]
    assert len(run.record["history"]) == 2 and run.evaluation is not None
    chosen = next(c for c in record["candidates"] if c["strength"] == record["chosen"])
    last = run.record["history"][-1]
    assert chosen["accuracy"] == pytest.approx(last["val_accuracy"], abs=0.1)
    recipe = Recipe.from_json(run.record["recipe"])
    assert recipe.augmentation.zoom == pytest.approx(0.3 * record["chosen"])


@pytest.mark.parametrize("slowness", [1.0, 1.5])
def test_minutes_are_shared_by_all_trainings(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slowness: float
) -> None:
    """By the work of each; where the first takes longer, the others share what is left."""
    given: list[tuple[int, float]] = []

    def fold(folder: Path, one: Trial, prepared: Prepared, allowed: float, **_: object) -> Outcome:
        seconds = allowed * (1.0 if given else slowness)
        given.append((one.work, allowed))
        chances = np.full((len(one.asked), 3), 1 / 3, np.float32)
        found = Outcome(one.asked, chances, 1, seconds)
        trial._save(trial._file(folder, one.name), found)
        return found

    def last(run: Run, prepared: Prepared, recipe: Recipe, allowed: float, watch: Watcher) -> Run:
        given.append((recipe.epochs * len(prepared.splits.train), allowed))
        return run

    monkeypatch.setattr(rehearse, "run_trial", fold)
    monkeypatch.setattr(train, "fit_run", last)
    wishes = {"width": 8, "folds": 3, "augment": "light"}
    run = pellucid.train(data, tmp_path / "r", minutes=60, **wishes)
    works, seconds = np.array(given).T
    total = run.record["plan"]["allowed"]
    assert len(works) == 4 and 0 < total <= 3600
    assert seconds[0] == pytest.approx(total * works[0] / works.sum())
    left = total - slowness * seconds[0]
    assert seconds[1:] == pytest.approx(left * works[1:] / works[1:].sum())


def test_a_damaged_outcome_is_named(data: Path, tmp_path: Path) -> None:
    run = pellucid.train(data, tmp_path / "r", **EVERYTHING, watch=Notes("fold-2"))
    (run.folder / TRIALS / "fold-2.npz").write_bytes(b"PK")
    with pytest.raises(CheckpointError, match=r"fold-2\.npz is damaged"):
        pellucid.resume(run.folder)


def test_a_curve_needs_images(tmp_path: Path) -> None:
    pixels, labels = stripes(np.random.default_rng(0), 15)
    np.savez(tmp_path / "few.npz", images=pixels, labels=labels)
    with pytest.raises(UsageError, match="a learning curve needs 18 of the former"):
        pellucid.train(tmp_path / "few.npz", tmp_path / "r", epochs=1, learning_curve=True)
    assert not (tmp_path / "r").exists()


def test_validation_images_of_the_data_stay_what_they_are(tmp_path: Path) -> None:
    pixels, labels = stripes(np.random.default_rng(0), 60)
    np.savez(
        tmp_path / "own.npz",
        x_train=pixels[:36], y_train=labels[:36], x_val=pixels[36:48], y_val=labels[36:48],
        x_test=pixels[48:], y_test=labels[48:],
    )  # fmt: skip
    run = pellucid.train(tmp_path / "own.npz", tmp_path / "r", epochs=1, width=8, folds=2)
    folds = read_held_out(run.folder).folds
    assert [folds.count(name) for name in ("1", "2", "val", "test")] == [18, 18, 12, 12]


def outcome(chances: list[list[float]]) -> Outcome:
    table = np.array(chances, np.float32)
    return Outcome(np.arange(len(table)), table, 1, 1.0)


def test_another_strength_must_be_better_by_a_standard_error() -> None:
    labels = np.zeros(60, np.intp)
    rng = np.random.default_rng(0)

    def at(strong: float, noise: float) -> Outcome:
        truth = np.clip(strong + noise * rng.normal(size=60), 0.02, 0.98)
        return outcome(np.stack([truth, 1 - truth], 1).tolist())

    assert strengths(1.0) == (0.0, 1.0, 2.0)
    usual = at(0.7, 0.05)
    tied = choose_strength(1.0, [at(0.7, 0.3), usual, at(0.6, 0.1)], labels, "images")
    assert tied.chosen == 1.0 and "the usual one" in tied.sentence
    # All right against some wrong: a gain that no temperature undoes.
    wrong = replace(usual, probabilities=usual.probabilities.copy())
    wrong.probabilities[:12] = wrong.probabilities[:12, ::-1]
    better = choose_strength(1.0, [usual, wrong, wrong], labels, "images")
    assert better.chosen == 0.0 and "better than the usual 1" in better.sentence
    assert better.candidates[1].gain == 0 and better.candidates[0].accuracy == 1
    assert better.from_json(better.to_json()) == better


def test_several_workers_and_streams_cannot_rehearse() -> None:
    for asked in ((True, None, False), (False, 3, False), (False, None, True)):
        rehearsal = Rehearsal(*asked, seed=0)
        with pytest.raises(UsageError, match="start it without torchrun"):
            rehearsal.refuse_unless_possible(2, streamed=False)
        with pytest.raises(UsageError, match="without --stream"):
            rehearsal.refuse_unless_possible(1, streamed=True)
        rehearsal.refuse_unless_possible(1, streamed=False)
    Rehearsal(False, None, False, seed=0).refuse_unless_possible(9, streamed=True)


def test_a_stream_is_refused_before_anything_starts(data: Path, tmp_path: Path) -> None:
    pellucid.shard(data, tmp_path / "shards")
    for wishes in ({"folds": 3}, {"learning_curve": True}, {"augment": "search"}):
        with pytest.raises(UsageError, match="several networks on parts of the images"):
            pellucid.train(tmp_path / "shards", tmp_path / "run", stream=True, **wishes)
    assert not (tmp_path / "run").exists()


def test_a_stream_is_not_searched_unasked(data: Path, tmp_path: Path) -> None:
    pellucid.shard(data, tmp_path / "shards")
    run = pellucid.train(tmp_path / "shards", tmp_path / "run", minutes=0.1, stream=True)
    assert run.status == "finished" and not run.record["plan"]["search"]
    assert run.record["data"]["lanes"] == 8
    prepared = prepare_again(
        open_catalogue(tmp_path / "shards"),
        None,
        Recipe.from_json(run.record["recipe"]).preprocessing,
        Watcher(),
    )
    wishes = Wishes(minutes=9)
    assert may_search(wishes, prepared, 1) and not may_search(wishes, prepared, 2)
