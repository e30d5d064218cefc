"""Terms of convolutions against torch's value and gradients, SciPy, and the fast operators."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import signal
from torch.nn import functional as F

from pellucid.errors import UsageError
from pellucid.geometry import MODES
from pellucid.operators.arithmetic import explain_convolution, explain_correlation, explain_mixing
from pellucid.operators.convolution import convolve, correlate

SCHEMES = st.sampled_from(["same", "valid", "full"])
TORCH_MODES = {"zeros": "constant"}


@dataclass
class Case:
    """Random arrays N×C×… and filters F×(C/groups)×…, and how they slide."""

    image: Any
    filters: Any
    bias: Any
    groups: int
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    mode: str

    @property
    def sliding(self) -> dict[str, Any]:
        return {
            "groups": self.groups,
            "stride": self.stride,
            "dilation": self.dilation,
            "padding": self.pads,
            "mode": self.mode,
            "bias": self.bias,
        }


@st.composite
def cases(draw: st.DrawFn, axes: int | None = None) -> Case:
    axes = axes or draw(st.sampled_from([1, 2]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    small = st.integers(1, 2)
    groups, depth, each, batch = draw(st.integers(1, 3)), draw(small), draw(small), draw(small)
    shape = [draw(st.integers(3, 6)) for _ in range(axes)]
    kernel = [draw(st.integers(1, 3)) for _ in range(axes)]
    dilation = tuple(draw(small) for _ in range(axes))
    pads = tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in range(axes))
    for size, taps, gap, (before, after) in zip(shape, kernel, dilation, pads, strict=True):
        assume(gap * (taps - 1) < size + before + after)
    return Case(
        image=random.integers(-9, 10, (batch, groups * depth, *shape)) / 4,
        filters=random.integers(-9, 10, (groups * each, depth, *kernel)) / 4,
        bias=random.normal(size=groups * each) if draw(st.booleans()) else None,
        groups=groups,
        stride=tuple(draw(st.integers(1, 3)) for _ in range(axes)),
        dilation=dilation,
        pads=pads,
        mode=draw(st.sampled_from(MODES)),
    )


def torch_outputs(case: Case, image: torch.Tensor, filters: torch.Tensor) -> torch.Tensor:
    pads = [cells for pair in reversed(case.pads) for cells in pair]
    padded = F.pad(image, pads, mode=TORCH_MODES.get(case.mode, case.mode))
    slide = F.conv1d if len(case.stride) == 1 else F.conv2d
    bias = None if case.bias is None else torch.from_numpy(case.bias)
    made: torch.Tensor = slide(
        padded, filters, bias, stride=case.stride, dilation=case.dilation, groups=case.groups
    )
    return made


@settings(max_examples=100, deadline=None)
@given(cases(), st.data())
def test_terms_are_torchs_gradients_and_their_sum_its_output(
    case: Case, data: st.DataObject
) -> None:
    image = torch.from_numpy(case.image).requires_grad_()
    filters = torch.from_numpy(case.filters).requires_grad_()
    outputs = torch_outputs(case, image, filters)
    at = tuple(data.draw(st.integers(0, size - 1)) for size in outputs.shape)
    outputs[at].backward()
    axes = len(case.stride)
    found = explain_correlation(case.image, case.filters, at, axes=axes, **case.sliding)
    assert found.total == pytest.approx(outputs[at].item(), rel=1e-12, abs=1e-12)
    # The weights that reach a cell add up to the output's gradient there; the values that a
    # weight meets, to its gradient.
    by_cell, by_tap = np.zeros(case.image.shape), np.zeros(case.filters.shape)
    maps = at[1]
    for term in found.terms:
        if term.at is not None:
            cell = term.at if len(case.image) > 1 else (0, *term.at)
            by_cell[cell] += term.weight
            assert term.value == case.image[cell]
        assert term.weight == case.filters[(maps, *term.tap)]
        assert term.product == term.value * term.weight
        by_tap[(maps, *term.tap)] += term.value
    assert image.grad is not None
    assert filters.grad is not None
    np.testing.assert_allclose(by_cell, image.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(by_tap, filters.grad.numpy(), atol=1e-12)
    assert found.bias == (0.0 if case.bias is None else case.bias[maps])


@settings(max_examples=100, deadline=None)
@given(
    cases(),
    SCHEMES,
    st.sampled_from([correlate, convolve]),
    st.sampled_from(["float64", "float32", "uint8"]),
    st.data(),
)
def test_the_fast_operators_agree(
    case: Case, scheme: str, fast: Any, dtype: str, data: st.DataObject
) -> None:
    """Within 1e-5 of Σ|product|; integers rounded half to even and saturated."""
    axes = len(case.stride)
    whole = dtype == "uint8"
    image = (np.abs(case.image * 100).clip(0, 255) if whole else case.image).astype(dtype)
    sliding = case.sliding | {"padding": data.draw(st.sampled_from([scheme, case.pads]))}
    try:
        outputs = fast(image, case.filters, axes=axes, **sliding)
    except UsageError as refusal:
        assert "fits into the image" in str(refusal)
        assume(False)
    assert outputs.dtype == dtype
    at = tuple(data.draw(st.integers(0, size - 1)) for size in outputs.shape)
    explain = explain_correlation if fast is correlate else explain_convolution
    found = explain(image, case.filters, at, axes=axes, **sliding)
    if whole:
        # A tie may fall either way by the last bit of float32.
        assert abs(float(outputs[at]) - np.clip(found.total, 0, 255)) <= 0.5 + 1e-3
        return
    size = sum(abs(term.product) for term in found.terms) + abs(found.bias)
    assert abs(float(outputs[at]) - found.total) <= 1e-5 * size


@settings(max_examples=60, deadline=None)
@given(cases(axes=2), st.data())
def test_a_kernel_alone_filters_each_channel(case: Case, data: st.DataObject) -> None:
    kernel = case.filters[0, 0]
    sliding = case.sliding | {"groups": 1, "bias": 1.5}
    outputs = correlate(case.image, kernel, **sliding)
    assert outputs.shape[:2] == case.image.shape[:2]
    at = tuple(data.draw(st.integers(0, size - 1)) for size in outputs.shape)
    found = explain_correlation(case.image, kernel, at, **sliding)
    assert found.total == pytest.approx(float(outputs[at]), rel=1e-9, abs=1e-9)
    lead = 1 if len(case.image) > 1 else 0
    assert {term.at[lead] for term in found.terms if term.at} <= {at[1]}
    assert len(found.terms) == kernel.size


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["full", "same", "valid"]), st.data())
def test_convolution_is_scipys(seed: int, scheme: str, data: st.DataObject) -> None:
    random = np.random.default_rng(seed)
    image = random.normal(size=random.integers(3, 8, 2))
    kernel = random.normal(size=2 * random.integers(0, 2, 2) + 1)
    wanted = signal.convolve2d(image, kernel, scheme)
    at = tuple(data.draw(st.integers(0, size - 1)) for size in wanted.shape)
    found = explain_convolution(image, kernel, at, padding=scheme)  # type: ignore[arg-type]
    assert found.total == pytest.approx(wanted[at], rel=1e-12, abs=1e-12)
    assert all(term.weight == kernel[term.tap[1:]] for term in found.terms)


def test_mixing_is_a_product_of_matrices() -> None:
    random = np.random.default_rng(3)
    image, matrix, bias = random.normal(size=(4, 5, 3)), random.normal(size=(2, 3)), [1.0, -2.0]
    wanted = image @ matrix.T + bias
    for y, x, c in np.ndindex(4, 5, 2):
        found = explain_mixing(image, matrix, (c, y, x), bias=bias)
        assert found.total == pytest.approx(wanted[y, x, c], rel=1e-12)
        assert [term.at for term in found.terms] == [(k, y, x) for k in range(3)]
    assert explain_mixing(image, 2.5, (1, 0, 4)).total == 2.5 * image[0, 4, 1]
    with pytest.raises(UsageError, match=r"a matrix F×C, found shape \(3,\)"):
        explain_mixing(image, [1, 2, 3], (0, 0, 0))


def test_roles_tell_cells_copies_and_zeros_apart() -> None:
    series, kernel = [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]
    assert [t.role for t in explain_correlation(series, kernel, 0).terms] == [
        "padding",
        "cell",
        "cell",
    ]
    circular = explain_correlation(series, kernel, 0, mode="circular").terms
    assert [(t.role, t.at) for t in circular] == [
        ("copy", (0, 2)),
        ("cell", (0, 0)),
        ("cell", (0, 1)),
    ]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_reach_what_weighs_them(value: float) -> None:
    image = np.array([1.0, value, 2.0, 4.0, 8.0])
    for kernel in ([1.0, 0.0, 1.0], [2.0, 1.0, -3.0]):
        outputs = correlate(image, kernel)
        totals = [explain_correlation(image, kernel, t).total for t in range(5)]
        np.testing.assert_array_equal(totals, outputs)


def test_tensors_and_pictures_and_strides_are_read_as_they_are() -> None:
    image = np.arange(60, dtype=np.float32).reshape(4, 5, 3)
    kernel = np.ones((3, 3))
    wanted = explain_correlation(image, kernel, (1, 2, 3))
    tensor = torch.from_numpy(image).permute(2, 0, 1)
    assert explain_correlation(tensor, torch.from_numpy(kernel), (1, 2, 3)) == wanted
    assert explain_correlation(tensor.requires_grad_(), kernel, (1, 2, 3)) == wanted
    flipped = np.ascontiguousarray(image[::-1])[::-1]
    flipped.flags.writeable = False
    assert explain_correlation(flipped, kernel, (1, 2, 3)) == wanted


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ((2, 0), r"expected the position of an output as \(c, y, x\), found \(2, 0\)"),
        ((0, 9, 0), r"expected the output's y from 0 to 3, found 9 \(in \(0, 9, 0\)\)"),
        ((-1, 0, 0), r"expected the output's c from 0 to 2, found -1"),
        ((0, 0, 0, 0, 0), r"expected the position"),
        ((0, 1.0, 0), r"expected the position"),
        ("abc", r"expected the position"),
        (None, r"expected the position"),
        ((0, True, 0), r"expected the position"),
        ((0, 0, 1.5, 0), r"expected the position"),
        (3, r"expected the position"),
    ],
)
def test_outputs_that_do_not_exist_are_refused(at: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        explain_correlation(np.zeros((4, 5, 3)), np.ones((3, 3)), at)


@pytest.mark.parametrize(
    ("kernel", "arguments"),
    [
        (np.ones((2, 2, 2)), {}),
        (np.ones((9, 9)), {"padding": "valid"}),
        (np.ones((3, 3)), {"padding": "sane"}),
        (np.ones((3, 3)), {"bias": [1, 2]}),
        ([[np.nan]], {}),
        ([["a"]], {}),
        (np.zeros((0, 3)), {}),
    ],
)
def test_what_the_operator_refuses_is_refused_in_the_same_words(
    kernel: Any, arguments: Any
) -> None:
    image = np.zeros((4, 5, 3))
    with pytest.raises(UsageError) as wanted:
        correlate(image, kernel, **arguments)
    with pytest.raises(UsageError) as found:
        explain_correlation(image, kernel, (0, 0, 0), **arguments)
    assert str(found.value) == str(wanted.value)


@pytest.mark.parametrize("taps", [5, 15, 31])
@pytest.mark.parametrize("separable", [True, False])
@pytest.mark.parametrize("mode", MODES)
def test_every_way_that_the_fast_operator_takes_agrees(
    taps: int, separable: bool, mode: str
) -> None:
    random = np.random.default_rng(taps)
    image = random.random((80, 90, 3), np.float32)
    row, column = random.normal(size=taps), random.normal(size=taps)
    kernel = np.outer(column, row) if separable else random.normal(size=(taps, taps))
    outputs = correlate(image, kernel, mode=mode)
    for c, y, x in ((0, 0, 0), (1, 40, 45), (2, 79, 89), (0, 3, 77)):
        found = explain_correlation(image, kernel, (c, y, x), mode=mode)
        size = sum(abs(term.product) for term in found.terms)
        assert abs(float(outputs[y, x, c]) - found.total) <= 1e-5 * size
