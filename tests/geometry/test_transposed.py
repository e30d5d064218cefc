"""Transposed windows against torch's conv_transpose and nearest upsampling."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from pellucid.errors import UsageError
from pellucid.geometry import TransposedAxis, transposed_window


@st.composite
def axes(draw: st.DrawFn) -> TransposedAxis:
    stride, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    extra = draw(st.integers(0, max(stride, dilation) - 1))
    length, kernel, pad = draw(st.integers(1, 8)), draw(st.integers(1, 5)), draw(st.integers(0, 4))
    return TransposedAxis(length, kernel, stride, dilation, pad, pad, extra)


def spread(axis: TransposedAxis) -> torch.Tensor:
    """Whether cell j adds to output i, (outputs, cells): torch's transpose of one dot a cell."""
    dots = torch.eye(axis.length, dtype=torch.float64)[:, None]
    ones = torch.ones(1, 1, axis.kernel, dtype=torch.float64)
    return F.conv_transpose1d(
        dots, ones, None, axis.stride, axis.before, axis.extra, 1, axis.dilation
    )[:, 0].T


@settings(max_examples=400, deadline=None)
@given(axes())
def test_who_adds_to_whom_is_torchs_transpose(axis: TransposedAxis) -> None:
    assume(axis.output > 0)
    counts = spread(axis)
    assert counts.shape == (axis.output, axis.length)
    assert axis.taps_inside == int(counts.sum())
    for i in range(axis.output):
        assert axis.inputs_of(i) == tuple(counts[i].nonzero()[:, 0].tolist())
        assert set(axis.inputs_of(i)) <= set(axis.field.cells(i))
    for cell in range(axis.length):
        assert axis.outputs_of(cell) == tuple(counts[:, cell].nonzero()[:, 0].tolist())


@given(st.integers(1, 9), st.integers(1, 5))
def test_kernel_equal_to_stride_is_nearest_upsampling(length: int, scale: int) -> None:
    axis = TransposedAxis(length, kernel=scale, stride=scale)
    cells = torch.arange(length, dtype=torch.float64)[None, None]
    wanted = F.interpolate(cells, scale_factor=scale, mode="nearest")[0, 0].int().tolist()
    assert [axis.inputs_of(i) for i in range(axis.output)] == [(cell,) for cell in wanted]
    assert [list(axis.field.cells(i)) for i in range(axis.output)] == [[cell] for cell in wanted]


@settings(max_examples=80, deadline=None)
@given(axes(), axes())
def test_an_image_is_spread_as_torch_spreads_it(down: TransposedAxis, over: TransposedAxis) -> None:
    both = (down, over)
    assume(all(axis.output > 0 for axis in both))
    numbers: dict[str, Any] = {
        name: tuple(getattr(axis, name) for axis in both)
        for name in ("kernel", "stride", "dilation", "extra")
    }
    padding = tuple(axis.before for axis in both)
    shape = (down.length, over.length)
    found = transposed_window(shape, padding=padding, **numbers)
    image, ones = torch.ones(1, 1, *shape), torch.ones(1, 1, *found.kernel_shape)
    try:
        wanted = F.conv_transpose2d(
            image, ones, None, numbers["stride"], padding, numbers["extra"], 1, numbers["dilation"]
        )
    except RuntimeError:  # torch compares the extra with the other axis' stride, too
        assume(False)
    assert wanted.shape[2:] == found.output_shape
    assert int(wanted.sum()) == found.taps_inside
    assert found.input_shape == shape


def test_cropped_to_nothing() -> None:
    axis = TransposedAxis(3, 1, before=5, after=5)
    assert (axis.output, axis.taps_inside, axis.outputs_of(0)) == (0, 0, ())
    assert TransposedAxis(0, 3).output == 0
    assert TransposedAxis(0, 3).taps_inside == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"extra": 2}, "extra outputs below the stride or the dilation"),
        ({"extra": -1}, "expected extra"),
        ({"padding": "same"}, "in cells, found 'same'"),
        ({"padding": -1}, "expected padding"),
        ({"stride": 0}, "expected stride"),
        ({"kernel": True}, "expected kernel"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        transposed_window((4, 4), **({"kernel": 3, "stride": 2} | arguments))
    with pytest.raises(UsageError, match="expected an output from 0 to 6, found 7"):
        TransposedAxis(7, 1).inputs_of(7)
    with pytest.raises(UsageError, match="expected an input cell from 0 to 6, found -1"):
        TransposedAxis(np.int8(7), 1).outputs_of(-1)  # type: ignore[arg-type]
