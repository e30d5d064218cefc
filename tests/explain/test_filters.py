"""Filters: colours and numbers are the weights, in the order in which they are applied."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from pellucid.errors import UsageError
from pellucid.explain import filters, trace_network


def test_filters_of_colour_pictures_are_colours() -> None:
    layer = nn.Conv2d(3, 2, (1, 2))
    with torch.no_grad():
        layer.weight[0] = torch.tensor([[[1.0, 0.0]], [[-1.0, 0.0]], [[0.5, 0.0]]])
        layer.weight[1] = torch.tensor([[[0.1, 0.2]], [[0.0, 0.0]], [[0.0, -0.2]]])
    own = filters(layer)
    assert own.kernel(0).tolist() == [[[255, 0, 191], [128, 128, 128]]]
    assert own.kernel(1)[0, 1].tolist() == [255, 128, 0]
    common = filters(layer, scale="common")
    assert common.reach() == 1
    assert common.kernel(1)[0, 1].tolist() == [153, 128, 102]
    assert common.picture(300).shape[1] == own.picture(300).shape[1] == 300
    assert own._repr_png_().startswith(b"\x89PNG")


def test_filters_of_gray_pictures_are_gray_and_deeper_ones_go_channel_by_channel() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    trace = trace_network(network, torch.zeros(1, 1, 9, 9))
    first = filters(trace)
    assert first.layer == "0" and (first.kernel(2)[..., 0] == first.kernel(2)[..., 2]).all()
    with pytest.raises(
        UsageError, match=r"2 has filters of 4 input channels.*input_channel=0 to 3"
    ):
        filters(trace, "2")
    one = filters(trace, "2", [1], input_channel=3)
    weights = network[2].weight.detach().numpy()
    np.testing.assert_array_equal(one.weights, weights)
    assert one.reach(1) == pytest.approx(np.abs(weights[1, 3]).max())
    place = np.unravel_index(np.abs(weights[1, 3]).argmax(), (3, 3))
    end = (179, 71, 15) if weights[1, 3][place] > 0 else (20, 99, 158)
    assert tuple(one.kernel(1)[place]) == end
    assert "drawn by input channel 3" in str(one)
    assert json.loads(json.dumps(one.to_json()))["weights"].keys() == {"1"}


def test_numbers_are_the_weights() -> None:
    layer = nn.Conv2d(1, 2, (2, 3))
    grid = filters(layer).numbers(1)
    np.testing.assert_array_equal(grid.values[..., 0], layer.weight[1, 0].detach().numpy())
    assert grid.picture().ndim == 3
    table = filters(layer).to_frame()
    weights = layer.weight.detach().double().numpy().reshape(2, -1)
    np.testing.assert_allclose(table["length"], np.linalg.norm(weights, axis=1))
    np.testing.assert_allclose(table["sum"], weights.sum(axis=1), atol=1e-12)


@pytest.mark.parametrize("groups", [1, 2])
def test_filters_of_transposed_convolutions_are_what_one_cell_is_spread_to(groups: int) -> None:
    layer = nn.ConvTranspose2d(4, 6, 3, groups=groups, bias=False)
    weights = filters(layer, input_channel=0).weights
    assert weights.shape == (6, 4 // groups, 3, 3)
    through = filters(trace_network(layer, torch.zeros(1, 4, 2, 2)), input_channel=0).weights
    np.testing.assert_array_equal(through, weights)
    for channel in range(4):
        cell = torch.zeros(1, 4, 1, 1)
        cell[0, channel] = 1
        spread = layer(cell)[0].detach().numpy()
        for each in range(6):
            own = each // (6 // groups) == channel // (4 // groups)
            expected = weights[each, channel % (4 // groups)] if own else np.zeros((3, 3))
            np.testing.assert_allclose(spread[each], expected, atol=1e-7)


def test_wrong_calls() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten())
    trace = trace_network(network, torch.zeros(1, 3, 5, 5))
    for source, call, words in (
        (network, {"layer": "1"}, "unknown convolution '1'"),
        (trace, {"layer": "1"}, "expected a convolution, but 1 is a flatten"),
        (nn.ReLU(), {}, "expected a network with convolutions, found none in ReLU"),
        (network, {"chosen": [4]}, "expected filters from 0 to 3, found 4"),
        (network, {"input_channel": 3}, "expected input channels from 0 to 2, found 3"),
        (network, {"scale": "x"}, "expected scale as own or common"),
        (nn.Conv1d(3, 2, 3), {}, "found 2×3×3 weights in Conv1d"),
    ):
        with pytest.raises(UsageError, match=words):
            filters(source, **call)
    with pytest.raises(UsageError, match="expected filters from 0 to 3, found -1"):
        filters(network).numbers(-1)
