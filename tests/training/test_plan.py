"""The plan keeps to what it measured; the measurement is put in by hand here."""

import math

import numpy as np
import pytest

from pellucid.errors import UsageError
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.rules import augmentation, class_weights, wanted_epochs
from pellucid.training.choices.wishes import Wishes
from pellucid.training.planning import plan as planning
from pellucid.training.planning.plan import (
    MODEST_WIDTH,
    Counts,
    choose_size,
    draft,
    fit_budget,
    network_macs,
    network_totals,
    plain_record,
    widen,
)
from pellucid.training.planning.throughput import Throughput

#: Multiply-adds a second of a machine made up.
SPEED = 30e9


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of known forward passes: a step costs three, one in float32 two."""

    def measure(recipe: Recipe) -> Throughput:
        forward = network_macs(recipe) / SPEED
        return Throughput(train=3 * forward, score=forward, answer=2 * forward)

    monkeypatch.setattr(planning, "measure", measure)
    monkeypatch.setattr(planning, "faster_precision", lambda: "float32")


def plan_for(wishes: Wishes, images: int, seconds: float) -> planning.Plan:
    recipe = draft(wishes, 10, plain_record(1, 28, 28), images)
    return fit_budget(wishes, recipe, Counts(images, images // 10, 0), seconds)


def first_width(plan: planning.Plan) -> int:
    width: int = plan.recipe.architecture.arguments["widths"][0]
    return width


@pytest.mark.parametrize("images", [300, 5_000, 60_000])
@pytest.mark.parametrize("minutes", [1.0, 4.0, 30.0])
def test_a_plan_takes_the_time_it_has(images: int, minutes: float) -> None:
    plan = plan_for(Wishes(minutes=minutes), images, 60 * minutes)
    # The last step's score; in float32 for the temperature, and once more as if it were the test.
    evaluation = (1 + 2 + 2) * (images // 10) * network_macs(plan.recipe) / SPEED
    assert plan.allowed == pytest.approx(60 * minutes - evaluation)
    per_epoch = 3 * images * network_macs(plan.recipe) / SPEED
    assert plan.allowed * (1 - planning.MARGIN) - per_epoch < plan.seconds <= plan.allowed


def test_more_time_buys_width_and_epochs() -> None:
    short, long = (plan_for(Wishes(minutes=m), 60_000, 60 * m) for m in (3.0, 30.0))
    assert first_width(long) > first_width(short)
    assert long.recipe.epochs > short.recipe.epochs


def test_without_a_wish_the_data_decides_when_it_is_enough() -> None:
    plan = plan_for(Wishes(), 300, 180)
    assert plan.recipe.epochs <= math.ceil(wanted_epochs(300, 180))
    assert plan.allowed is None


def test_epochs_and_width_asked_for_are_kept() -> None:
    plan = plan_for(Wishes(epochs=7, width=48), 5_000, math.inf)
    assert plan.recipe.epochs == 7
    assert first_width(plan) == 48
    assert first_width(plan_for(Wishes(epochs=7), 5_000, math.inf)) == MODEST_WIDTH


def test_planning_takes_from_the_time() -> None:
    plan = plan_for(Wishes(minutes=1), 5_000, 60.0)
    assert plan.allowed is not None
    later = plan.later(20.0)
    assert later.allowed == plan.allowed - 20 and later.seconds == later.allowed
    assert plan.later(90.0).allowed == planning.LEAST_SECONDS
    unbound = plan_for(Wishes(), 300, 180)
    assert unbound.later(20.0) == unbound


def test_a_budget_that_is_spent_already_still_trains_for_seconds() -> None:
    plan = plan_for(Wishes(minutes=0.01), 1_000_000, -5.0)
    assert plan.recipe.epochs == 1
    assert plan.seconds == plan.allowed == planning.LEAST_SECONDS


def test_the_input_grows_with_time_and_never_beyond_the_images() -> None:
    def size(minutes: float, typical: tuple[int, int], images: int = 2_000) -> int:
        return choose_size(Wishes(minutes=minutes), images, 3, typical, False)[0]

    assert size(0.5, (300, 400)) <= size(3, (300, 400)) <= size(60, (300, 400))
    assert size(600, (100, 400)) <= 100
    assert size(1, (20, 20)) == 32
    assert choose_size(Wishes(size=50), 10, 3, (300, 300), False) == (50, 50)
    assert choose_size(Wishes(), 10, 1, (28, 36), True) == (28, 36)
    assert choose_size(Wishes(epochs=3), 10, 3, (500, 500), False) == (64, 64)


def test_macs_and_parameters_are_the_sums_by_hand() -> None:
    """Of stem, two stages and head at 16 pixels: outputs × window × inputs, layer by layer."""
    recipe = widen(draft(Wishes(), 10, plain_record(3, 16, 16), 100), 8)
    assert recipe.architecture.arguments["widths"] == [8, 16]
    convolutions = [
        (8 * 8, 8, 16 * 3),
        (8 * 8, 8, 9 * 8),
        (8 * 8, 8, 9 * 8),
        (8 * 8, 16, 9 * 8),
        (4 * 4, 16, 9 * 16),
        (4 * 4, 16, 9 * 16),
        (4 * 4, 10, 16),
    ]
    assert network_macs(recipe) == sum(math.prod(c) for c in convolutions)
    norms = 2 * (8 + 8 + 8 + 16 + 16 + 16)
    filters = sum(maps * window for _, maps, window in convolutions)
    assert (
        network_totals(recipe.architecture, recipe.preprocessing).parameters == filters + norms + 10
    )


def test_weights_have_mean_one_over_the_images() -> None:
    counts = np.array([400, 100, 25])
    weights = class_weights(counts, "auto")
    assert weights is not None
    assert np.isclose((np.array(weights) * counts).sum() / counts.sum(), 1)
    assert np.isclose(weights[2] / weights[0], 4)
    assert class_weights(np.array([30, 12]), "auto") is None
    assert class_weights(np.array([30, 12]), "weights") is not None
    assert class_weights(counts, "none") is None


def test_variations_grow_with_the_epochs_and_less_for_posed_images() -> None:
    short, long = (augmentation("auto", e, flip=True, posed=False) for e in (5, 80))
    assert short.rotate == 0 < long.rotate
    posed = augmentation("auto", 80, flip=False, posed=True)
    assert 0 < posed.rotate < long.rotate
    assert not posed.flip
    assert augmentation("none", 80, flip=True, posed=False).flip is False


@pytest.mark.parametrize("field", ["color", "flip", "augment", "balance"])
def test_unknown_choices_are_refused(field: str) -> None:
    with pytest.raises(UsageError, match=f"{field} is one of auto"):
        Wishes(**{field: "surprise"})  # type: ignore[arg-type]
