"""Unshared convolution against loops, and against a shared one where all positions agree."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.references.layers import naive_unshared
from torch import nn

from pellucid.errors import UsageError
from pellucid.layers import UnsharedConv2d


@settings(max_examples=30, deadline=None)
@given(
    size=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    maps=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    bias=st.booleans(),
    seed=st.integers(0, 2**31),
)
def test_is_a_sum_of_products_at_every_position(size, maps, kernel, stride, padding, bias, seed):
    if min(size) + 2 * padding < kernel:
        with pytest.raises(UsageError, match="does not fit"):
            UnsharedConv2d(maps[0], maps[1], size, kernel, padding=padding)
        return
    layer = UnsharedConv2d(*maps, size, kernel, stride=stride, padding=padding, bias=bias).double()
    x = np.random.default_rng(seed).normal(size=(2, maps[0], *size))
    rows, columns = ((side + 2 * padding - kernel) // stride + 1 for side in size)
    weight = layer.weight.detach().numpy().reshape(rows, columns, maps[0], kernel, kernel, maps[1])
    own = None if layer.bias is None else layer.bias.detach().numpy().reshape(rows, columns, -1)
    expected = naive_unshared(x, np.moveaxis(weight, -1, 2), own, kernel, stride, padding, padding)
    found = layer(torch.from_numpy(x)).detach().numpy()
    assert found.shape == expected.shape
    assert np.allclose(found, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 1), (5, 2, 2), (2, 3, 0)])
def test_with_equal_weights_it_is_a_convolution(kernel, stride, padding):
    shared = nn.Conv2d(3, 4, kernel, stride=stride, padding=padding).double()
    layer = UnsharedConv2d(3, 4, (9, 8), kernel, stride=stride, padding=padding).double()
    with torch.no_grad():
        layer.weight.copy_(shared.weight.flatten(1).T.expand_as(layer.weight))
        layer.bias.copy_(shared.bias.expand_as(layer.bias))
    x = torch.randn(2, 3, 9, 8, dtype=torch.float64)
    assert torch.allclose(layer(x), shared(x), rtol=1e-12)
    for form in (torch.channels_last, torch.contiguous_format):
        assert torch.allclose(layer(x.contiguous(memory_format=form)), shared(x), rtol=1e-12)


def test_same_padding_puts_the_odd_zero_on_the_far_side():
    layer = UnsharedConv2d(1, 1, (6, 6), 3, stride=2, padding="same", bias=False).double()
    x = np.random.default_rng(0).normal(size=(1, 1, 6, 6))
    weight = layer.weight.detach().numpy().reshape(3, 3, 1, 1, 3, 3)
    expected = naive_unshared(x, weight, None, 3, 2, before=0, after=1)
    assert np.allclose(layer(torch.from_numpy(x)).detach().numpy(), expected)


def test_a_change_at_one_position_changes_that_position_only():
    layer = UnsharedConv2d(1, 2, (5, 5), 3)
    x = torch.randn(1, 1, 5, 5)
    before = layer(x)
    with torch.no_grad():
        layer.weight[4] += 1.0  # the middle of 3×3 positions
    changed = (layer(x) != before).flatten(2).any(1)[0]
    assert changed.tolist() == [False] * 4 + [True] + [False] * 4


def test_gradients():
    layer = UnsharedConv2d(2, 2, (4, 4), 3, stride=2, padding=1).double()
    x = torch.randn(1, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, x)


def test_another_size_is_refused():
    layer = UnsharedConv2d(1, 2, (5, 5), 3)
    with pytest.raises(UsageError, match=r"expected N×1×5×5, found N×1×6×5"):
        layer(torch.zeros(1, 1, 6, 5))
