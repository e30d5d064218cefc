"""Sizes and least inputs against what torch does with real tensors."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from pellucid.errors import UsageError
from pellucid.layers import Inception, InceptionWidths, least_size, named, output_size

WINDOWS = st.tuples(
    st.sampled_from(["conv", "max", "average"]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 1),
    st.booleans(),
)


def layer(kind, kernel, stride, padding, ceil):
    padding = min(padding, kernel // 2)
    if kind == "conv":
        return nn.Conv2d(1, 1, kernel, stride=stride, padding=padding)
    pool = nn.MaxPool2d if kind == "max" else nn.AvgPool2d
    return pool(kernel, stride=stride, padding=padding, ceil_mode=ceil)


def torch_size(trunk, height, width):
    try:
        return tuple(trunk(torch.zeros(1, 1, height, width)).shape[2:])
    except RuntimeError:
        return None


@settings(max_examples=60, deadline=None)
@given(windows=st.lists(WINDOWS, min_size=1, max_size=4), height=st.integers(1, 30))
def test_sizes_are_torchs_and_the_least_is_the_least(windows, height):
    trunk = nn.Sequential(*(layer(*window) for window in windows))
    expected = torch_size(trunk, height, 40)
    least = least_size(trunk)
    if torch_size(trunk, 200, 40) is not None:
        assert (expected is not None) == (height >= least[0])
    if expected is not None:
        assert output_size(trunk, (height, 40)) == expected
    else:
        with pytest.raises(UsageError, match="at least"):
            output_size(trunk, (height, 40))


def test_the_sentence_names_the_layer_the_least_size_and_the_network():
    trunk = named(
        {
            "conv1": nn.Conv2d(1, 4, 5),
            "mixed": Inception(4, InceptionWidths(1, 1, 1, 1, 1, 1)),
            "pool1": nn.MaxPool2d(3, 2),
        }
    )
    assert least_size(trunk) == (7, 7)
    assert output_size(trunk, (7, 9)) == (1, 2)
    with pytest.raises(UsageError) as error:
        output_size(trunk, (6, 30), "tiny")
    assert str(error.value) == (
        "tiny needs an input of at least 7×7 pixels, found 6×30: its layer 'pool1' has a 3×3 "
        "window and would get 2×26."
    )


def test_height_and_width_have_their_own_least():
    assert least_size(nn.Sequential(nn.Conv2d(1, 1, (3, 7)))) == (3, 7)


def test_an_unknown_layer_is_not_passed_over():
    with pytest.raises(TypeError, match="Upsample"):
        output_size(nn.Sequential(nn.Upsample(scale_factor=2)), (4, 4))


@pytest.mark.parametrize("wanted", [6, (6, 4), (None, 3)])
def test_adaptive_pooling_gives_what_it_is_asked_for(wanted):
    pool = nn.AdaptiveAvgPool2d(wanted)
    assert output_size(nn.Sequential(pool), (9, 5)) == pool(torch.zeros(1, 1, 9, 5)).shape[2:]
