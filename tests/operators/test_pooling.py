"""Pooling against loops in float64, torch and scikit-image."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from skimage.measure import block_reduce
from tests.references.pooling import naive_pool, outputs
from torch.nn import functional

from pellucid.errors import UsageError
from pellucid.images.read import Picture
from pellucid.operators.pooling import KINDS, pool, pool_global

FLOATS = st.floats(-100, 100, width=32) | st.just(float("nan"))


@st.composite
def cases(draw):
    """An image and arguments, one entry an axis."""
    shape = [draw(st.integers(1, 9)) for _ in range(2)]
    size = [draw(st.integers(1, 4)) for _ in range(2)]
    stride = [draw(st.integers(1, 4)) for _ in range(2)]
    dilation = [draw(st.integers(1, 3)) for _ in range(2)]
    padding = [(draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in range(2)]
    cells = draw(st.lists(FLOATS, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    image = np.array(cells).reshape(shape)
    return image, size, stride, dilation, padding, draw(st.booleans()), draw(st.booleans())


@settings(max_examples=150, deadline=None)
@given(case=cases(), kind=st.sampled_from(KINDS), gradients=st.booleans())
def test_equals_loops_over_every_window(case, kind, gradients):
    image, size, stride, dilation, padding, ceil, count_padding = case
    arguments = {
        "stride": stride, "dilation": dilation, "padding": padding, "ceil": ceil,
        "count_padding": count_padding,
    }  # fmt: skip
    given_image = torch.tensor(image, requires_grad=True) if gradients else image
    try:
        expected = naive_pool(image, kind, size, stride, dilation, padding, ceil, count_padding)
    except (ValueError, IndexError, ZeroDivisionError):
        expected = np.empty(0)  # a window without a cell, or none at all
    empty = any(
        not any(0 <= i * s - p[0] + k * d < n for k in range(f))
        for n, f, s, d, p in zip(image.shape, size, stride, dilation, padding, strict=True)
        for i in range(max(0, outputs(n, f, s, d, *p, ceil)))
    )
    if empty or expected.size == 0:
        with pytest.raises(UsageError, match="window"):
            pool(given_image, kind, size, **arguments)
        return
    found = pool(given_image, kind, size, **arguments)
    found = found.detach().numpy() if gradients else found
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(
    cells=st.lists(FLOATS, min_size=12, max_size=70),
    size=st.integers(7, 20),
    stride=st.integers(1, 2),
    dilation=st.integers(1, 2),
    padding=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    ceil=st.booleans(),
    kind=st.sampled_from(KINDS),
)
def test_long_windows_equal_loops(cells, size, stride, dilation, padding, ceil, kind):
    assume(outputs(len(cells), size, stride, dilation, *padding, ceil) >= 1)
    found = pool(cells, kind, size, stride=stride, dilation=dilation, padding=[padding], ceil=ceil)
    each = [(1, size), (1, stride), (1, dilation), ((0, 0), padding)]
    expected = naive_pool(np.array([cells]), kind, *each, ceil, False)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize(
    ("size", "stride", "padding", "ceil"),
    [(2, 2, 0, False), (3, 2, 1, False), (3, 2, 1, True), ((3, 2), (1, 2), 1, True), (5, 3, 2, 1)],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_equals_torch(size, stride, padding, ceil, dtype):
    torch.manual_seed(0)
    image = torch.randn(2, 3, 17, 14).to(dtype)
    given = {"stride": stride, "padding": padding, "ceil": bool(ceil)}
    theirs = {"stride": stride, "padding": padding, "ceil_mode": bool(ceil)}
    for sign, kind in ((1, "max"), (-1, "min")):
        expected = sign * functional.max_pool2d(sign * image, size, **theirs)
        assert torch.equal(pool(image, kind, size, **given), expected)
    for counted in (False, True):
        expected = functional.avg_pool2d(image, size, **theirs, count_include_pad=counted)
        found = pool(image, "average", size, **given, count_padding=counted)
        assert found.dtype == dtype
        torch.testing.assert_close(found, expected)


def test_l2_equals_torch():
    image = torch.randn(2, 3, 12, 10, dtype=torch.float64)
    expected = functional.lp_pool2d(image, 2, 3, stride=2)
    torch.testing.assert_close(pool(image, "l2", 3, stride=2), expected)


@pytest.mark.parametrize("kind", ["max", "average", "min"])
def test_gradients_equal_those_of_torch(kind):
    torch.manual_seed(0)
    ours = torch.randn(2, 3, 9, 8, requires_grad=True)
    theirs = ours.detach().clone().requires_grad_()
    pool(ours, kind, 3, stride=2, padding=1).square().sum().backward()
    sign = -1 if kind == "min" else 1
    if kind == "average":
        pooled = functional.avg_pool2d(theirs, 3, 2, 1, count_include_pad=False)
    else:
        pooled = sign * functional.max_pool2d(sign * theirs, 3, 2, 1)
    pooled.square().sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


@pytest.mark.parametrize("kind", ["l2", "last", "first", "sum"])
def test_gradients_of_the_other_kinds_are_those_of_finite_differences(kind):
    torch.manual_seed(0)
    image = torch.rand(1, 2, 6, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: pool(x, kind, (3, 2), dilation=2, padding=1), image)


@pytest.mark.parametrize(("kind", "function"), [("max", np.max), ("average", np.mean),
                                                ("min", np.min), ("sum", np.sum)])  # fmt: skip
@pytest.mark.parametrize("size", [(2, 2), (3, 4), (1, 5)])
def test_equals_block_reduce(kind, function, size):
    image = np.random.default_rng(0).normal(size=(24, 20, 3))
    expected = block_reduce(image, (*size, 1), function)
    np.testing.assert_allclose(pool(image, kind, size), expected, rtol=1e-13)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int32", "int64", "float16", "bool"])
@pytest.mark.parametrize("kind", ["max", "min", "last", "first"])
def test_a_choice_of_cells_keeps_the_dtype(dtype, kind):
    image = np.random.default_rng(0).integers(-200, 200, (7, 9, 3)).astype(dtype)
    found = pool(image, kind, 3, padding=1)
    assert found.dtype == dtype
    pads = ((1, 1), (1, 1))
    for channel in range(3):
        plane = image[..., channel].astype(np.float64)
        expected = naive_pool(plane, kind, (3, 3), (3, 3), (1, 1), pads, False, False)
        assert np.array_equal(found[..., channel].astype(np.float64), expected)


def test_integers_round_half_to_even_and_saturate():
    image = np.array([[0, 1], [0, 1]], np.uint8)
    assert pool(image, "average", 2).tolist() == [[0]]  # 0.5
    assert pool(image + np.uint8(1), "average", 2).tolist() == [[2]]  # 1.5
    assert pool(image, "average", 2, dtype="float32").tolist() == [[0.5]]
    white = np.full((2, 2), 255, np.uint8)
    assert pool(white, "l2", 2).tolist() == [[255]]  # 510
    assert pool(white, "sum", 2).tolist() == [[255]]
    assert pool(white, "sum", 2, dtype=np.uint16).tolist() == [[1020]]
    large = np.full((2, 2), np.iinfo(np.int64).max)
    assert pool(large, "average", 2).item() > 2**62  # not wrapped to below 0
    assert pool(np.array([[True, True]]), "max", (1, 2), dtype="int8").tolist() == [[1]]
    assert pool(np.array([[300, -5]]), "last", 1, dtype="uint8").tolist() == [[255, 0]]
    assert pool(np.array([[-5]], np.int8), "last", 1, dtype="uint64").tolist() == [[0]]
    with pytest.raises(UsageError, match="NaN"):
        pool(np.array([[np.nan]]), "max", 1, dtype="uint8")
    assert pool(np.array([[True, False]]), "average", (1, 2)).tolist() == [[0.5]]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 6))
def test_average_of_uint8_is_the_rounded_exact_one(seed, size):
    image = np.random.default_rng(seed).integers(0, 256, (24, 30, 3), np.uint8)
    exact = pool(image.astype(np.float64), "average", size)
    assert np.array_equal(pool(image, "average", size), np.rint(exact).astype(np.uint8))


@pytest.mark.parametrize(("dtype", "side"), [("uint8", 16), ("uint8", 17), ("uint8", 257),
                                             ("uint16", 17), ("int32", 5)])  # fmt: skip
@pytest.mark.parametrize("kind", ["sum", "average"])
def test_sums_of_integers_are_exact(dtype, side, kind):
    most = np.iinfo(dtype).max
    image = np.full((2 * side, 2 * side), most, dtype)
    image[0, 0] -= 1
    found = pool(image, kind, side, dtype="float64")
    total = side * side * int(most)
    count = side * side if kind == "average" else 1
    assert found.tolist() == [[(total - 1) / count, total / count], [total / count] * 2]


@pytest.mark.parametrize("kind", KINDS)
def test_strange_arrays_give_the_same(kind):
    image = np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)
    expected = pool(image, kind, 3, stride=2)
    turned = np.asfortranarray(image)
    large = np.zeros((40, 48, 3), np.uint8)
    large[::-2, ::-2] = image
    locked = image.copy()
    locked.flags.writeable = False
    for same in (turned, large[::-2, ::-2], locked, Picture(image, "array", "RGB", b"")):
        assert np.array_equal(pool(same, kind, 3, stride=2), expected)
    planes = torch.from_numpy(image.transpose(2, 0, 1).copy())
    assert np.array_equal(pool(planes, kind, 3, stride=2).numpy().transpose(1, 2, 0), expected)
    assert np.array_equal(locked, image)


@pytest.mark.parametrize("kind", KINDS)
def test_a_series_is_a_picture_of_one_row(kind):
    series = np.random.default_rng(0).normal(size=(2, 3, 50))
    expected = pool(series[:, :, None], kind, (1, 4), stride=(1, 3), padding=(0, 1))
    found = pool(series, kind, 4, stride=3, padding=1, axes=1)
    np.testing.assert_array_equal(found, expected[:, :, 0])
    np.testing.assert_array_equal(pool(series[0, 0], kind, 4, stride=3, padding=1), found[0, 0])
    gradients = torch.tensor(series, requires_grad=True)
    same = pool(gradients, kind, 4, stride=3, padding=1, axes=1).detach().numpy()
    np.testing.assert_allclose(same, found, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(7, 5), (7, 5, 3), (2, 3, 7, 5)])
def test_global(kind, shape):
    image = np.random.default_rng(0).normal(size=shape)
    found = pool_global(image, kind)
    axes = (2, 3) if len(shape) == 4 else (0, 1)
    flat = np.moveaxis(image, axes, (-2, -1)).reshape(-1, 35)
    expected = {
        "max": flat.max(1), "min": flat.min(1), "average": flat.mean(1), "sum": flat.sum(1),
        "l2": np.linalg.norm(flat, axis=1), "last": flat[:, -1], "first": flat[:, 0],
    }[kind]  # fmt: skip
    assert found.ndim == image.ndim
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-12)


def test_negative_pictures_do_not_take_their_maximum_from_the_padding():
    image = np.full((3, 3), -5.0)
    assert (pool(image, "max", 3, stride=1, padding=1) == -5).all()
    assert (pool(image.astype(np.int8), "max", 3, stride=1, padding=1) == -5).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "maximum"}, "did you mean 'max'"),
        ({"window": 9}, "fits into the image"),
        ({"window": 0}, "kernel"),
        ({"window": (2, 2, 2)}, "kernel"),
        ({"stride": 0}, "stride"),
        ({"padding": "sane"}, "unknown padding"),
        ({"padding": 4, "window": 2}, "at least one cell"),
        ({"dtype": "complex64"}, "real numbers"),
        ({"dtype": "flaot32"}, "real numbers"),
        ({"image": np.zeros((4, 4), complex)}, "real numbers"),
        ({"image": np.zeros((0, 4))}, "shape"),
    ],
)
def test_wrong_calls(arguments, words):
    call = {"image": np.zeros((4, 4)), "kind": "max", "window": 2, **arguments}
    image, kind, window = (call.pop(name) for name in ("image", "kind", "window"))
    with pytest.raises(UsageError, match=words):
        pool(image, kind, window, **call)
