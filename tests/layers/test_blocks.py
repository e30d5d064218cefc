"""mlpconv, Inception, partial and same convolution, residual: each against another computation."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.references.layers import naive_convolution
from torch import nn
from torch.nn import functional

from pellucid.errors import UsageError
from pellucid.layers import (
    Inception,
    InceptionWidths,
    MlpConv,
    NaiveInception,
    PartialConv2d,
    SameConv2d,
)

WIDTHS = InceptionWidths(2, 3, 4, 2, 3, 2)


def as_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().double().numpy()


def test_mlpconv_is_one_perceptron_at_every_pixel():
    """The paper's equation 2 at each position: patch, three dense layers, ReLU after each."""
    block = MlpConv(2, (5, 4, 3), 3)
    x = torch.randn(2, 2, 5, 6)
    found = as_numpy(block(x))
    layers = [(as_numpy(p.conv.weight), as_numpy(p.conv.bias)) for p in block]
    for image, i, j in np.ndindex(2, 3, 4):
        values = as_numpy(x)[image, :, i : i + 3, j : j + 3].ravel()
        for weight, bias in layers:
            values = np.maximum(weight.reshape(len(weight), -1) @ values + bias, 0)
        assert np.allclose(found[image, :, i, j], values, atol=1e-5)


def test_mlpconv_needs_a_width():
    with pytest.raises(UsageError, match="at least one width"):
        MlpConv(2, (), 3)


def relu_convolution(x: np.ndarray, unit: nn.Module) -> np.ndarray:
    side = unit.conv.weight.shape[-1] // 2
    padded = np.pad(x, ((0, 0), (0, 0), (side, side), (side, side)))
    return np.maximum(
        naive_convolution(padded, as_numpy(unit.conv.weight), as_numpy(unit.conv.bias)), 0
    )


def neighbourhood_max(x: np.ndarray) -> np.ndarray:
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    shifts = [padded[:, :, i : i + x.shape[2], j : j + x.shape[3]] for i, j in np.ndindex(3, 3)]
    return np.max(shifts, 0)


def test_inception_stacks_its_four_branches():
    module = Inception(3, WIDTHS)
    x = torch.randn(1, 3, 6, 5)
    plain = as_numpy(x)
    expected = [
        relu_convolution(plain, module.one),
        relu_convolution(relu_convolution(plain, module.three.reduce), module.three.conv),
        relu_convolution(relu_convolution(plain, module.five.reduce), module.five.conv),
        relu_convolution(neighbourhood_max(plain), module.pool.project),
    ]
    assert module.five.conv.conv.kernel_size == (5, 5)
    assert np.allclose(as_numpy(module(x)), np.concatenate(expected, 1), atol=1e-5)


def test_naive_inception_stacks_the_pooled_input_as_it_is():
    module = NaiveInception(3, WIDTHS)
    x = torch.randn(1, 3, 6, 5)
    found, plain = as_numpy(module(x)), as_numpy(x)
    assert found.shape[1] == WIDTHS.naive_outputs(3) == 2 + 4 + 3 + 3
    assert np.allclose(found[:, -3:], neighbourhood_max(plain))
    assert np.allclose(found[:, :2], relu_convolution(plain, module.one), atol=1e-5)
    assert np.allclose(found[:, 6:9], relu_convolution(plain, module.five), atol=1e-5)


def test_batch_norm_takes_the_bias_over():
    plain, normed = Inception(3, WIDTHS), Inception(3, WIDTHS, norm=True, eps=0.5)
    count = [sum(isinstance(m, nn.BatchNorm2d) for m in part.modules()) for part in (plain, normed)]
    assert count == [0, 6]
    assert all(m.bias is None for m in normed.modules() if isinstance(m, nn.Conv2d))
    assert {m.eps for m in normed.modules() if isinstance(m, nn.BatchNorm2d)} == {0.5}


def test_partial_convolution_is_one_with_zeros_in_the_filters():
    table = [(0,), (2, 1), (0, 1, 2)]
    layer = PartialConv2d(3, table, 2)
    filters = np.zeros((3, 3, 2, 2))
    pairs = [(o, c) for o, row in enumerate(table) for c in row]
    for pair, weight in zip(pairs, as_numpy(layer.weight), strict=True):
        filters[pair] = weight
    x = torch.randn(2, 3, 4, 5)
    expected = naive_convolution(as_numpy(x), filters, as_numpy(layer.bias))
    assert np.allclose(as_numpy(layer(x)), expected, atol=1e-6)
    layer(x).sum().backward()
    assert layer.weight.grad is not None and layer.weight.grad.abs().min() > 0


@pytest.mark.parametrize("table", [[()], [(0, 0)], [(3,)], [(-1,)]])
def test_a_table_that_cannot_be(table):
    with pytest.raises(UsageError, match="a row of the table"):
        PartialConv2d(3, table, 2)


@settings(max_examples=25, deadline=None)
@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 3),
)
def test_same_convolution_gives_ceil_of_size_by_stride(size, kernel, stride):
    """Zeros: as few as are needed, half before and an odd one after (TensorFlow's SAME)."""
    layer = SameConv2d(2, 3, kernel, stride=stride)
    x = torch.randn(1, 2, *size)
    outputs = [-(-side // stride) for side in size]
    totals = [max(0, (o - 1) * stride + kernel - n) for o, n in zip(outputs, size, strict=True)]
    top, left = (total // 2 for total in totals)
    sides = (left, totals[1] - left, top, totals[0] - top)
    expected = functional.conv2d(functional.pad(x, sides), layer.weight, stride=stride)
    assert list(expected.shape[2:]) == outputs
    assert torch.allclose(layer(x), expected, atol=1e-5)
