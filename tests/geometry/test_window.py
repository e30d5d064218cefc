"""Windows over series and images against torch's shapes, padding and gradients."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from pellucid.errors import UsageError
from pellucid.geometry import SCHEMES, Window, transposed_window, window
from pellucid.geometry.padding import resolve, sides

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))
KERNELS = st.tuples(st.integers(1, 4), st.integers(1, 4))
STEPS = st.tuples(st.integers(1, 3), st.integers(1, 3))
PADS = st.tuples(
    st.tuples(st.integers(0, 3), st.integers(0, 3)), st.tuples(st.integers(0, 3), st.integers(0, 3))
)


@settings(max_examples=200, deadline=None)
@given(SIZES, KERNELS, STEPS, STEPS, PADS)
def test_an_image_is_read_as_torch_reads_it(
    shape: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    pads: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    found = window(shape, kernel, stride=stride, dilation=dilation, padding=pads)
    assume(0 not in found.output_shape)
    count = found.output_shape[0] * found.output_shape[1]
    images = torch.zeros(count, 1, *shape, dtype=torch.float64, requires_grad=True)
    padded = F.pad(images, (*pads[1], *pads[0]))
    ones = torch.ones(1, 1, *kernel, dtype=torch.float64)
    outputs = F.conv2d(padded, ones, stride=stride, dilation=dilation)
    assert outputs.shape[2:] == found.output_shape
    outputs.flatten(1).diagonal().sum().backward()
    assert images.grad is not None
    reads = images.grad[:, 0].reshape(*found.output_shape, *shape)
    assert found.coverage() == tuple(map(tuple, reads.sum((0, 1)).int().tolist()))
    assert found.taps_inside == int(reads.sum())
    middle = tuple(size // 2 for size in found.output_shape)
    assert found.inputs_of(middle) == tuple(map(tuple, reads[middle].nonzero().tolist()))
    cell = tuple(size // 2 for size in shape)
    users = reads[:, :, cell[0], cell[1]]
    assert found.outputs_of(cell) == tuple(map(tuple, users.nonzero().tolist()))


@settings(max_examples=200, deadline=None)
@given(SIZES, KERNELS, STEPS, st.tuples(st.integers(0, 2), st.integers(0, 2)), st.booleans())
def test_pooled_shape_is_torchs(
    shape: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    pads: tuple[int, int],
    ceil: bool,
) -> None:
    assume(all(pad <= taps // 2 for pad, taps in zip(pads, kernel, strict=True)))
    found = window(shape, kernel, stride=stride, padding=pads, ceil=ceil)
    assume(0 not in found.output_shape)
    image = torch.zeros(1, 1, *shape)
    assert F.max_pool2d(image, kernel, stride, pads, 1, ceil).shape[2:] == found.output_shape
    assert F.avg_pool2d(image, kernel, stride, pads, ceil).shape[2:] == found.output_shape


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 12), st.integers(1, 6), st.integers(1, 3))
def test_same_is_torchs_same(length: int, kernel: int, dilation: int) -> None:
    (pads,) = window((length,), kernel, dilation=dilation, padding="same").padding
    image, weights = torch.rand(1, 1, length), torch.rand(1, 1, kernel)
    # torch takes the far side for the odd cell too; here said by hand, since it warns of a copy.
    module: Any = torch.nn.Conv1d(1, 1, kernel, dilation=dilation, padding="same")
    assert tuple(module._reversed_padding_repeated_twice) == pads
    assert F.conv1d(F.pad(image, pads), weights, dilation=dilation).shape == image.shape
    if kernel % 2 and dilation == 1:
        assert pads == ((kernel - 1) // 2, (kernel - 1) // 2)


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 5), st.integers(1, 3))
def test_same_with_a_stride_gives_the_ceiling(
    length: int, kernel: int, stride: int, dilation: int
) -> None:
    found = window((length,), kernel, stride=stride, dilation=dilation, padding="same")
    ((before, after),) = found.padding
    assert found.output_shape == (-(-length // stride),)
    assert after - before in (0, 1)
    if after:  # the least padding: with a cell less there is an output less
        less = window(
            (length,), kernel, stride=stride, dilation=dilation, padding=((before, after - 1),)
        )
        assert less.output_shape[0] < found.output_shape[0]


@given(st.integers(1, 9), st.integers(1, 9))
def test_full_is_numpys_full(length: int, kernel: int) -> None:
    wanted = np.convolve(np.ones(length), np.ones(kernel), "full")
    assert window((length,), kernel, padding="full").output_shape == wanted.shape


def test_edges_are_under_represented_and_padding_helps() -> None:
    before = np.array(window((6, 6), 3).coverage())
    after = np.array(window((6, 6), 3, padding="same").coverage())
    assert (before[0, 0], before[3, 3]) == (1, 9)
    assert (after[0, 0], after[3, 3]) == (4, 9)
    assert np.array_equal(before.sum(), 9 * 16)


def test_a_series_is_one_row() -> None:
    assert window((5,), 3).coverage() == ((1, 2, 3, 2, 1),)
    assert window((5,), 3).taps((1,)) == ((1,), (2,), (3,))


def test_taps_come_row_by_row_and_none_for_zeros() -> None:
    found = window((3, 3), 2, padding=((1, 0), (0, 0)))
    assert found.taps((0, 1)) == (None, None, (0, 1), (0, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel": (3, 3, 3)}, r"expected kernel as a whole number of at least 1, or 2 of them"),
        ({"kernel": True}, r"found True"),
        ({"kernel": 2.5}, r"found 2.5"),
        ({"kernel": "3"}, r"found '3'"),
        ({"kernel": None}, r"found None"),
        ({"kernel": 0}, r"found 0"),
        ({"kernel": 3, "stride": (1, True)}, r"expected stride .* found \(1, True\)"),
        ({"kernel": 3, "dilation": -1}, r"expected dilation"),
        ({"kernel": 3, "padding": "sane"}, r"did you mean 'same'"),
        ({"kernel": 3, "padding": -1}, r"expected padding .* found -1"),
        ({"kernel": 3, "padding": True}, r"expected padding .* found True"),
        ({"kernel": 3, "padding": None}, r"expected padding .* found None"),
        ({"kernel": 3, "padding": 1.5}, r"expected padding"),
        ({"kernel": 3, "padding": (1,)}, r"one entry an axis \(2 here\)"),
        ({"kernel": 3, "padding": ((1, 2, 3), 1)}, r"expected padding"),
        ({"kernel": 3, "padding": (("1", 2), 1)}, r"expected padding"),
        ({"kernel": 3, "mode": "zero"}, r"did you mean 'zeros'"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        window((5, 5), **arguments)


@pytest.mark.parametrize("shape", [(), (4, 4, 4, 4), None, 2.5])
def test_only_series_images_and_volumes_have_windows(shape: Any) -> None:
    for make in (window, transposed_window):
        with pytest.raises(
            UsageError, match=r"a shape \(T,\) of a series, \(H, W\) of an image or"
        ):
            make(shape, 1)
    with pytest.raises(UsageError, match="1, 2 or 3 axes, found 0"):
        Window(())


def test_a_length_alone_is_a_series() -> None:
    assert window(5, 3) == window((5,), 3)
    assert window(5, 3).taps(1) == ((1,), (2,), (3,))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="expected length as a whole number"):
        window((5, -1), 3)
    with pytest.raises(UsageError, match="expected an output from 0 to 2, found 'a'"):
        window(5, 3).taps("a")  # type: ignore[arg-type]


def test_a_number_too_many_or_too_few_is_refused() -> None:
    found = window((5, 5), 3)
    for call in (found.taps, found.inputs_of, found.outputs_of):
        with pytest.raises(UsageError, match=r"expected 2 indices \(one an axis\), found \(1,\)"):
            call((1,))


def test_numpy_numbers_are_taken() -> None:
    shape = np.array([8, 9])
    assert window(shape, np.int64(3), padding=np.int8(1)) == window((8, 9), 3, padding=1)  # type: ignore[arg-type]
    assert isinstance(window((4,), 2), Window)


@given(st.sampled_from(SCHEMES), st.integers(0, 5), st.integers(1, 5), st.integers(1, 4))
def test_schemes_of_an_axis_are_those_of_a_window(
    scheme: str, length: int, span: int, stride: int
) -> None:
    assert resolve(scheme, (length,), (span,), (stride,)) == (sides(scheme, length, span, stride),)  # type: ignore[arg-type]
    if length == 0 and scheme != "full":  # full overlaps of nothing are none either
        assert window((0,), span, stride=stride, padding=scheme).output_shape == (0,)  # type: ignore[arg-type]
