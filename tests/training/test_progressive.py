"""Smaller images first: what the network sees when, and what that costs."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pellucid.training.choices.recipe import Progressive, Recipe
from pellucid.training.learning.feed import Images
from pellucid.training.learning.loop import Loop
from pellucid.training.learning.steps import Stepper, shrunk


@pytest.mark.parametrize(("size", "side"), [((32, 32), 24), ((28, 28), 20), ((64, 48), 48)])
def test_images_are_made_smaller_as_by_pillow(size: tuple[int, int], side: int) -> None:
    pixels = np.random.default_rng(0).uniform(0, 255, size).astype(np.float32)
    wanted = Progressive(scale=0.75).size(*size)
    small = shrunk(torch.from_numpy(pixels)[None, None], wanted)[0, 0].numpy()
    assert small.shape == wanted and wanted[0] == side
    picture = Image.fromarray(pixels).resize(small.shape[::-1], Image.Resampling.BILINEAR)
    np.testing.assert_allclose(small, np.asarray(picture), atol=1e-3)


def test_a_network_sees_smaller_images_until_then(recipe: Recipe, images: Images) -> None:
    seen: list[tuple[int, ...]] = []
    recipe = replace(recipe, progressive=Progressive(scale=0.5, until=0.6), epochs=5)
    loop = Loop(recipe, images, give_up=False)

    class Noted(Stepper):
        def step(self, *given: object) -> tuple[float, int]:  # type: ignore[override]
            before = len(seen)
            hook = self.network.register_forward_pre_hook(
                lambda _, inputs: seen.append(tuple(inputs[0].shape[2:]))
            )
            result = super().step(*given)  # type: ignore[arg-type]
            hook.remove()
            assert len(seen) == before + 1
            return result

    loop._stepper.__class__ = Noted
    for _ in loop.epochs(stop=lambda: False, advance=lambda count: None):
        pass
    record = recipe.preprocessing
    whole, total = (record.height, record.width), loop.position.total
    late = [step / total >= 0.6 for step in range(total)]
    assert [shape == whole for shape in seen] == late
    assert {shape for shape in seen if shape != whole} == {(8, 8)}
    assert loop.position.small == late.index(True)


@given(st.floats(0.05, 0.95), st.floats(0.2, 1.0), st.floats(0.0, 0.99))
def test_the_mean_cost_is_that_of_the_steps_left(until: float, cost: float, now: float) -> None:
    left = np.linspace(now, 1, 20_000, endpoint=False)
    mean = np.where(left < until, cost, 1.0).mean()
    assert Progressive(until=until, cost=cost).mean_cost(now) == pytest.approx(mean, abs=1e-3)


def test_a_recipe_comes_back_from_its_record(recipe: Recipe) -> None:
    whole = replace(recipe, progressive=Progressive(0.5, 0.25, 0.7))
    assert Recipe.from_json(whole.to_json()) == whole
    assert Recipe.from_json(replace(recipe, progressive=None).to_json()).progressive is None
