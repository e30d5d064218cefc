"""Which weights are kept, by hand-made scores."""

import pytest
import torch
from torch import nn

from pellucid.training.learning.averaging import WeightAverage
from pellucid.training.learning.best import BestWeights


def kept(accuracies: list[float], count: int = 20, floor: float | None = None) -> BestWeights:
    """What is kept after checks of so many accuracies; the weights number the checks from 1."""
    average = WeightAverage(nn.Linear(1, 1, bias=False), decay=0.0)
    average.tensors["weight"].zero_()
    scores = iter(accuracies)
    best = BestWeights(average, lambda weights: (next(scores), 1.0), count, floor)
    for _ in accuracies:
        average.tensors["weight"] += 1
        best.check()
    return best


@pytest.mark.parametrize(
    ("accuracies", "number", "highest"),
    [
        ([0.5], 1, 0.5),
        ([0.9, 0.88], 2, 0.9),  # one standard error of 0.88 with 20 images is 0.07
        ([0.9, 0.88, 0.5], 2, 0.9),
        ([0.5, 0.9, 0.81], 2, 0.9),
        ([0.5, 0.9, 0.82], 3, 0.9),
        # Each a little worse than the one before: the highest is what they are measured by.
        ([0.9, 0.85, 0.79], 2, 0.9),
    ],
)
def test_later_weights_win_unless_clearly_worse(
    accuracies: list[float], number: int, highest: float
) -> None:
    best = kept(accuracies)
    assert best.tensors["weight"].item() == number
    assert best.accuracy == highest


def test_what_a_training_began_with_stays_until_others_are_better() -> None:
    assert kept([0.7, 0.8], floor=0.8).accuracy is None
    assert kept([0.7, 0.8], floor=0.8).tensors["weight"].item() == 0
    assert kept([0.7, 0.85, 0.8], floor=0.8).tensors["weight"].item() == 2


def test_without_validation_images_the_last_are_kept() -> None:
    best = kept([0.9, 0.1], count=0)
    assert best.tensors["weight"].item() == 2 and best.accuracy is None


def test_what_is_kept_is_a_copy() -> None:
    average = WeightAverage(nn.Linear(1, 1, bias=False), decay=0.0)
    best = BestWeights(average, lambda weights: (0.5, 1.0), 10, None)
    best.check()
    before = best.tensors["weight"].clone()
    average.tensors["weight"] += 1
    assert torch.equal(best.tensors["weight"], before)
