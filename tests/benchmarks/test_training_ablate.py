"""The ablation: seconds read off a curve, and variants that are variants."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.data.augmentation import Augmentation
from pellucid.training.choices.rules import varied
from pellucid.training.choices.wishes import Wishes
from pellucid.training.planning.plan import draft, plain_record
from training.ablate import WITHOUT, Point, seconds_to
from training.command import main


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0.02, 0.98), min_size=2, max_size=6, unique=True),
    st.floats(0.0, 1.0),
)
def test_seconds_are_those_of_numpys_interpolation(accuracies: list[float], share: float) -> None:
    rising = sorted(accuracies)
    seconds = [float(3**index) for index in range(len(rising))]
    target = rising[0] + share * (rising[-1] - rising[0])
    found = seconds_to(target, [Point(*one) for one in zip(seconds, rising, strict=True)])
    wanted = math.exp(np.interp(target, rising, np.log(seconds)))
    assert found == pytest.approx(wanted, rel=1e-6)


def test_a_curve_that_falls_back_keeps_its_best() -> None:
    points = [Point(1, 0.5), Point(2, 0.8), Point(4, 0.7), Point(8, 0.9)]
    found = seconds_to(0.85, points)
    assert found is not None and 4 < found < 8
    assert seconds_to(0.95, points) is None


def test_every_variant_leaves_something_out() -> None:
    recipe = draft(Wishes(), 3, plain_record(3, 32, 32), 500)
    whole = replace(recipe, augmentation=varied(0.5, flip=True), precision="bfloat16")
    variants = [without(whole) for without in WITHOUT.values()]
    assert variants[0] == whole
    assert len({repr(one) for one in variants}) == len(WITHOUT)
    assert WITHOUT["all variations"](whole).augmentation == Augmentation()


def test_the_command_prints_a_row_for_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 2
    images = (rng.integers(0, 100, (60, 12, 12, 1)) + 100 * labels[:, None, None, None]).astype(
        np.uint8
    )
    np.savez(tmp_path / "data.npz", images=images, labels=labels)
    main([str(tmp_path / "data.npz"), "--ablate", "--epochs", "1", "--runs", "1", "--width", "8"])
    told = capsys.readouterr().out
    assert "for training" in told
    for name in ("nothing", "whitening", "mirroring", "label smoothing"):
        assert name in told
