"""What holds for every convolution, whatever way computes it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.operators.convolution import convolve, correlate

SIZES = st.integers(1, 24)
SEEDS = st.integers(0, 2**16)


def near(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9 * max(1, np.abs(wanted).max()))


def arrays(seed, *shapes):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


@settings(max_examples=40, deadline=None)
@given(SEEDS, SIZES, SIZES, SIZES, SIZES)
def test_image_and_kernel_change_places(seed, height, width, tall, wide):
    image, kernel = arrays(seed, (height, width), (tall, wide))
    near(convolve(image, kernel, padding="full"), convolve(kernel, image, padding="full"))


@settings(max_examples=30, deadline=None)
@given(SEEDS, SIZES, st.integers(1, 9), st.integers(1, 9))
def test_associative(seed, size, one, other):
    image, first, second = arrays(seed, (size, size + 3), (one, one), (other, 2))
    twice = convolve(convolve(image, first, padding="full"), second, padding="full")
    near(twice, convolve(image, convolve(first, second, padding="full"), padding="full"))


@settings(max_examples=30, deadline=None)
@given(SEEDS, SIZES, SIZES, SIZES)
def test_convolution_theorem(seed, height, width, size):
    image, kernel = arrays(seed, (height, width), (size, size))
    shape = (height + size - 1, width + size - 1)
    product = np.fft.fft2(image, shape) * np.fft.fft2(kernel, shape)
    near(convolve(image, kernel, padding="full"), np.fft.ifft2(product).real)


def test_a_scalar_is_a_kernel_of_one_weight():
    [image] = arrays(0, (9, 8, 3))
    near(convolve(image, [[-2.5]]), -2.5 * image)


def test_mixing_channels_is_a_filter_of_one_cell():
    image, mix = arrays(1, (9, 8, 3), (4, 3))
    near(correlate(image, mix[:, :, None, None]), image @ mix.T)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(1, 7), st.sampled_from(["valid", "full"]))
def test_convolution_is_correlation_with_the_kernel_turned(seed, size, padding):
    image, kernel = arrays(seed, (20, 17), (size, 3))
    turned = kernel[::-1, ::-1]
    near(convolve(image, kernel, padding=padding), correlate(image, turned, padding=padding))


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(1, 15), st.floats(-3, 3), st.floats(-3, 3))
def test_linear_in_the_image_and_in_the_kernel(seed, size, a, b):
    one, other, kernel, second = arrays(seed, (20, 18), (20, 18), (size, size), (size, size))
    mixed = a * correlate(one, kernel) + b * correlate(other, kernel)
    near(correlate(a * one + b * other, kernel), mixed)
    mixed = a * correlate(one, kernel) + b * correlate(one, second)
    near(correlate(one, a * kernel + b * second), mixed)


@pytest.mark.parametrize("size", [3, 15, 33])
@pytest.mark.parametrize("rank", [1, 33])
def test_equivariant_under_shifts(size, rank):
    image, columns, rows = arrays(2, (120, 110), (size, rank), (rank, size))
    kernel = columns @ rows
    moved = np.roll(image, (5, -7), (0, 1))
    turned = np.roll(correlate(image, kernel, mode="circular"), (5, -7), (0, 1))
    near(correlate(moved, kernel, mode="circular"), turned)
    inside = slice(size + 7, -size - 7)
    found = correlate(moved, kernel)[inside, inside]
    near(found, np.roll(correlate(image, kernel), (5, -7), (0, 1))[inside, inside])
