"""Costs: published figures, torch's own counter, and products counted by torch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from pellucid.errors import UsageError
from pellucid.geometry import convolution_cost, transposed_cost, transposed_window, window


def test_two_filters_of_3x3x3_are_54_parameters() -> None:
    assert convolution_cost(window((8, 8), 3), 3, 2, bias=False).parameters == 54
    assert convolution_cost(window((8, 8), 3), 3, 2).parameters == 56


def test_first_layers_of_published_networks() -> None:
    alexnet = convolution_cost(window((227, 227), 11, stride=4), 3, 96)
    assert (alexnet.parameters, alexnet.macs) == (34_944, 105_415_200)
    second = convolution_cost(window((27, 27), 5, padding=2), 96, 256, groups=2)
    assert (second.weights, second.macs) == (307_200, 223_948_800)
    vgg = convolution_cost(window((224, 224), 3, padding=1), 3, 64)
    assert (vgg.parameters, vgg.macs, vgg.flops) == (1_792, 86_704_128, 173_408_256)
    googlenet = convolution_cost(window((224, 224), 7, stride=2, padding=3), 3, 64, bias=False)
    assert (googlenet.weights, googlenet.macs) == (9_408, 118_013_952)


@settings(max_examples=50, deadline=None)
@given(
    shape=st.tuples(st.integers(3, 9), st.integers(3, 9)),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.integers(1, 3),
    padding=st.integers(0, 3),
    groups=st.integers(1, 3),
    each=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    transposed=st.booleans(),
)
def test_counts_are_torchs(
    shape: tuple[int, int],
    kernel: tuple[int, int],
    stride: int,
    padding: int,
    groups: int,
    each: tuple[int, int],
    transposed: bool,
) -> None:
    channels, filters = groups * each[0], groups * each[1]
    image = torch.ones(1, channels, *shape, dtype=torch.float64)
    if transposed:
        weights = torch.ones(channels, each[1], *kernel, dtype=torch.float64)
        found = transposed_window(shape, kernel, stride=stride, padding=padding)
        if 0 in found.output_shape:
            return
        cost = transposed_cost(found, channels, filters, groups=groups)
        with FlopCounterMode(display=False) as counter:
            outputs = F.conv_transpose2d(image, weights, None, stride, padding, 0, groups)
    else:
        weights = torch.ones(filters, each[0], *kernel, dtype=torch.float64)
        cost = convolution_cost(
            window(shape, kernel, stride=stride, padding=padding), channels, filters, groups=groups
        )
        with FlopCounterMode(display=False) as counter:
            outputs = F.conv2d(image, weights, None, stride, padding, 1, groups)
    assert cost.weights == weights.numel()
    assert cost.biases == filters
    assert cost.products == int(outputs.sum())  # ones times ones, zeros in the padding
    assert cost.flops == counter.get_total_flops()


def test_work_falls_with_stride_and_grows_with_padding_while_parameters_stay() -> None:
    image = (64, 64)
    strides = [convolution_cost(window(image, 3, stride=s, padding=1), 3, 8) for s in (1, 2, 4)]
    assert [strides[0].macs // cost.macs for cost in strides] == [1, 4, 16]
    paddings = [
        convolution_cost(window(image, 3, padding=p), 3, 8) for p in ("valid", "same", "full")
    ]
    macs, products = [c.macs for c in paddings], [c.products for c in paddings]
    assert macs == sorted(set(macs))
    assert products == sorted(set(products))
    assert macs[0] == products[0]
    assert all(cost.products < cost.macs for cost in paddings[1:])
    assert len({cost.parameters for cost in strides + paddings}) == 1


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((3, 2, 2), "groups that divide 3 channels and 2 filters, found 2"),
        ((0, 2, 1), "expected channels"),
        ((3, True, 1), "expected filters"),
        ((3, 3, 0), "expected groups"),
    ],
)
def test_wrong_numbers_are_refused(numbers: tuple[int, int, int], message: str) -> None:
    channels, filters, groups = numbers
    with pytest.raises(UsageError, match=message):
        convolution_cost(window((4, 4), 3), channels, filters, groups=groups)
    with pytest.raises(UsageError, match=message):
        transposed_cost(transposed_window((4, 4), 3), channels, filters, groups=groups)
