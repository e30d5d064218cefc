"""The beginning of a training: reading and planning come out of its minutes."""

import time
from pathlib import Path

import numpy as np
import pytest

from pellucid.training import train as module
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.wishes import Wishes
from pellucid.training.planning import plan as planning
from pellucid.training.planning.throughput import Throughput
from pellucid.watch import Watcher

from .conftest import stripes


def test_what_is_left_for_training_does_not_count_what_planning_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, labels = stripes(np.random.default_rng(0), 60)
    np.savez(tmp_path / "data.npz", images=pixels, labels=labels)

    def slowly(recipe: Recipe) -> Throughput:
        time.sleep(1.0)
        return Throughput(train=1e-3, score=1e-4, answer=1e-4)

    monkeypatch.setattr(planning, "measure", slowly)
    wishes = Wishes(minutes=0.5, augment="none")
    call = module.Call(
        tmp_path / "data.npz", tmp_path / "run", wishes,
        strict=False, overwrite=False, command="", begin=time.monotonic(),
    )  # fmt: skip
    run, prepared, plan = module._begin(call, Watcher())
    over = time.monotonic() - call.begin
    prepared.pixels.close()
    assert plan.allowed is not None and over > 1.0
    assert over + plan.allowed + module._CLOSING <= 30.0 + 0.3
    assert run.record["plan"]["allowed"] == plan.allowed
