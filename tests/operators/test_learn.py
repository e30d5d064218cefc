"""A kernel is recovered from what it did to a picture; the pictures' shortcomings are told."""

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from skimage import data

from pellucid.errors import UsageError
from pellucid.operators.kernels import kernel
from pellucid.operators.learn import learn_kernel, teach_kernel
from pellucid.operators.learn.normal import normal_equations
from pellucid.operators.learn.pair import pair

CAT = data.chelsea()[::3, ::3]
GRAY = CAT.mean(axis=2)
RNG = np.random.default_rng(5)
KERNELS = [
    kernel("sobel_x").weights,
    kernel("gaussian", 1.5, 9).weights,
    RNG.normal(size=(5, 5)),
    RNG.normal(size=(4, 3)),
    RNG.normal(size=(1, 7)),
]


def applied(image, weights):
    """Valid cross-correlation of one channel, by SciPy."""
    return scipy.signal.correlate(image, weights, mode="valid", method="direct")


@pytest.mark.parametrize("weights", KERNELS, ids=lambda weights: "×".join(map(str, weights.shape)))
def test_a_kernel_is_found_again(weights):
    found = learn_kernel(GRAY, applied(GRAY, weights), weights.shape, padding="valid")
    assert np.abs(found.weights - weights).max() < 1e-6
    assert found.fit.exact and found.determined and not found.notes
    assert found.kernel.shape == weights.shape


@pytest.mark.parametrize("mode", ["reflect", "circular", "zeros", "replicate"])
@pytest.mark.parametrize("weights", [KERNELS[2], KERNELS[3]], ids=["odd", "even"])
def test_borders_are_used_only_where_their_rule_is_given(mode, weights):
    rows, columns = weights.shape
    sides = [((size - 1) // 2, size - 1 - (size - 1) // 2) for size in (rows, columns)]
    name = {"reflect": "reflect", "circular": "wrap", "zeros": "constant", "replicate": "edge"}
    after = applied(np.pad(GRAY, sides, mode=name[mode]), weights)
    told = learn_kernel(GRAY, after, weights.shape, mode=mode)
    untold = learn_kernel(GRAY, after, weights.shape)
    assert told.samples == GRAY.size and not told.notes
    assert untold.samples == (GRAY.shape[0] - rows + 1) * (GRAY.shape[1] - columns + 1)
    assert "border rule is not known" in untold.notes[0]
    for found in (told, untold):
        assert found.fit.exact and np.abs(found.weights - weights).max() < 1e-6
    wrong = learn_kernel(GRAY, after, weights.shape, mode="zeros" if mode != "zeros" else "reflect")
    assert not wrong.fit.exact


def test_full_padding():
    after = scipy.signal.correlate(GRAY, KERNELS[2], mode="full")
    found = learn_kernel(GRAY, after, 5, padding="full", mode="zeros")
    assert found.fit.exact and found.samples == after.size


@pytest.mark.parametrize(
    ("name", "bound"), [("gaussian:1,7", 0.005), ("sharpen:0.7", 0.005), ("-1/3 0 1/3", 0.005)]
)
def test_from_rounded_and_saturated_pictures(name, bound):
    """uint8 before and after: each weight within 0.005."""
    from pellucid.operators.kernels import read_kernel

    weights = read_kernel(name).weights
    before = GRAY.astype(np.uint8)
    sums = applied(before.astype(float), weights)
    after = np.clip(np.rint(sums), 0, 255).astype(np.uint8)
    found = learn_kernel(before, after, weights.shape, padding="valid")
    assert np.abs(found.weights - weights).max() < bound
    assert not found.fit.exact and found.fit.rms < 0.32  # rounding alone has √(1/12) = 0.29
    saturated = ((after == 0) | (after == 255)).sum()
    assert found.samples == after.size - saturated
    assert bool(saturated) == any("cut off" in note for note in found.notes)


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_normal_equations_are_those_of_the_unrolled_picture(size, bias, mixing, seed):
    rng = np.random.default_rng(seed)
    before = rng.normal(size=(2, 3, 9, 8)) + 2
    after = rng.normal(size=(2, 2 if mixing else 3, 10 - size[0], 9 - size[1]))
    given_pair = pair(before, after, size, padding="valid", mixing=mixing)
    given_pair.used[...] = rng.random(given_pair.used.shape) < rng.choice([0.2, 0.8, 1.0])
    if not given_pair.used.any():
        given_pair.used[...] = True
    windows = sliding_window_view(given_pair.before, size, axis=(2, 3))
    rows = windows.transpose(0, 2, 3, 1, 4, 5)[given_pair.used]
    unrolled = rows.reshape(len(rows), -1)
    if bias:
        level = np.sqrt(np.mean(given_pair.before**2))
        unrolled = np.hstack([unrolled, np.full((len(unrolled), 1), level)])
    values = np.moveaxis(given_pair.after, 1, -1)[given_pair.used]
    found = normal_equations(given_pair, bias)
    assert np.allclose(found.gram, unrolled.T @ unrolled / len(unrolled), atol=1e-10)
    assert np.allclose(found.moments, unrolled.T @ values / len(unrolled), atol=1e-10)


def test_the_least_error_is_that_of_numpys_least_squares():
    after = RNG.normal(size=(GRAY.shape[0] - 2, GRAY.shape[1] - 2)) * 9 + GRAY[1:-1, 1:-1]
    found = learn_kernel(GRAY, after, 3, padding="valid", bias=True)
    windows = sliding_window_view(GRAY, (3, 3)).reshape(-1, 9)
    design = np.hstack([windows, np.ones((len(windows), 1))])
    wanted, (left,), _, _ = np.linalg.lstsq(design, after.ravel())
    assert np.allclose(found.weights.ravel(), wanted[:9], atol=1e-9)
    assert np.allclose(found.bias, wanted[9], atol=1e-7)
    assert found.fit.rms**2 * after.size == pytest.approx(left)
    assert found.fit.r2 == pytest.approx(1 - left / ((after - after.mean()) ** 2).sum())


def test_a_bias_is_found_too():
    for scale in (1 / 255, 1.0, 257.0):  # the units of the picture do not matter
        before = GRAY * scale
        after = applied(before, KERNELS[2]) - 7 * scale
        found = learn_kernel(before, after, 5, padding="valid", bias=True)
        assert found.fit.exact and found.bias[0] == pytest.approx(-7 * scale, rel=1e-6)
        assert found.unknowns == 26


def test_one_kernel_for_all_channels():
    after = np.stack([applied(CAT[..., c].astype(float), KERNELS[2]) for c in range(3)], axis=2)
    found = learn_kernel(CAT, after, 5, padding="valid")
    assert found.weights.shape == (5, 5) and np.abs(found.weights - KERNELS[2]).max() < 1e-6


@pytest.mark.parametrize("maps", [1, 3])
def test_a_filter_over_all_channels(maps):
    filters = RNG.normal(size=(maps, 3, 3, 3))
    bias = RNG.normal(size=maps)
    tensor = torch.from_numpy(CAT.astype(float)).permute(2, 0, 1)
    after = torch.nn.functional.conv2d(
        tensor[None], torch.from_numpy(filters), torch.from_numpy(bias)
    )
    found = learn_kernel(tensor[None], after, 3, padding="valid", mixing=True, bias=True)
    assert found.weights.shape == filters.shape
    assert np.abs(found.weights - filters).max() < 1e-6
    assert np.abs(found.bias - bias).max() < 1e-5
    with pytest.raises(UsageError, match="filter of shape"):
        _ = found.kernel


def test_what_a_picture_does_not_show_is_said():
    flat = np.full((12, 15), 40.0)
    found = learn_kernel(flat, 2 * flat[1:-1, 1:-1], 3, padding="valid")
    assert found.rank == 1 and not found.determined and found.condition == np.inf
    assert "determines only 1 of 9 numbers" in found.notes[0]
    assert np.allclose(found.weights, 2 / 9)  # the smallest that fits, and it does fit
    assert found.fit.exact and found.fit.r2 is None
    black = learn_kernel(0 * flat, flat, 3)
    assert black.rank == 0 and not black.weights.any() and not black.fit.exact
    stripes = np.tile([0.0, 1.0, 3.0], (9, 5))
    assert learn_kernel(stripes, stripes, 3).rank == 3


@pytest.mark.parametrize("momentum", [0, 0.5, 0.9])
def test_descent_falls_as_fast_as_the_theory_says(momentum):
    weights = KERNELS[0]
    after = applied(GRAY, weights) + 5
    taught = teach_kernel(GRAY, after, 3, padding="valid", steps=400, momentum=momentum)
    assert len(taught.losses) == 401
    windows = sliding_window_view(GRAY, (3, 3)).reshape(-1, 9)
    curvature = np.linalg.eigvalsh(2 * windows.T @ windows / len(windows))[-1]
    assert taught.rate == pytest.approx(1 / curvature)
    excess = taught.losses - taught.least
    if momentum == 0:
        assert (np.diff(taught.losses) <= 0).all()
        start = np.sum(taught.optimum**2)
        steps = np.arange(1, 401)
        assert (excess[1:] <= curvature * start / (2 * steps) * (1 + 1e-9)).all()
    assert excess[-1] < 0.1 * excess[0]
    for step, kept in zip(taught.kept, taught.history, strict=True):
        direct = np.mean((applied(GRAY, kept) - after) ** 2)
        assert taught.losses[step] == pytest.approx(direct, rel=1e-9)


def test_descent_takes_the_steps_that_torch_takes():
    after = applied(GRAY, KERNELS[0])
    taught = teach_kernel(GRAY, after, 3, padding="valid", steps=20, momentum=0.9)
    weights = torch.zeros(1, 1, 3, 3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([weights], lr=taught.rate, momentum=0.9)
    image, wanted = (torch.from_numpy(each)[None, None] for each in (GRAY, after))
    for _ in range(20):
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(torch.nn.functional.conv2d(image, weights), wanted).backward()
        optimiser.step()
    assert np.allclose(taught.weights, weights.detach().numpy()[0, 0], atol=1e-12)
    assert taught.kept == (0, 1, 2, 5, 10, 20)


def test_descent_ends_where_least_squares_is():
    image = RNG.normal(size=(40, 40))  # noise has power in all directions
    after = applied(image, KERNELS[3]) + 2
    taught = teach_kernel(image, after, (4, 3), padding="valid", steps=3000, bias=True,
                          target=KERNELS[3])  # fmt: skip
    assert np.abs(taught.weights - KERNELS[3]).max() < 1e-9
    assert taught.bias[0] == pytest.approx(2)
    assert np.array_equal(taught.target, KERNELS[3])


def test_the_picture_of_the_convergence():
    after = applied(GRAY, KERNELS[0])
    noisy = after + RNG.normal(size=after.shape)
    for wanted, target, orange in ((after, KERNELS[0], False), (noisy, None, True)):
        taught = teach_kernel(GRAY, wanted, 3, padding="valid", steps=50, target=target)
        drawn = taught.picture()
        assert drawn.dtype == np.uint8 and drawn.shape[1:] == (900, 3)
        curve = (drawn[34:258] == (20, 99, 158)).all(axis=2)
        columns = np.flatnonzero(curve.any(axis=0))
        assert columns.min() < 95 and columns.max() > 875  # from the first step to the last
        tops = [int(np.flatnonzero(curve[:, x])[0]) for x in (columns[3], columns[-3])]
        assert tops[0] < tops[1]  # it falls
        assert (drawn[34:258] == (179, 71, 15)).all(axis=2).any() == orange  # the least loss


def test_descent_on_nothing():
    taught = teach_kernel(np.zeros((9, 9)), np.ones((7, 7)), 3, padding="valid", steps=3)
    assert not taught.weights.any() and taught.losses.tolist() == [1.0] * 4
    assert "only 0 of 9" in taught.notes[0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: learn_kernel(GRAY, GRAY[1:], 3), "expected an after picture of 100×151 pixels"),
        (lambda: learn_kernel(CAT, GRAY, 3), "mixing=True learns a filter"),
        (lambda: learn_kernel(GRAY[:4], GRAY[:4], 5), "larger than the kernel of 5×5, found 4×151"),
        (lambda: learn_kernel(GRAY[:4], GRAY[:4], 5, mixing=True), "larger than the kernel"),
        (lambda: learn_kernel(GRAY, GRAY, 0), "kernel as a whole number"),
        (lambda: learn_kernel(GRAY, GRAY, 3, mode="mirror"), "unknown padding mode 'mirror'"),
        (lambda: learn_kernel(GRAY, GRAY * np.nan, 3), "finite values in the after picture"),
        (lambda: learn_kernel(GRAY, np.zeros(GRAY.shape, np.uint8), 3), "not saturated"),
        (lambda: learn_kernel(np.zeros((2, 1, 9, 9)), np.zeros((1, 1, 9, 9)), 3), "2 after"),
        (lambda: teach_kernel(GRAY, GRAY, 3, steps=0), "steps as a whole number"),
        (lambda: teach_kernel(GRAY, GRAY, 3, momentum=1), "momentum from 0 to below 1"),
        (lambda: teach_kernel(GRAY, GRAY, 3, target=[[1]]), r"target of shape \(3, 3\)"),
    ],
)
def test_what_cannot_be_learned_is_said_in_a_sentence(call, words):
    with pytest.raises(UsageError, match=words):
        call()
