"""The forms that operators take and give back."""

import numpy as np
import pytest
import torch

from pellucid.errors import UsageError
from pellucid.images.read import Picture
from pellucid.operators.layout import planes


@pytest.mark.parametrize(
    ("shape", "axes", "inner", "one", "many"),
    [
        ((5, 7), 2, (1, 1, 5, 7), (4, 6), (4, 6, 2)),
        ((5, 7, 3), 2, (1, 3, 5, 7), (4, 6, 1), (4, 6, 2)),
        ((2, 3, 5, 7), 2, (2, 3, 5, 7), (2, 1, 4, 6), (2, 2, 4, 6)),
        ((9,), 1, (1, 1, 9), (8,), (2, 8)),
        ((3, 9), 1, (1, 3, 9), (1, 8), (2, 8)),
        ((2, 3, 9), 1, (2, 3, 9), (2, 1, 8), (2, 2, 8)),
    ],
)
def test_arrays_come_back_in_their_form(shape, axes, inner, one, many):
    found = planes(np.arange(np.prod(shape)).reshape(shape), axes)
    assert found.values.shape == inner
    less = tuple(size - 1 for size in inner[2:])
    assert found.restore(np.zeros((inner[0], 1, *less))).shape == one
    assert found.restore(np.zeros((inner[0], 2, *less))).shape == many
    same = np.arange(np.prod(shape)).reshape(shape)
    assert np.array_equal(found.restore(found.values), same)


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7), (2, 3, 5, 7)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64, torch.uint8])
def test_tensors_have_their_channels_first(shape, dtype):
    given = torch.arange(torch.tensor(shape).prod().item()).reshape(shape).to(dtype)
    found = planes(given, 2)
    assert found.values.shape == (1,) * (4 - len(shape)) + shape
    again = found.restore(found.values)
    assert again.dtype == dtype and torch.equal(again, given)
    maps = found.restore(np.zeros((found.values.shape[0], 8, 4, 6), np.float32))
    assert maps.shape == ((2, 8, 4, 6) if len(shape) == 4 else (8, 4, 6))


def test_an_array_is_not_copied():
    given = np.zeros((5, 7, 3))[::-1, ::2]
    assert np.shares_memory(planes(given, 2).values, given)


def test_a_picture_gives_its_pixels():
    picture = Picture(np.ones((4, 6, 3), np.uint8), "array", "RGB", bytes(16))
    assert planes(picture, 2).values.shape == (1, 3, 4, 6)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.zeros(3), "2 to 4 axes, found 1"),
        (np.zeros((1, 2, 3, 4, 5)), "found 5"),
        (np.zeros((0, 4)), "expected an image with pixels"),
        (np.zeros((3, 4), complex), "expected real numbers, found complex128"),
        (np.array([["a"]]), "expected real numbers"),
    ],
)
def test_what_is_no_image_is_refused(given, words):
    with pytest.raises(UsageError, match=words):
        planes(given, 2)
