"""What callers bring: every library and dtype, broken numbers, wrong arguments."""

import numpy as np
import pytest
import torch
from tests.references.convolution import naive_correlate

from pellucid.errors import UsageError
from pellucid.images.read import Picture
from pellucid.operators.convolution import convolve, correlate
from pellucid.operators.problem import pose
from pellucid.operators.routes import computed, ranked

RNG = np.random.default_rng(0)
BOX = np.ones((3, 3)) / 9


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16", "uint8", "int32"])
@pytest.mark.parametrize("kernel", [np.ones((2, 3, 3, 3)), np.ones((3, 3, 3)), np.ones((3, 3))])
def test_tensors_keep_their_dtype(dtype, kernel):
    values = torch.arange(3 * 6 * 5).reshape(3, 6, 5).to(getattr(torch, dtype))
    found = correlate(values, kernel, mode="reflect")
    assert isinstance(found, torch.Tensor) and found.dtype == values.dtype
    wanted = correlate(values.double().numpy()[None], kernel, mode="reflect", dtype=np.float64)[0]
    if dtype == "uint8":
        wanted = np.clip(wanted, 0, 255)
    assert np.allclose(found.double().numpy(), wanted, rtol=1e-2)
    asked = correlate(values, kernel, mode="reflect", dtype=torch.float32)
    assert asked.dtype == torch.float32


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("way", [convolve, correlate])
def test_gradients(mode, way):
    options = {"stride": 2, "dilation": (1, 2), "mode": mode, "padding": (3, (1, 4))}
    image = torch.from_numpy(RNG.standard_normal((1, 2, 4, 5))).requires_grad_()
    kernel = torch.from_numpy(RNG.standard_normal((2, 2, 3, 2))).requires_grad_()
    bias = torch.from_numpy(RNG.standard_normal(2)).requires_grad_()
    found = way(image, kernel, bias=bias, **options)
    plain = way(image.detach().numpy(), kernel.detach(), bias=bias.detach(), **options)
    assert np.allclose(found.detach().numpy(), plain)
    assert torch.autograd.gradcheck(
        lambda *each: way(each[0], each[1], bias=each[2], **options),
        (image, kernel, bias),
        fast_mode=True,
    )
    alone = torch.ones(2, 3, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda each: way(image.detach(), each, **options), (alone,), fast_mode=True
    )


def test_gradients_keep_form_dtype_and_rounding():
    image = torch.randn(5, 6, dtype=torch.bfloat16, requires_grad=True)
    found = correlate(image, BOX)
    assert found.shape == (5, 6) and found.dtype == torch.bfloat16
    assert correlate(image, BOX, dtype=np.float32).dtype == torch.float32
    whole = correlate(image * 500, BOX, dtype=np.uint8)
    wanted = correlate((image * 500).detach().float().numpy(), BOX, dtype=np.uint8)
    assert whole.dtype == torch.uint8 and np.array_equal(whole.numpy(), wanted)
    series = torch.randn(9, requires_grad=True)
    assert correlate(series, [1.0, 2.0]).shape == (9,)


def test_a_picture_and_lists():
    pixels = RNG.integers(0, 255, (6, 5, 3), np.uint8)
    picture = Picture(pixels, "PNG", "RGB", b"")
    assert np.array_equal(correlate(picture, BOX), correlate(pixels, BOX))
    assert correlate([[1, 2], [3, 4]], [[1]]).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("size", [3, 9, 33])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_any_strides_and_read_only(size, dtype):
    base = (RNG.random((3, 120, 90)) * 255).astype(dtype)
    kernel = RNG.standard_normal((size, size))
    for seen in (base[:, ::-1], base[:, :, ::-2], base[::-1].transpose(1, 2, 0)[3:], base[0].T):
        before = seen.copy()
        seen.setflags(write=False)
        assert np.array_equal(correlate(seen, kernel), correlate(before, kernel))
        assert np.array_equal(seen, before)


def test_integers_saturate_and_round_half_to_even():
    image = np.array([[1, 3, 5, 200, 255, 0]], np.uint8)
    assert correlate(image, [[0.5]]).tolist() == [[0, 2, 2, 100, 128, 0]]
    assert correlate(image, [[2]]).tolist() == [[2, 6, 10, 255, 255, 0]]
    assert correlate(image, [[-1]]).tolist() == [[0] * 6]
    assert correlate(image, [[-1]], dtype=np.float32).tolist() == [[-1, -3, -5, -200, -255, 0]]
    assert correlate(image, [[-1]], dtype=np.int8).tolist() == [[-1, -3, -5, -128, -128, 0]]
    huge = np.array([[2**62, -(2**62)]])
    assert correlate(huge, [[4]]).tolist() == [[2**63 - 1, -(2**63)]]
    assert correlate(np.array([[True, False]]), [[1]]).tolist() == [[True, False]]


KERNELS = {
    "direct": RNG.standard_normal((3, 3)),
    "zeros in it": np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "passes": np.outer([1, 2, 3, 4, 3, 2, 1], [1, 2, 3, 2, 1.0]),
    "matrices": np.outer(np.arange(1.0, 16), np.arange(2.0, 17)),
    "fourier": RNG.standard_normal((12, 12)),
}


@pytest.mark.parametrize("way", KERNELS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_broken_numbers_reach_what_weighs_them(way, dtype):
    image, kernel = RNG.random((40, 30)).astype(dtype), KERNELS[way]
    name = "direct" if way == "zeros in it" else way
    clean = correlate(image, kernel)
    for bad in ([np.nan], [np.inf], [-np.inf], [np.inf, -np.inf], [np.nan, np.inf]):
        broken = image.copy()
        for number, value in enumerate(bad):
            broken[20 + 2 * number, 17] = value
        before = [(size - 1) // 2 for size in kernel.shape]
        with np.errstate(invalid="ignore"):
            wanted = naive_correlate(
                broken[None, None], kernel[None, None], (1, 1), (1, 1), before, image.shape
            )[0, 0]
        problem = pose(
            broken[None, None], kernel, axes=2, stride=1, dilation=1, groups=1, padding="same",
            mode="zeros", bias=None, dtype=None,
        )  # fmt: skip
        (route,) = (each for each in ranked(problem) if each.way == name)
        found = computed(problem, route)[0, 0]
        assert np.array_equal(np.isnan(found), np.isnan(wanted))
        assert np.array_equal(found == np.inf, wanted == np.inf)
        assert np.array_equal(found == -np.inf, wanted == -np.inf)
        untouched = np.isfinite(wanted)
        assert np.allclose(found[untouched], clean[untouched], rtol=1e-4, atol=1e-5)


def test_nan_with_filters_and_integers():
    image = RNG.random((9, 8, 2)).astype(np.float32)
    image[4, 4, 1] = np.nan
    filters = np.ones((2, 2, 3, 3))
    filters[0, 1] = 0  # the first filter does not see that channel
    found = correlate(image, filters)
    assert np.isfinite(found[..., 0]).all()
    assert np.isnan(found[..., 1]).sum() == 9 and np.isnan(found[3:6, 3:6, 1]).all()
    assert correlate(image, BOX, dtype=np.uint8)[4, 4, 1] == 0


@pytest.mark.parametrize(
    ("kernel", "options", "says"),
    [
        (np.ones((9, 9)), {"padding": "valid"}, "spans 9×9, the image with its padding is 6×5"),
        (np.ones((0, 3)), {}, "with weights, found shape \\(0, 3\\)"),
        (np.ones((3, 3)) * 1j, {}, "kernel of real numbers, found complex"),
        ([[1, np.nan]], {}, "finite"),
        (np.ones((1, 1, 1, 1, 1)), {}, "\\(kh, kw\\)"),
        (BOX, {"padding": "samee"}, "did you mean 'same'"),
        (BOX, {"mode": "reflekt"}, "did you mean 'reflect'"),
        (np.ones((2, 3, 3)), {}, "filters over 3 channels .* over 2"),
        (np.ones((2, 3, 3, 3)), {"groups": 2}, "divisible by groups=2"),
        (BOX, {"groups": 2}, "filters every channel alone"),
        (BOX, {"groups": 0}, "groups"),
        (BOX, {"stride": 0}, "stride"),
        (BOX, {"bias": [1, 2]}, "bias as one number or 3"),
        (BOX, {"dtype": np.complex64}, "real numbers, found complex64"),
        (BOX, {"dtype": "flot32"}, "dtype"),
        (BOX, {"axes": 3}, "axes as 1 .* or 2"),
        (torch.ones(3, 3, requires_grad=True), {}, "the image as a tensor"),
    ],
)
def test_wrong_arguments(kernel, options, says):
    with pytest.raises(UsageError, match=says) as caught:
        correlate(np.zeros((6, 5, 3), np.float32), kernel, **options)
    assert str(caught.value).count(". ") == 0 and str(caught.value).endswith(".")


@pytest.mark.parametrize("image", [np.zeros((0, 4)), np.zeros((4, 4), complex), np.zeros((1,) * 5)])
def test_wrong_images(image):
    with pytest.raises(UsageError, match="expected"):
        correlate(image, BOX)
