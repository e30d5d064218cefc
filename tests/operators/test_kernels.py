"""Named kernels against other libraries, and the figures of a kernel against plain sums."""

import cmath
import math
import pickle
import re

import cv2
import numpy as np
import pytest
import scipy.ndimage as nd
import scipy.signal
import skimage.filters
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pellucid.errors import UsageError
from pellucid.operators.convolution import convolve, correlate
from pellucid.operators.kernels import Kernel, defaults, gabor_bank, kernel, names, read_kernel

PICTURE = np.random.default_rng(3).random((24, 31))
ALL = pytest.mark.parametrize("name", names())

small = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    elements=st.floats(-4, 4).map(lambda value: round(value, 3)),
)


@pytest.mark.parametrize(("sigma", "size"), [(0.5, 3), (1.0, 7), (2.3, 15)])
def test_gaussian_is_that_of_opencv(sigma, size):
    row = cv2.getGaussianKernel(size, sigma, cv2.CV_64F)
    assert np.allclose(kernel("gaussian", sigma, size).weights, row @ row.T, rtol=1e-9, atol=0)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.6])
def test_gaussian_reaches_as_far_as_scipys(sigma):
    impulse = np.zeros((41, 41))
    impulse[20, 20] = 1
    wanted = nd.gaussian_filter(impulse, sigma)
    found = correlate(impulse, kernel("gaussian", sigma))
    assert np.allclose(found, wanted, atol=1e-15)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.0])
def test_the_part_of_the_bell_that_is_left_out(sigma):
    size = 2 * math.ceil(2 * sigma) + 1
    places = np.arange(-200, 201)
    heights = np.exp(-(places[:, None] ** 2 + places[None, :] ** 2) / (2 * sigma**2))
    inside = np.abs(places) <= size // 2
    beyond = 100 * (1 - heights[np.ix_(inside, inside)].sum() / heights.sum())
    assert f"(beyond: {beyond:.2g}% of the bell)" in kernel("gaussian", sigma, size).formula


@pytest.mark.parametrize(("name", "code"), [("sobel", 3), ("scharr", cv2.FILTER_SCHARR)])
def test_derivatives_are_those_of_opencv(name, code):
    for axis, (dx, dy) in {"x": (1, 0), "y": (0, 1)}.items():
        across, down = cv2.getDerivKernels(dx, dy, code, ktype=cv2.CV_64F)
        assert np.array_equal(kernel(f"{name}_{axis}").weights, down @ across.T)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("sobel_x", lambda image: nd.sobel(image, axis=1)),
        ("sobel_y", lambda image: nd.sobel(image, axis=0)),
        ("prewitt_x", lambda image: nd.prewitt(image, axis=1)),
        ("prewitt_y", lambda image: nd.prewitt(image, axis=0)),
        ("laplacian4", nd.laplace),
        ("prewitt_x", lambda image: 3 * skimage.filters.prewitt_v(image)),
        ("prewitt_y", lambda image: 3 * skimage.filters.prewitt_h(image)),
        ("scharr_x", lambda image: 16 * skimage.filters.scharr_v(image)),
        ("sobel_y", lambda image: 4 * skimage.filters.sobel_h(image)),
        ("laplacian8", lambda image: cv2.filter2D(image, -1, np.ones((3, 3))) - 9 * image),
    ],
)
def test_applied_as_correlation_it_is_the_filter_of_that_name(name, theirs):
    found = correlate(PICTURE, kernel(name), padding="valid")
    assert np.allclose(found, theirs(PICTURE)[1:-1, 1:-1], atol=1e-12)


def test_roberts_is_that_of_scikit_image():
    # There it is convolved: turned, so that the sign changes. The border is left out there.
    for name, theirs in (
        ("roberts_x", skimage.filters.roberts_pos_diag),
        ("roberts_y", skimage.filters.roberts_neg_diag),
    ):
        found = correlate(PICTURE, kernel(name), padding="valid")
        wanted = -theirs(PICTURE)[:-1, :-1]
        assert np.allclose(found[1:-1, 1:-1], wanted[1:-1, 1:-1], atol=1e-12)


@pytest.mark.parametrize("sigma", [0.8, 1.4, 3.0])
def test_log_is_that_of_scipy(sigma):
    found = correlate(PICTURE, kernel("log", sigma), mode="replicate")
    wanted = nd.gaussian_laplace(PICTURE, sigma, mode="nearest")
    # SciPy's does not take its sum off.
    total = nd.gaussian_laplace(np.ones((3, 3)), sigma, mode="nearest")[1, 1]
    wanted -= total * nd.gaussian_filter(PICTURE, sigma, mode="nearest")
    assert np.allclose(found, wanted, atol=1e-12)
    row, column = np.mgrid[-20:21, -20:21]
    bowl = correlate((row**2 + column**2).astype(float), kernel("log", sigma), padding="valid")
    assert np.allclose(bowl, 4, atol=0.02)


@pytest.mark.parametrize("angle", [0, 30, 90, 135])
@pytest.mark.parametrize("phase", [0, 90])
def test_gabor_is_that_of_opencv_without_its_sum(angle, phase):
    # OpenCV's angle runs clockwise, and its kernel is made for convolution: turned.
    theta, psi = np.radians(-angle), np.radians(phase)
    wave = cv2.getGaborKernel((21, 21), 3.0, theta, 6.0, 0.7, psi, cv2.CV_64F)[::-1, ::-1]
    bell = cv2.getGaborKernel((21, 21), 3.0, theta, 1e12, 0.7, 0.0, cv2.CV_64F)[::-1, ::-1]
    wanted = wave - bell * (wave.sum() / bell.sum())
    wanted *= 2 / np.abs(wanted).sum()
    made = kernel("gabor", 6, angle, 3.0, gamma=0.7, phase=phase, size=21)
    assert np.allclose(made.weights, wanted, atol=1e-9)


def test_gabor_answers_to_its_own_stripes():
    y, x = np.mgrid[:64, :64]
    for angle in (0, 45, 90, 135):
        turn = np.radians(angle)
        stripes = np.cos(2 * np.pi * (x * np.cos(turn) - y * np.sin(turn)) / 8)
        answers = {
            bank.parameters["angle"]: np.abs(correlate(stripes, bank, padding="valid")).max()
            for bank in gabor_bank(4, (8,))
        }
        assert max(answers, key=answers.get) == angle
        assert answers[angle] > 5 * sorted(answers.values())[-2]


def test_motion_is_the_trace_of_a_line():
    for length, angle in ((9, 0), (9, 90), (7, 45), (11.5, 20), (6, 110), (1, 33), (8, -75)):
        turn = np.radians(angle)
        places = (np.arange(200_000) + 0.5) / 200_000 * length - length / 2
        made = kernel("motion", length, angle)
        rows, columns = made.shape
        edges = [np.arange(count + 1) - count / 2 for count in (rows, columns)]
        line = -places * np.sin(turn), places * np.cos(turn)
        wanted, *_ = np.histogram2d(*line, bins=edges)
        # A point on the border of two cells falls into one of them: the diagonals.
        assert wanted.sum() >= 0.99 * 200_000
        assert np.allclose(made.weights, wanted / 200_000, atol=1e-4), (length, angle)
        assert made.total == pytest.approx(1)
        assert made.symmetric
    assert np.allclose(kernel("motion", 9).weights, np.full((1, 9), 1 / 9), atol=1e-15)


@pytest.mark.parametrize("angle", [0, 37, 90, 200])
def test_oriented_gives_the_slope_in_its_direction(angle):
    y, x = np.mgrid[:20, :20].astype(float)
    turn = np.radians(angle)
    found = correlate(3 * x + 5 * y, kernel("oriented", angle), padding="valid")
    assert np.allclose(found, 3 * np.cos(turn) - 5 * np.sin(turn))


def test_oriented_is_a_blurred_derivative():
    for angle, order in ((0, (0, 1)), (270, (1, 0))):
        found = correlate(PICTURE, kernel("oriented", angle, 2.0), mode="replicate")
        wanted = nd.gaussian_filter(PICTURE, 2.0, order=order, mode="nearest")
        # The same but for the scale of the cut bell.
        assert np.allclose(found, wanted, rtol=0, atol=2e-3 * np.abs(wanted).max())


@settings(max_examples=25, deadline=None)
@given(st.integers(-4, 4), st.integers(-4, 4))
def test_shift_moves_down_and_to_the_right(dy, dx):
    made = kernel("shift", dy, dx)
    moved = nd.shift(PICTURE, (dy, dx), order=0, mode="grid-wrap")
    assert np.array_equal(correlate(PICTURE, made, mode="circular"), moved)
    back = nd.shift(PICTURE, (-dy, -dx), order=0, mode="grid-wrap")
    assert np.array_equal(convolve(PICTURE, made, mode="circular"), back)


def test_box_sharpen_unsharp_emboss_outline_by_their_formulas():
    inside = (slice(9, -9),) * 2
    smooth = nd.gaussian_filter(PICTURE, 2)
    assert np.allclose(correlate(PICTURE, kernel("box", 5))[inside],
                       nd.uniform_filter(PICTURE, 5)[inside])  # fmt: skip
    assert np.allclose(correlate(PICTURE, kernel("sharpen", 0.3))[inside],
                       (PICTURE - 0.3 * nd.laplace(PICTURE))[inside])  # fmt: skip
    assert np.allclose(correlate(PICTURE, kernel("unsharp", 2, 0.7))[inside],
                       (PICTURE + 0.7 * (PICTURE - smooth))[inside])  # fmt: skip
    assert np.allclose(correlate(PICTURE, kernel("outline"))[inside],
                       (9 * PICTURE - 9 * nd.uniform_filter(PICTURE, 3))[inside])  # fmt: skip
    ramp = np.add.outer(np.arange(9.0), np.arange(9.0))
    assert np.allclose(correlate(ramp, kernel("emboss"), padding="valid"), (ramp + 12)[1:-1, 1:-1])


@ALL
def test_sums_and_moments(name):
    made = kernel(name)
    rows, columns = (np.arange(size) - (size - 1) / 2 for size in made.shape)
    assert made.total == pytest.approx(math.fsum(made.weights.flat), abs=1e-12)
    zero = any(word in name for word in ("sobel", "prewitt", "scharr", "roberts", "laplacian",
                                         "log", "gabor", "oriented", "outline"))  # fmt: skip
    assert made.total == pytest.approx(0 if zero else 1, abs=1e-12)
    if name in ("box", "gaussian", "motion", "sharpen", "unsharp", "log", "laplacian8"):
        assert (made.weights @ columns).sum() == pytest.approx(0, abs=1e-12)
        assert (rows @ made.weights).sum() == pytest.approx(0, abs=1e-12)


@ALL
def test_every_kernel_says_what_it_is(name):
    made = kernel(name)
    assert made.name == name
    assert set(made.parameters) == set(defaults(name))
    assert "\n" not in made.formula
    assert made.effect.endswith(".")
    assert made.source
    assert len(made.facts) >= 4
    assert not made.weights.flags.writeable
    again = read_kernel(made.text)
    assert again.name == name and np.array_equal(again.weights, made.weights)
    assert np.array_equal(pickle.loads(pickle.dumps(made)).weights, made.weights)


@settings(max_examples=60, deadline=None)
@given(small)
def test_figures_of_any_kernel(weights):
    made = Kernel("any", weights)
    assert made.total == pytest.approx(math.fsum(weights.flat), abs=1e-9)
    assert made.l1 == pytest.approx(sum(abs(w) for w in weights.flat))
    assert made.l2 == pytest.approx(math.sqrt(sum(w * w for w in weights.flat)))
    assert made.rank == (np.linalg.matrix_rank(weights) if weights.any() else 0)
    assert made.separable == (made.factors is not None)
    assert np.array_equal(read_kernel(made.text).weights, weights + 0.0)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.int64, st.integers(1, 5), elements=st.integers(-4, 4)),
       hnp.arrays(np.int64, st.integers(1, 5), elements=st.integers(-4, 4)))  # fmt: skip
def test_factors_of_a_separable_kernel(column, row):
    made = Kernel("any", np.outer(column, row))
    if not column.any() or not row.any():
        assert made.factors is None
        return
    one, other = made.factors
    assert np.allclose(np.outer(one, other), made.weights, atol=1e-10)
    if column.sum():
        assert one.sum() == pytest.approx(1)
    elif row.sum():
        assert other.sum() == pytest.approx(1)


@settings(max_examples=40, deadline=None)
@given(small, st.integers(1, 9))
def test_response_is_the_direct_sum(weights, size):
    made = Kernel("any", weights)
    (rows, columns), (a, b) = made.shape, made.anchor
    found = made.response(size)
    for i in range(size):
        for j in range(size):
            u, v = 2 * math.pi * (i - size // 2) / size, 2 * math.pi * (j - size // 2) / size
            total = sum(
                weights[k, m] * cmath.exp(1j * (u * (k - a) + v * (m - b)))
                for k in range(rows)
                for m in range(columns)
            )
            assert found[i, j] == pytest.approx(total, abs=1e-9)


@ALL
def test_response_is_the_transform_of_what_it_does_to_an_impulse(name):
    made, size = kernel(name), 96
    impulse = np.zeros((size, size))
    impulse[0, 0] = 1
    answer = correlate(impulse, made, mode="circular")
    wanted = np.fft.fftshift(np.fft.fft2(answer))
    assert np.allclose(made.response(size), wanted, atol=1e-9)


def test_response_of_a_separable_kernel_is_that_of_scipy():
    column, row = kernel("gaussian", 1.5).factors
    size = 32
    frequencies = 2 * np.pi * (np.arange(size) - size // 2) / size
    _, down = scipy.signal.freqz(column, worN=frequencies)
    _, across = scipy.signal.freqz(row, worN=frequencies)
    found = np.abs(kernel("gaussian", 1.5).response(size))
    assert np.allclose(found, np.abs(np.outer(down, across)), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(small)
def test_symmetries(weights):
    made = Kernel("any", weights)
    assert made.symmetric == np.allclose(weights, np.rot90(weights, 2), rtol=0, atol=1e-11)
    assert made.zero_phase == bool(np.abs(made.response(12).imag).max() <= 1e-11 * made.l1)
    turned = Kernel("even", weights + np.rot90(weights, 2))
    assert turned.symmetric
    assert Kernel("odd", weights - np.rot90(weights, 2)).antisymmetric


def test_facts_follow_from_the_numbers():
    assert "brightness is kept" in kernel("box").facts[0]
    assert "flat areas give 0" in kernel("outline").facts[0]
    assert "multiplied" in Kernel("two", [[2.0]]).facts[0]
    assert "It gives 8 where brightness rises by 1 a pixel to the right." in kernel("sobel_x").facts
    assert any("3 + 3 = 6 products" in fact for fact in kernel("sobel_y").facts)
    assert any("leaves 33.3%" in fact for fact in kernel("box").facts)
    motion = " ".join(kernel("motion", 9).facts)
    assert "11.1% (upright) and 100% (level)" in motion
    assert Kernel("nothing", [[0.0]]).facts == ("All weights are 0, and so is every result.",)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: kernel("gausian"), "unknown kernel 'gausian'; did you mean 'gaussian'"),
        (lambda: kernel("sobel"), "did you mean 'sobel_"),
        (lambda: kernel("gaussian", sigm=2), "unknown parameter of kernel 'gaussian' 'sigm'; did"),
        (lambda: kernel("outline", size=3), "kernel 'outline' takes no parameters, found 'size'"),
        (lambda: kernel("box", 3, 4), "takes size: found 2 values"),
        (lambda: kernel("box", 3, size=3), "'size' of kernel 'box' is given twice"),
        (lambda: kernel("gaussian", sigma=0), "sigma of gaussian as a number from 0.05 to 125"),
        (lambda: kernel("gaussian", sigma=math.nan), "sigma of gaussian"),
        (lambda: kernel("gaussian", sigma="2"), "sigma of gaussian as a number"),
        (lambda: kernel("gaussian", size=4), "odd whole number"),
        (lambda: kernel("box", 2.5), "size of box as a whole number from 1 to 1001, found 2.5"),
        (lambda: kernel("box", 10**6), "from 1 to 1001"),
        (lambda: kernel("motion", 0.2), "length of motion"),
        (lambda: kernel("gabor", 1), "wavelength of gabor as a number from 2"),
        (lambda: gabor_bank(0), "orientations"),
        (
            lambda: Kernel("bad", [[1.0, math.inf]]),
            "largest is 0 or from 1e-30 to 1e+30 in size, found inf",
        ),
        (lambda: Kernel("bad", [[1e300]]), "found 1e"),
        (lambda: Kernel("bad", [[1e-320, 0]]), "found 9.9"),
        (lambda: Kernel("bad", [[math.nan]]), "found nan"),
        (lambda: Kernel("bad", [1.0, 2.0]), "rows and columns, found shape"),
        (lambda: Kernel("bad", np.empty((0, 3))), "rows and columns"),
        (lambda: Kernel("bad", [[1], [2, 3]]), "rows of numbers"),
        (lambda: kernel("box").response(0), "size of at least 1"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(call, words):
    with pytest.raises(UsageError, match=re.escape(words)):
        call()


def test_names_may_have_capitals_and_hyphens():
    assert kernel("Sobel-X").name == "sobel_x"
