"""The loop learns, stops, goes on exactly, and gives up where it should."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pellucid.errors import CheckpointError, TrainingError
from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.checkpoint import FILE, load_checkpoint, save_checkpoint
from pellucid.training.learning.feed import Images
from pellucid.training.learning.loop import Loop

RunOut = Callable[..., list]


def test_it_learns(images: Images, recipe: Recipe, run_out: RunOut) -> None:
    loop = Loop(replace(recipe, epochs=20), images)
    rows = run_out(loop)
    assert loop.finished and len(rows) == 20
    assert rows[-1]["accuracy"] > 0.9
    assert rows[-1]["val_accuracy"] > 0.8
    assert rows[0]["loss"] > rows[-1]["loss"]


@pytest.mark.parametrize("optimiser", ["muon", "adamw"])
@pytest.mark.parametrize("stop_after", [1, 6, 13])
def test_going_on_gives_the_same_bits(
    images: Images,
    recipe: Recipe,
    run_out: RunOut,
    tmp_path: Path,
    optimiser: str,
    stop_after: int,
) -> None:
    recipe = replace(recipe, optimiser=optimiser, epochs=4)  # type: ignore[arg-type]
    whole = Loop(recipe, images)
    run_out(whole)
    first = Loop(recipe, images)
    run_out(first, stop_after)
    save_checkpoint(tmp_path, first.position, first.tensors(), "tie")
    torch.manual_seed(99)
    second = Loop(recipe, images)
    saved = load_checkpoint(tmp_path, "tie")
    assert saved is not None
    second.restore(*saved)
    assert second.position.step == stop_after
    run_out(second)
    expected, found = whole.tensors(), second.tensors()
    assert expected.keys() == found.keys()
    assert all(torch.equal(value, found[name]) for name, value in expected.items())
    strip = [{k: v for k, v in row.items() if "second" not in k} for row in whole.position.history]
    again = [{k: v for k, v in row.items() if "second" not in k} for row in second.position.history]
    assert strip == again


@pytest.mark.parametrize("steps", [4, 8])
def test_a_stop_at_the_end_of_an_epoch_ends_the_epoch(
    images: Images, recipe: Recipe, run_out: RunOut, steps: int
) -> None:
    loop = Loop(replace(recipe, epochs=2), images)
    assert loop._steps_per_epoch == 4
    assert len(run_out(loop, steps)) == steps // 4
    assert loop.position.seen == 0 and loop.finished == (steps == 8)


def test_a_loss_that_is_no_number_stops_with_a_sentence(
    images: Images, recipe: Recipe, run_out: RunOut
) -> None:
    loop = Loop(recipe, images)
    with torch.no_grad():
        loop._network.head.maps.bias.fill_(float("nan"))  # type: ignore[union-attr, operator]
    with pytest.raises(TrainingError, match=r"loss became nan at step 1 of"):
        run_out(loop)


def test_labels_that_mean_nothing_are_given_up(
    images: Images, recipe: Recipe, run_out: RunOut
) -> None:
    flat = Images(images.pixels, images.labels, images.train, images.val)
    for index in range(90):
        images.pixels.put(index, np.full((16, 16, 1), 7, np.uint8))  # type: ignore[attr-defined]
    with pytest.raises(TrainingError, match="nothing to do with the images"):
        run_out(Loop(replace(recipe, epochs=30), flat))


def test_without_validation_images_the_last_weights_count(
    images: Images, recipe: Recipe, run_out: RunOut
) -> None:
    alone = Images(images.pixels, images.labels, images.train, images.val[:0])
    loop = Loop(replace(recipe, epochs=2), alone)
    rows = run_out(loop)
    assert rows[-1]["val_accuracy"] is None
    assert all(torch.equal(loop.best[n], t) for n, t in loop._average.tensors.items())


def test_the_network_of_the_best_weights_is_ready_to_use(images: Images, recipe: Recipe) -> None:
    loop = Loop(recipe, images)
    network = loop.best_network()
    assert not network.training
    assert all(torch.equal(loop.best[n], t) for n, t in network.state_dict().items())


class TestCheckpoint:
    """What is wrong with a checkpoint is said in a sentence."""

    def save(self, run: Path, images: Images, recipe: Recipe) -> Loop:
        loop = Loop(recipe, images)
        save_checkpoint(run, loop.position, loop.tensors(), "tie")
        return loop

    def test_none_yet(self, tmp_path: Path) -> None:
        assert load_checkpoint(tmp_path, "tie") is None

    def test_of_an_older_version(self, tmp_path: Path) -> None:
        path = tmp_path / FILE
        path.parent.mkdir()
        save_file({"a": torch.ones(1)}, path, metadata={"schema": "1", "tie": "tie"})
        with pytest.raises(CheckpointError, match="has schema 1, this version"):
            load_checkpoint(tmp_path, "tie")

    @pytest.mark.parametrize("keep", [0, 7, 500, -1])
    def test_cut_short(self, tmp_path: Path, images: Images, recipe: Recipe, keep: int) -> None:
        self.save(tmp_path, images, recipe)
        content = (tmp_path / FILE).read_bytes()
        (tmp_path / FILE).write_bytes(content[:keep])
        with pytest.raises(CheckpointError, match="is damaged"):
            load_checkpoint(tmp_path, "tie")

    def test_of_something_else(self, tmp_path: Path, images: Images, recipe: Recipe) -> None:
        self.save(tmp_path, images, recipe)
        with pytest.raises(CheckpointError, match="other data"):
            load_checkpoint(tmp_path, "another")

    def test_of_another_network(self, tmp_path: Path, images: Images, recipe: Recipe) -> None:
        self.save(tmp_path, images, recipe)
        saved = load_checkpoint(tmp_path, "tie")
        assert saved is not None
        arguments = {"classes": 3, "channels": 1, "widths": [4]}
        other = replace(recipe, architecture=replace(recipe.architecture, arguments=arguments))
        with pytest.raises(CheckpointError, match="does not fit"):
            Loop(other, images).restore(*saved)


def test_a_recipe_survives_json(recipe: Recipe) -> None:
    import json

    weighted = replace(recipe, class_weights=(0.5, 1.0, 1.5))
    assert Recipe.from_json(json.loads(json.dumps(weighted.to_json()))) == weighted


@pytest.mark.parametrize(("epochs", "allowed"), [(10, 13.0), (10, 9.0), (3, 11.0)])
def test_steps_fill_the_seconds_that_are_allowed(
    images: Images,
    recipe: Recipe,
    run_out: RunOut,
    monkeypatch: pytest.MonkeyPatch,
    epochs: int,
    allowed: float,
) -> None:
    clock = [0.0]
    monkeypatch.setattr("pellucid.training.learning.loop.time.perf_counter", lambda: clock[0])
    loop = Loop(replace(recipe, epochs=epochs), images, allowed=allowed)
    step, progress = 2.0 / loop._steps_per_epoch, []

    def slow(*batch: torch.Tensor) -> tuple[float, int]:
        clock[0] += step
        progress.append(loop.position.progress)
        return 1.0, len(batch[0])

    loop._stepper.step = slow  # type: ignore[method-assign, assignment]
    rows = run_out(loop)
    assert [row["epoch"] for row in rows] == list(range(1, math.ceil(allowed / 2) + 1))
    assert allowed - step <= loop.position.seconds <= allowed
    assert progress == sorted(progress) and loop.position.progress == 1.0
    assert rows[-1]["val_accuracy"] is not None
