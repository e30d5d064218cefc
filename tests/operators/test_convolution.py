"""Convolution and cross-correlation against float64 loops, SciPy and torch."""

import numpy as np
import pytest
import scipy.signal
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.references.convolution import naive_correlate, naive_output

from pellucid.operators.convolution import convolve, correlate

MODES = ("zeros", "reflect", "replicate", "circular")
PAD_MODES = dict(zip(MODES, ("constant", "reflect", "edge", "wrap"), strict=True))


def close(found, wanted, within=1e-5):
    """Whether the largest difference is within 1e-5 of the largest magnitude wanted."""
    assert found.shape == wanted.shape
    scale = np.abs(wanted).max()
    assert np.abs(found.astype(np.float64) - wanted).max() <= within * scale + 1e-30


def rounds_to(found, sums):
    """Whether integers are the sums rounded half to even, but for sums next to a half."""
    limits = np.iinfo(found.dtype)
    wanted = np.clip(np.rint(sums), limits.min, limits.max)
    near = np.abs(np.abs(sums - np.floor(sums)) - 0.5) < 1e-5 * max(1.0, np.abs(sums).max())
    assert found.shape == sums.shape
    assert np.array_equal(found[~near], wanted[~near])
    assert (np.abs(found[near].astype(np.float64) - wanted[near]) <= 1).all()


@st.composite
def problems(draw):
    whole = st.integers
    groups = draw(whole(1, 2))
    depth, maps = draw(whole(1, 2)), draw(whole(1, 2))
    sizes = [draw(whole(1, 8)) for _ in range(2)]
    kernel = [draw(whole(1, 4)) for _ in range(2)]
    return {
        "shape": (draw(whole(1, 2)), groups * depth, *sizes),
        "kernel": (groups * maps, depth, *kernel),
        "stride": tuple(draw(whole(1, 3)) for _ in range(2)),
        "dilation": tuple(draw(whole(1, 3)) for _ in range(2)),
        "padding": tuple((draw(whole(0, 4)), draw(whole(0, 4))) for _ in range(2)),
        "mode": draw(st.sampled_from(MODES)),
        "groups": groups,
        "alone": draw(st.booleans()),
        "seed": draw(whole(0, 2**16)),
        "dtype": draw(st.sampled_from(["float32", "float64", "uint8", "int16"])),
        "rank": draw(st.sampled_from(["one", "any", "sparse"])),
    }


def kernel_of(rng, shape, rank):
    if rank == "one":
        return rng.standard_normal((*shape[:3], 1)) * rng.standard_normal((*shape[:2], 1, shape[3]))
    kernel = rng.standard_normal(shape)
    return kernel * (rng.random(shape) < 0.3) if rank == "sparse" else kernel


@settings(max_examples=150, deadline=None)
@given(problems())
def test_equals_the_formula(case):
    rng = np.random.default_rng(case["seed"])
    values = (rng.random(case["shape"]) * 255).astype(case["dtype"])
    weights = kernel_of(rng, case["kernel"], case["rank"])
    channels = values.shape[1]
    groups, given_kernel = case["groups"], weights
    if case["alone"]:
        groups, given_kernel = 1, weights[0, 0]
        weights = np.repeat(weights[:1, :1], channels, axis=0)
    sliding = {name: case[name] for name in ("stride", "dilation", "padding", "mode")}
    shape = [
        naive_output(n, k, s, d, *p)
        for n, k, s, d, p in zip(
            values.shape[2:], weights.shape[2:], case["stride"], case["dilation"],
            case["padding"], strict=True,
        )
    ]  # fmt: skip
    if 0 in shape:
        with pytest.raises(ValueError, match="expected a kernel that fits"):
            correlate(values, given_kernel, groups=groups, **sliding)
        return
    before = [pair[0] for pair in case["padding"]]
    blocks = channels if case["alone"] else groups
    wanted = naive_correlate(
        values, weights, case["stride"], case["dilation"], before, shape, blocks, case["mode"]
    )
    found = correlate(values, given_kernel, groups=groups, **sliding)
    assert found.dtype == values.dtype
    if values.dtype.kind == "f":
        close(found, wanted)
    else:
        rounds_to(found, wanted)
        signed = correlate(values, given_kernel, groups=groups, dtype=np.float64, **sliding)
        close(signed, wanted)


GAUSSIAN = {n: scipy.signal.windows.gaussian(n, 0.15 * n + 0.5) for n in (3, 5, 9, 15, 31, 63)}
KERNELS = {
    **{f"gaussian {n}": np.outer(taps, taps) / taps.sum() ** 2 for n, taps in GAUSSIAN.items()},
    **{f"random {n}": np.random.default_rng(n).standard_normal((n, n)) for n in (3, 5, 11, 15, 41)},
    "random column": np.random.default_rng(1).standard_normal((31, 1)),
    "random row": np.random.default_rng(2).standard_normal((1, 64)),
    "asymmetric rank 1": np.random.default_rng(3).random((13, 1)) * np.arange(12.0),
    "rank 2": np.outer(GAUSSIAN[31], GAUSSIAN[15]) + np.outer(np.arange(31), np.ones(15)),
    "even": np.random.default_rng(4).standard_normal((6, 8)),
    "shift": np.eye(40, 40, 13) * (np.arange(40)[:, None] == 7),
    "box": np.full((9, 9), 1 / 81),
    "zeros": np.zeros((5, 5)),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_equals_scipy_on_a_picture(kernel, mode, dtype):
    rng = np.random.default_rng(0)
    image = (rng.random((170, 150, 3)) * 255).astype(dtype)
    found = correlate(image, kernel, mode=mode)
    # np.pad has its own code for every border, and SciPy transforms whole planes in float64.
    sides = [((size - 1) // 2, size // 2) for size in kernel.shape]
    framed = np.pad(image.astype(np.float64), (*sides, (0, 0)), mode=PAD_MODES[mode])
    turned = kernel[::-1, ::-1, None].astype(np.float64)
    wanted = scipy.signal.fftconvolve(framed, turned, "valid", axes=(0, 1))
    if dtype == np.uint8:
        rounds_to(found, wanted)
    else:
        close(found, wanted)
    assert found.dtype == dtype


@pytest.mark.parametrize(("stride", "dilation", "groups"), [(1, 1, 1), (2, 1, 2), (3, 2, 4)])
def test_filters_equal_torch(stride, dilation, groups):
    rng = np.random.default_rng(5)
    values = rng.standard_normal((2, 8, 60, 50)).astype(np.float32)
    filters = rng.standard_normal((12, 8 // groups, 3, 5)).astype(np.float32)
    bias = rng.standard_normal(12)
    wanted = F.conv2d(
        torch.from_numpy(values).double(), torch.from_numpy(filters).double(),
        torch.from_numpy(bias), stride, (2, 1), dilation, groups,
    )  # fmt: skip
    options = {"stride": stride, "dilation": dilation, "groups": groups, "bias": bias}
    close(correlate(values, filters, padding=(2, 1), **options), wanted.numpy())


@pytest.mark.parametrize("kernel", [np.array([0.5, 0.3, 0.2]), np.hanning(101)])
def test_a_series_equals_numpy(kernel):
    series = np.random.default_rng(6).standard_normal(5000)
    close(convolve(series, kernel, padding="full"), np.convolve(series, kernel), 1e-12)
    close(correlate(series, kernel, padding="valid"), np.correlate(series, kernel), 1e-12)
    two = convolve(np.stack([series, -series]), kernel, padding="valid")
    close(two[1], -np.convolve(series, kernel, "valid"), 1e-12)


def test_filters_over_a_series_equal_torch():
    rng = np.random.default_rng(7)
    values, filters = rng.standard_normal((2, 3, 40)), rng.standard_normal((4, 3, 5))
    wanted = F.conv1d(torch.from_numpy(values), torch.from_numpy(filters), stride=2, dilation=3)
    options = {"stride": 2, "dilation": 3, "padding": "valid", "axes": 1}
    close(correlate(values, filters, **options), wanted.numpy(), 1e-12)
    close(correlate(values, filters[0], **options), wanted.numpy()[:, :1], 1e-12)


def test_same_with_stride_is_ceil_of_n_over_s():
    image = np.ones((7, 10), np.float32)
    assert correlate(image, np.ones((4, 4)), stride=3).shape == (3, 4)
