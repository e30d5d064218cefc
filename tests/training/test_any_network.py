"""Planning and training of networks other than the default."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from pellucid.data.augmentation import Augmentation
from pellucid.errors import UsageError
from pellucid.layers import GlobalAverageLinear, named
from pellucid.models import Network
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.rules import MOST_STEP_MACS
from pellucid.training.choices.wishes import Wishes
from pellucid.training.learning.steps import Stepper
from pellucid.training.planning import plan as planning
from pellucid.training.planning.plan import (
    Counts,
    choose_size,
    draft,
    fit_budget,
    network_macs,
    plain_record,
)
from pellucid.training.planning.throughput import Throughput

SMALL = ("fully_connected", "locally_connected", "lenet", "alexnet_small", "nin_small", "nin")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of known speed (see test_plan)."""

    def measure(recipe: Recipe) -> Throughput:
        forward = network_macs(recipe) / 30e9
        return Throughput(train=3 * forward, score=forward, answer=forward)

    monkeypatch.setattr(planning, "measure", measure)
    monkeypatch.setattr(planning, "faster_precision", lambda: "float32")


@pytest.mark.parametrize("name", SMALL)
def test_any_network_is_planned_in_its_time(name: str) -> None:
    wishes = Wishes(minutes=2, model=name)
    recipe = draft(wishes, 10, plain_record(1, 28, 28), 5_000)
    plan = fit_budget(wishes, recipe, Counts(5_000, 500, 0), 120)
    assert plan.recipe.architecture.name == name
    assert 0 < plan.seconds <= 120
    assert recipe.optimiser == ("muon" if "small" in name else "adamw")


@pytest.mark.parametrize(("name", "side", "batch"), [("googlenet", 224, 32), ("alexnet", 227, 128)])
def test_heavy_networks_get_batches_that_a_step_can_carry(name: str, side: int, batch: int) -> None:
    recipe = draft(Wishes(model=name), 10, plain_record(3, side, side), 60_000)
    assert recipe.batch_size == batch
    assert batch * network_macs(recipe) <= MOST_STEP_MACS < 2 * batch * network_macs(recipe)
    assert draft(Wishes(), 10, plain_record(3, side, side), 60_000).batch_size == 512


def test_sizes_are_those_that_the_network_takes() -> None:
    def size(model: str, typical: tuple[int, int], *, alike: bool = False, **wish: int) -> int:
        return choose_size(Wishes(model=model, **wish), 500, 3, typical, alike)[0]

    assert size("alexnet", (300, 400), epochs=3) == 96
    assert size("alexnet", (300, 400), minutes=60) >= 96
    assert size("alexnet", (300, 400), size=67) == 67
    assert size("nin_small", (300, 400), epochs=3) == 64
    for wish in ({"typical": (28, 28), "alike": True}, {"typical": (50, 60)}):
        with pytest.raises(UsageError, match="alexnet needs an input of at least 67×67"):
            size("alexnet", **wish)
    with pytest.raises(UsageError, match=r"googlenet_naive needs .* found 30×30.* 'pool4'"):
        size("googlenet_naive", (300, 300), size=30)


def cross_entropy(scores: Tensor, labels: Tensor, smoothing: float) -> float:
    """In float64, from the definition."""
    values = scores.detach().double().numpy()
    logs = values - np.log(np.exp(values).sum(1, keepdims=True))
    picked = logs[np.arange(len(labels)), labels.numpy()]
    return float(-((1 - smoothing) * picked + smoothing * logs.mean(1)).mean())


def test_auxiliary_losses_count_0_3_each(recipe: Recipe) -> None:
    torch.manual_seed(0)
    trunk = named({"one": nn.Conv2d(1, 4, 3), "two": nn.ReLU(), "three": nn.Conv2d(4, 5, 3)})
    heads = {"one": GlobalAverageLinear(4, 3), "two": GlobalAverageLinear(4, 3)}
    network = Network("tiny", 1, trunk, GlobalAverageLinear(5, 3), heads)
    plain = replace(recipe, augmentation=Augmentation(), precision="float32", progressive=None)
    stepper = Stepper(network, plain)
    images = torch.randint(0, 256, (6, 16, 16, 1), dtype=torch.uint8)
    labels = torch.tensor([0, 1, 2, 2, 1, 0])
    batch = torch.from_numpy(plain.preprocessing.tensor(images.numpy()))
    scores, others = network.auxiliary_scores(batch)
    expected = cross_entropy(scores, labels, 0.1)
    expected += 0.3 * sum(cross_entropy(other, labels, 0.1) for other in others.values())
    loss, _ = stepper.step(images, labels, 0.5, torch.Generator().manual_seed(0))
    assert loss == pytest.approx(expected, rel=1e-5)
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
