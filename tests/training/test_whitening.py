"""Whitening filters against NumPy's covariance, and what they do to real patches."""

from dataclasses import replace

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pellucid.data.cache import MemoryPixels
from pellucid.models import Architecture, channels_last
from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.feed import Images
from pellucid.training.learning.loop import Loop
from pellucid.training.learning.whitening import (
    patch_covariance,
    whiten_first_layer,
    whitening_filters,
)
from pellucid.training.planning.plan import plain_record


def patches_of(images: Images, recipe: Recipe, side: int, stride: int) -> NDArray[np.float64]:
    """(patches, C·side·side), cut by NumPy in float64."""
    pixels = images.at(images.train)[0].numpy().astype(np.float64) / 255
    record = recipe.preprocessing
    inputs = ((pixels - record.mean) / record.std).transpose(0, 3, 1, 2)
    windows = sliding_window_view(inputs, (side, side), (2, 3))[:, :, ::stride, ::stride]
    cut: NDArray[np.float64] = windows.transpose(0, 2, 3, 1, 4, 5)
    return cut.reshape(-1, inputs.shape[1] * side * side)


def test_covariance_is_that_of_all_patches(images: Images, recipe: Recipe) -> None:
    for side, stride in ((4, 2), (3, 1)):
        found = patch_covariance(images, recipe.preprocessing, (side, side), stride)
        wanted = np.cov(patches_of(images, recipe, side, stride).T, bias=True)
        np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-4, atol=1e-4)


def test_answers_are_decorrelated_and_of_one_spread(images: Images, recipe: Recipe) -> None:
    patches = patches_of(images, recipe, 4, 2)
    covariance = patch_covariance(images, recipe.preprocessing, (4, 4), 2)
    filters = whitening_filters(covariance, 4).numpy()
    answers = np.cov(filters @ patches.T, bias=True)
    np.testing.assert_allclose(answers, np.diag(np.diag(answers)), atol=1e-3)
    variances = np.linalg.eigvalsh(covariance.numpy())[::-1][:4]
    np.testing.assert_allclose(
        np.diag(answers), variances / (variances + 5e-4 * variances[0]), rtol=1e-3
    )


def test_the_first_layer_has_both_signs_and_its_norm(images: Images, recipe: Recipe) -> None:
    network = recipe.architecture.build()
    layers = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
    others = [layer.weight.detach().clone() for layer in layers[1:]]
    whiten_first_layer(network, images, recipe.preprocessing)
    weight = layers[0].weight.detach().flatten(1)
    pairs = min(len(weight) // 2, weight.shape[1])
    torch.testing.assert_close(weight[:pairs], -weight[pairs : 2 * pairs])
    assert abs(float(weight.norm()) - len(weight) ** 0.5) < 1e-4
    for layer, before in zip(layers[1:], others, strict=True):
        assert torch.equal(layer.weight, before)


def test_colour_filters_are_set_in_channels_last_memory(recipe: Recipe) -> None:
    cache = MemoryPixels((40, 16, 16, 3))
    rng = np.random.default_rng(0)
    for index in range(40):
        cache.put(index, rng.integers(0, 256, (16, 16, 3)).astype(np.uint8))
    images = Images(cache, torch.arange(40) % 2, np.arange(40), np.arange(0))
    network = channels_last(
        Architecture("compact", {"classes": 2, "channels": 3, "widths": [16]}).build()
    )
    whiten_first_layer(network, images, plain_record(3, 16, 16))
    weight = network.stem[0].weight.detach().flatten(1)  # type: ignore[index, union-attr]
    assert torch.equal(weight[:8], -weight[8:])


def test_a_loop_begins_with_them_where_the_recipe_says_so(images: Images, recipe: Recipe) -> None:
    def first_filters(whitening: bool) -> torch.Tensor:
        loop = Loop(replace(recipe, whitening=whitening), images)
        return loop.tensors()["network/stem.0.weight"].flatten(1)

    weight = first_filters(True)
    pairs = min(len(weight) // 2, weight.shape[1])
    assert torch.equal(weight[:pairs], -weight[pairs : 2 * pairs])
    weight = first_filters(False)
    assert not torch.equal(weight[:pairs], -weight[pairs : 2 * pairs])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 8), st.integers(0, 1000))
def test_filters_are_orthogonal_and_by_falling_variance(side: int, most: int, seed: int) -> None:
    draws = np.random.default_rng(seed).normal(size=(4 * side, side))
    covariance = torch.from_numpy(draws.T @ draws)
    filters = whitening_filters(covariance, most)
    assert filters.shape == (min(most, side), side)
    assert (filters.gather(1, filters.abs().argmax(1, keepdim=True)) > 0).all()
    gram = (filters @ filters.T).numpy()
    np.testing.assert_allclose(gram, np.diag(np.diag(gram)), atol=1e-8 * gram.max())
    assert (np.diff(np.diag(gram)) >= -1e-12).all()  # least variance, longest filter
