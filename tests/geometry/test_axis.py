"""One axis against torch's real shapes and gradients, and against NumPy's padding."""

from time import perf_counter
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from pellucid.errors import UsageError
from pellucid.geometry import MODES, Axis
from pellucid.geometry.padding import source

TORCH_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}
NUMPY_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@st.composite
def axes(draw: st.DrawFn, modes: tuple[str, ...] = MODES) -> Axis:
    length = draw(st.integers(1, 14))
    mode = draw(st.sampled_from(modes))
    # torch pads by reflection only with what is there, and goes round once.
    most = {"reflect": length - 1, "circular": length}.get(mode, 5)
    before, after = draw(st.integers(0, most)), draw(st.integers(0, most))
    kernel, dilation = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    return Axis(length, kernel, draw(st.integers(1, 5)), dilation, before, after, mode)


def reads(axis: Axis) -> torch.Tensor:
    """How often output i reads cell j, (outputs, cells): the gradients of torch's outputs."""
    images = torch.zeros(axis.output, 1, axis.length, dtype=torch.float64, requires_grad=True)
    mode = TORCH_MODES.get(axis.mode, axis.mode)
    padded = F.pad(images, (axis.before, axis.after), mode=mode)
    ones = torch.ones(1, 1, axis.kernel, dtype=torch.float64)
    outputs = F.conv1d(padded, ones, stride=axis.stride, dilation=axis.dilation)
    assert outputs.shape[2] == axis.output
    outputs[:, 0].diagonal().sum().backward()
    assert images.grad is not None
    return images.grad[:, 0]


@settings(max_examples=700, deadline=None)
@given(axes())
def test_who_reads_whom_is_the_gradient_of_a_convolution(axis: Axis) -> None:
    assume(axis.output > 0)
    counts = reads(axis)
    assert axis.coverage() == tuple(counts.sum(0).int().tolist())
    for i in range(axis.output):
        taps = [cell for cell in axis.taps(i) if cell is not None]
        assert np.array_equal(np.bincount(taps, minlength=axis.length), counts[i].numpy())
        assert axis.inputs_of(i) == tuple(counts[i].nonzero()[:, 0].tolist())
    for cell in range(axis.length):
        assert axis.outputs_of(cell) == tuple(counts[:, cell].nonzero()[:, 0].tolist())


@settings(max_examples=300, deadline=None)
@given(axes(("zeros",)))
def test_products_inside_are_what_ones_sum_to(axis: Axis) -> None:
    assume(axis.output > 0)
    ones = torch.ones(1, 1, axis.length, dtype=torch.float64)
    kernel = torch.ones(1, 1, axis.kernel, dtype=torch.float64)
    padded = F.pad(ones, (axis.before, axis.after))
    total = F.conv1d(padded, kernel, stride=axis.stride, dilation=axis.dilation).sum()
    assert axis.taps_inside == int(total) == sum(axis.coverage())


@settings(max_examples=100, deadline=None)
@given(axes(), st.sampled_from(MODES))
def test_products_inside_do_not_depend_on_what_stands_in_the_padding(axis: Axis, mode: str) -> None:
    fields = {name: getattr(axis, name) for name in ("length", "kernel", "stride", "dilation")}
    other = Axis(**fields, before=axis.before, after=axis.after, mode=mode)
    assert other.taps_inside == axis.taps_inside


@settings(max_examples=400, deadline=None)
@given(
    length=st.integers(1, 16),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 6),
    dilation=st.integers(1, 3),
    pad=st.integers(0, 3),
    ceil=st.booleans(),
)
def test_pooling_reads_what_torch_pools(
    length: int, kernel: int, stride: int, dilation: int, pad: int, ceil: bool
) -> None:
    assume(pad <= kernel // 2)
    axis = Axis(length, kernel, stride, dilation, pad, pad, ceil=ceil)
    dots = torch.eye(length, dtype=torch.float64)[:, None]  # one image a cell
    given_to_torch = (dots, kernel, stride, pad, dilation, ceil)
    if axis.output < 1:
        with pytest.raises(RuntimeError, match=r"[Oo]utput size"):
            F.max_pool1d(*given_to_torch)
        return
    hits = F.max_pool1d(*given_to_torch)[:, 0] > 0
    if dilation == 1:
        average = F.avg_pool1d(dots, kernel, stride, pad, ceil)[:, 0]
        assert torch.equal(average > 0, hits)
    assert hits.shape[1] == axis.output
    for i in range(axis.output):
        assert axis.inputs_of(i) == tuple(hits[:, i].nonzero()[:, 0].tolist())
    assert axis.coverage() == tuple(hits.sum(1).tolist())


@given(st.sampled_from(sorted(NUMPY_MODES)), st.integers(1, 6), st.integers(0, 20))
def test_padding_repeats_the_cells_that_numpy_repeats(mode: str, length: int, pad: int) -> None:
    wanted: Any = np.pad(np.arange(length), pad, mode=NUMPY_MODES[mode])  # type: ignore[call-overload]
    assert [source(p, length, mode) for p in range(-pad, length + pad)] == wanted.tolist()


@settings(deadline=None)
@given(
    length=st.integers(1, 5),
    kernel=st.integers(1, 4),
    pads=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    stride=st.integers(1, 3),
    mode=st.sampled_from(sorted(NUMPY_MODES)),
)
def test_padding_wider_than_the_image(
    length: int, kernel: int, pads: tuple[int, int], stride: int, mode: str
) -> None:
    axis = Axis(length, kernel, stride, 1, *pads, mode=mode)
    cells = np.pad(np.arange(length), pads, mode=NUMPY_MODES[mode])  # type: ignore[call-overload]
    windows = [cells[i : i + kernel] for i in range(0, len(cells) - kernel + 1, stride)]
    assert axis.output == len(windows)
    assert [axis.taps(i) for i in range(axis.output)] == [tuple(each) for each in windows]
    counts = np.bincount(np.concatenate(windows), minlength=length) if windows else [0] * length
    assert axis.coverage() == tuple(counts)
    for cell in range(length):
        assert axis.outputs_of(cell) == tuple(i for i, w in enumerate(windows) if cell in w)


def test_ceil_window_beyond_the_padding_reads_nothing_there() -> None:
    axis = Axis(5, 3, 3, before=0, after=0, mode="replicate", ceil=True)
    assert [axis.taps(i) for i in range(axis.output)] == [(0, 1, 2), (3, 4, None)]


@pytest.mark.parametrize("axis", [Axis(0, 3), Axis(0, 3, before=1, after=1), Axis(4, 9)])
def test_a_window_that_does_not_fit_has_no_outputs(axis: Axis) -> None:
    if axis.padded < axis.kernel:
        assert axis.output == 0
        with pytest.raises(UsageError, match="there is none"):
            axis.taps(0)
    assert axis.coverage() == (0,) * axis.length
    assert axis.taps_inside == 0


@pytest.mark.parametrize("mode", sorted(NUMPY_MODES))
def test_an_empty_axis_has_no_cell_to_repeat(mode: str) -> None:
    assert Axis(0, 1, mode=mode).output == 0
    with pytest.raises(UsageError, match="empty axis"):
        Axis(0, 1, before=1, mode=mode)
    with pytest.raises(UsageError, match="empty axis"):
        source(-1, 0, mode)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("length", -1),
        ("kernel", 0),
        ("kernel", True),
        ("stride", 0),
        ("stride", 2.0),
        ("dilation", -2),
        ("before", -1),
        ("after", None),
        ("after", "1"),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=f"expected {name} as a whole number of at least"):
        Axis(**({"length": 7, "kernel": 3} | {name: value}))


def test_unknown_mode_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'reflect'"):
        Axis(7, 3, mode="reflct")
    with pytest.raises(UsageError, match="unknown padding mode 'None'"):
        Axis(7, 3, mode=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("index", [-1, 5, True, 1.0, None])
def test_indices_that_do_not_exist_are_refused(index: Any) -> None:
    axis = Axis(5, 3, before=1, after=1)
    for method, name in (("taps", "output"), ("inputs_of", "output"), ("outputs_of", "input cell")):
        with pytest.raises(UsageError, match=f"expected an {name} from 0 to 4, found {index!r}"):
            getattr(axis, method)(index)


def test_numpy_integers_become_plain_ones() -> None:
    axis = Axis(np.int64(7), np.uint8(3), before=np.int32(1))  # type: ignore[arg-type]
    assert axis == Axis(7, 3, before=1)
    assert type(axis.length) is int
    assert axis.outputs_of(np.int64(3)) == (2, 3, 4)  # type: ignore[arg-type]


def test_size_of_the_axis_or_kernel_costs_no_time() -> None:
    huge = Axis(10**12, kernel=10**9, stride=10**9 - 7, dilation=3, before=10**6, after=5)
    began = perf_counter()
    assert huge.output == (10**12 + 10**6 + 5 - huge.span) // huge.stride + 1
    assert all(3 * 10**8 in huge.positions(i) for i in huge.outputs_of(3 * 10**8))
    for mode in MODES:
        assert sum(Axis(4000, 1001, 1, 3, 500, 500, mode).coverage()) > 0
    assert perf_counter() - began < 2  # 0.1 s here; with loops over taps it takes minutes
