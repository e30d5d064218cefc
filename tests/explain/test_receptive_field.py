"""Exact receptive fields against torch's gradients and against chains of windows."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.explain.random_networks import Random2d
from tests.ledger.plain_networks import Calls
from torch import Tensor, nn
from torch.nn import functional

from pellucid.errors import UsageError
from pellucid.explain import receptive_field, touches, trace_network
from pellucid.geometry import chains, window

SHAPE = (2, 11, 13)


def seen_by_gradient(network: nn.Module, values: Tensor, at: tuple[int, ...]) -> np.ndarray:
    """(H, W): where one output's gradient is not 0 in any channel; (y, x) is all channels."""
    values = values.clone().requires_grad_()
    result = network(values)[0]
    chosen = result[(..., *at)] if len(at) == 2 else result[at]
    (gradient,) = torch.autograd.grad(chosen.sum(), values)
    return (gradient[0] != 0).any(0).numpy()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.data())
def test_fields_of_random_networks_are_the_gradients(seed: int, data: st.DataObject) -> None:
    values = torch.rand(1, *SHAPE, dtype=torch.float64) + 0.5
    trace = trace_network(Random2d(seed, SHAPE, average=False), values)
    last = trace.nodes[trace.graph.outputs[0]]
    at = tuple(data.draw(st.integers(0, length - 1)) for length in last.shape[1:])
    if len(at) == 3 and data.draw(st.booleans()):
        at = at[1:]
    expected = seen_by_gradient(Random2d(seed, SHAPE, average=True), values, at)
    found = receptive_field(trace, last.index, at).input
    np.testing.assert_array_equal(found.mask, expected)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(0, SHAPE[1] - 1), st.integers(0, SHAPE[2] - 1))
def test_what_a_pixel_touches_is_what_moves_with_it(seed: int, y: int, x: int) -> None:
    values = torch.rand(1, *SHAPE, dtype=torch.float64) + 0.5
    nudge = torch.zeros_like(values)
    nudge[:, :, y, x] = 1
    network = Random2d(seed, SHAPE, average=True)
    _, moved = torch.autograd.functional.jvp(network, values, nudge)
    trace = trace_network(Random2d(seed, SHAPE, average=False), values)
    name = trace.names[trace.graph.outputs[0]]
    touch = touches(trace, (y, x)).layer(name)
    assert (0 if touch is None else touch.count) == int((moved != 0).sum())
    if touch is not None and touch.area is not None:
        np.testing.assert_array_equal(touch.area.mask, (moved[0] != 0).any(0).numpy())


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.data())
def test_fields_of_windows_in_a_row_are_the_chains(data: st.DataObject) -> None:
    layers, windows, shape = [], [], (17, 15)
    for _ in range(data.draw(st.integers(1, 4))):
        small = st.integers(1, 3)
        kernel, dilation = (data.draw(small), data.draw(small)), data.draw(st.integers(1, 2))
        stride, padding = data.draw(st.integers(1, 2)), data.draw(st.integers(0, 1))
        next_one = window(shape, kernel, stride=stride, padding=padding, dilation=dilation)
        if min(next_one.output_shape) < 1:
            break
        layers.append(nn.Conv2d(1, 1, kernel, stride, padding, dilation))
        windows.append(next_one)
        shape = next_one.output_shape
    if not windows:
        return
    down, across = chains(windows)
    at = (data.draw(st.integers(0, shape[0] - 1)), data.draw(st.integers(0, shape[1] - 1)))
    trace = trace_network(nn.Sequential(*layers), torch.zeros(1, 1, 17, 15))
    expected = np.zeros((17, 15), bool)
    expected[np.ix_(down.inputs_of(at[0]), across.inputs_of(at[1]))] = True
    found = receptive_field(trace, trace.graph.outputs[0], at)
    np.testing.assert_array_equal(found.input.mask, expected)


def test_branches_of_1x7_and_7x1_see_a_cross() -> None:
    network = Calls(
        lambda net, x: torch.cat([net.flat(x), net.tall(x)], 1),
        flat=nn.Conv2d(1, 2, (1, 7), padding=(0, 3)),
        tall=nn.Conv2d(1, 2, (7, 1), padding=(3, 0)),
    )
    trace = trace_network(network, torch.zeros(1, 1, 15, 15))
    area = receptive_field(trace, trace.graph.outputs[0], (7, 7)).input
    assert (area.count, area.box) == (13, (4, 11, 4, 11))
    assert receptive_field(trace, trace.graph.outputs[0], (0, 7, 7)).input.box == (7, 8, 4, 11)
    assert area.spans()[3] == (7, 4, 11)


def test_what_is_written_in_place_through_a_view() -> None:
    def forward(net: Calls, x: Tensor) -> Tensor:
        x = net.first(x)
        x[:, :1].mul_(net.wide(x[:, 1:]))  # channel 0 now sees more
        x.view(-1).relu_()
        x[..., 2] = x[..., 0]
        return net.last(x)

    network = Calls(
        forward,
        first=nn.Conv2d(1, 2, 1),
        wide=nn.Conv2d(1, 1, (1, 3), padding=(0, 1)),
        last=nn.Conv2d(2, 2, 1, groups=2),
    )
    for parameter in network.parameters():
        nn.init.constant_(parameter, 1.0)
    trace = trace_network(network, torch.ones(1, 1, 4, 6))
    with torch.no_grad():  # no gradients through such writes: every pixel is changed in turn
        before = network(torch.ones(1, 1, 4, 6))
        nudged = [torch.ones(24).index_fill_(0, torch.tensor(place), 2) for place in range(24)]
        moved = torch.stack([network(each.view(1, 1, 4, 6)) != before for each in nudged])
    for channel, row, column in np.ndindex(2, 4, 6):
        found = receptive_field(trace, trace.output.index, (channel, row, column)).input
        expected = moved[:, 0, channel, row, column].reshape(4, 6).numpy()
        np.testing.assert_array_equal(found.mask, expected)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear"])
@pytest.mark.parametrize("factor", [1.25, 1.4, (2, 1), (0.7, 3)])
def test_fields_through_enlarging_by_a_factor(mode: str, factor: object) -> None:
    values = torch.rand(1, 1, 3, 5, dtype=torch.float64)
    network = Calls(lambda net, x: functional.interpolate(x, scale_factor=factor, mode=mode))
    trace = trace_network(network, values)
    for at in np.ndindex(trace.output.shape[2:]):
        found = receptive_field(trace, trace.output.index, at).input
        np.testing.assert_array_equal(found.mask, seen_by_gradient(network, values, at))


def test_padding_alone_sees_nothing() -> None:
    trace = trace_network(nn.Conv2d(1, 1, 1, padding=2), torch.zeros(1, 1, 4, 4))
    field = receptive_field(trace, 1, (0, 0))
    assert (field.input.count, field.input.box, str(field.input)) == (0, None, "nothing")
    assert field.to_json()["input"]["spans"] == []
    assert field._repr_png_().startswith(b"\x89PNG")


def test_json_says_everything() -> None:
    trace = trace_network(nn.Conv2d(1, 1, 2, dilation=2), torch.zeros(1, 1, 4, 4))
    record = receptive_field(trace, 1, (0, 1, 0)).to_json()
    assert record["input"] == {
        "shape": [4, 4],
        "box": {"top": 1, "bottom": 4, "left": 0, "right": 3},
        "count": 4,
        "share": 0.25,
        "spans": [[1, 0, 1], [1, 2, 3], [3, 0, 1], [3, 2, 3]],
    }
    assert (record["layer"], record["at"], record["original"]) == ("conv2d", [0, 1, 0], None)


def test_what_is_behind_an_unknown_operation_is_said_to_be_unknown() -> None:
    network = Calls(
        lambda net, x: torch.cumsum(net.conv(x), 2) + 1, conv=nn.Conv2d(1, 2, 3, padding=1)
    )
    trace = trace_network(network, torch.zeros(1, 1, 6, 6))
    with pytest.raises(UsageError, match="which positions 'cumsum' reads is not known"):
        receptive_field(trace, trace.graph.outputs[0], (0, 0))
    found = touches(trace, (2, 2))
    assert found.unknown == ("cumsum", "add")
    assert found.layer("conv").count == 18
    assert found.to_frame()["count"].isna().sum() == 2
    assert "cumsum: unknown" in str(found)


@pytest.mark.parametrize(
    ("layer", "at", "words"),
    [
        ("cnv", (0, 0), "did you mean 'conv'"),
        ("conv", (0, 6), "expected x from 0 to 5, found 6"),
        ("conv", (2, 0, 0), "expected c from 0 to 1, found 2"),
        ("conv", 3, r"expected a position \(y, x\) or \(c, y, x\) of 2×6×6, found 3"),
        ("conv", (0.5, 0), "expected y as a whole number, found 0.5"),
        ("conv", (-1, 0), "expected y from 0 to 5, found -1"),
    ],
)
def test_wrong_places(layer: str, at: object, words: str) -> None:
    network = nn.Sequential()
    network.add_module("conv", nn.Conv2d(1, 2, 3, padding=1))
    trace = trace_network(network, torch.zeros(1, 1, 6, 6))
    with pytest.raises(UsageError, match=words):
        receptive_field(trace, layer, at)


def test_wrong_pixels() -> None:
    trace = trace_network(nn.Conv2d(1, 2, 3), torch.zeros(1, 1, 6, 6))
    with pytest.raises(UsageError, match="expected y from 0 to 5, found 6"):
        touches(trace, (6, 0))
    with pytest.raises(UsageError, match=r"expected a pixel as \(y, x\), found \(1, 2, 3\)"):
        touches(trace, (1, 2, 3))
    with pytest.raises(UsageError, match="this trace began with a tensor"):
        touches(trace, (1, 2), "original")
