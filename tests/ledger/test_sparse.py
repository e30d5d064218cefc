"""A convolution's matrix times the flattened input is torch's convolution."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from pellucid.capture import capture
from pellucid.errors import UsageError
from pellucid.geometry import window
from pellucid.ledger import convolution_matrix, layer_matrix

small = st.integers(1, 3)


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(st.integers(5, 8), st.integers(5, 8)), st.tuples(small, small), small, small,
    st.integers(0, 2), st.integers(1, 2), small, small,
)  # fmt: skip
def test_matrix_times_input_is_the_convolution(
    shape: tuple[int, int],
    kernel: tuple[int, int],
    stride: int,
    dilation: int,
    padding: int,
    groups: int,
    filters: int,
    channels: int,
) -> None:
    generator = torch.Generator().manual_seed(1)
    options = {"stride": stride, "dilation": dilation, "padding": padding}
    weight = torch.randn(filters * groups, channels, *kernel, generator=generator).double()
    image = torch.randn(1, channels * groups, *shape, generator=generator).double()
    slid = window(shape, kernel, **options)
    if not all(slid.output_shape):
        return
    found = convolution_matrix(weight.numpy(), slid, groups)
    expected = functional.conv2d(image, weight, groups=groups, **options)  # type: ignore[arg-type]
    product = found.matrix @ image.flatten().numpy()
    np.testing.assert_allclose(product, expected.flatten().numpy(), rtol=1e-12, atol=1e-12)
    assert found.output_shape == tuple(expected.shape[1:])


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_padding_that_repeats_the_image(mode: str) -> None:
    conv = nn.Conv2d(2, 3, 3, padding=1, padding_mode=mode, bias=False).double()
    image = torch.rand(1, 2, 5, 4).double()
    slid = window((5, 4), 3, padding=1, mode=mode)
    found = convolution_matrix(conv.weight.detach().numpy(), slid)
    product = found.matrix @ image.flatten().numpy()
    np.testing.assert_allclose(product, conv(image).detach().flatten().numpy(), rtol=1e-12)


def test_series() -> None:
    weight, series = torch.randn(2, 3, 4).double(), torch.randn(1, 3, 9).double()
    found = convolution_matrix(weight.numpy(), window((9,), 4, stride=2))
    expected = functional.conv1d(series, weight, stride=2).flatten().numpy()
    np.testing.assert_allclose(found.matrix @ series.flatten().numpy(), expected, rtol=1e-12)


def test_numbers_of_connections_and_of_shared_values() -> None:
    weight = np.arange(1.0, 2 * 9 + 1).reshape(2, 1, 3, 3)
    found = convolution_matrix(weight, window((6, 6), 3))
    dense = found.matrix.toarray()
    assert found.connections == np.count_nonzero(dense) == 2 * 16 * 9
    assert found.density == found.connections / dense.size
    assert len(np.unique(dense[dense != 0])) == found.weights
    assert found.uses == 16
    assert all(np.count_nonzero(row) == 9 for row in dense)


def test_a_weight_of_zero_is_a_connection() -> None:
    assert convolution_matrix([[[0.0, 1.0]]], window((4,), 2)).connections == 6


def test_picture() -> None:
    found = convolution_matrix([[[-1.0, 2.0]]], window((3,), 2))
    picture = found.picture()
    assert picture.shape == (2, 3, 3) and picture.dtype == np.uint8
    zero, negative, positive = picture[0, 2], picture[0, 0], picture[0, 1]
    assert zero.min() > 240  # nearly white
    assert negative[2] > negative[0] and positive[0] > positive[2]  # blue and orange
    large = convolution_matrix(np.ones((1, 1, 3)), window((300,), 3)).picture(most=100)
    assert max(large.shape) <= 100 and large[0, 0, 2] < 100  # no connection is lost
    assert found._repr_png_()[:4] == b"\x89PNG"


def test_a_layer_of_a_network() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.ReLU(), nn.Conv2d(2, 2, 3, 2))
    graph = capture(network, (1, 1, 8, 8))
    image = torch.rand(1, 1, 8, 8)
    found = layer_matrix(network, graph, "0")
    expected = network[0](image).detach().flatten().numpy()
    np.testing.assert_allclose(found.matrix @ image.flatten().numpy(), expected, atol=1e-5)
    with pytest.raises(UsageError, match="unknown convolution '1'"):
        layer_matrix(network, graph, "1")


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="expected weights"):
        convolution_matrix(np.ones((1, 1, 2, 2)), window((5, 5), 3))
    with pytest.raises(UsageError, match="groups that divide"):
        convolution_matrix(np.ones((3, 1, 3, 3)), window((5, 5), 3), groups=2)
    with pytest.raises(UsageError, match="take a smaller input"):
        convolution_matrix(np.ones((64, 3, 7, 7)), window((224, 224), 7, stride=2))
