"""What the rooms show, against SciPy and plain NumPy loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal

from pellucid.errors import DataError, UsageError
from pellucid.images import Crop
from pellucid.studio.rooms.convolution.filters import maps_of, read_bank, write_bank
from pellucid.studio.rooms.convolution.learning import learn
from pellucid.studio.rooms.convolution.scene import scene_of
from pellucid.studio.rooms.convolution.state import FILTERS, ConvolutionState
from pellucid.studio.rooms.image.looking import sight_of
from pellucid.studio.rooms.image.puzzle import CHOICES, RIDDLES, changed, question
from pellucid.studio.rooms.image.state import ImageState
from pellucid.studio.rooms.pooling.page import pooled
from pellucid.studio.rooms.pooling.state import PoolingState
from pellucid.studio.rooms.series.analysis import analyse, read_series
from pellucid.studio.rooms.series.state import OPERATORS, SeriesState

PIXELS = np.random.default_rng(5).integers(0, 256, (9, 11, 3), np.uint8)
GRAY = PIXELS[..., :1]


@pytest.mark.parametrize("kind", ["correlation", "convolution"])
def test_a_scene_against_scipy(kind: str) -> None:
    state = ConvolutionState(side=0, kernel="1 2 3; 0 -1 0; 4 1/2 -2", kind=kind)
    scene = scene_of(GRAY, state)
    weights = np.array([[1, 2, 3], [0, -1, 0], [4, 0.5, -2]])
    plane = GRAY[..., 0].astype(float)
    compute = {"correlation": signal.correlate2d, "convolution": signal.convolve2d}[kind]
    expected = compute(plane, weights, "same")
    assert np.allclose(scene.output, expected, atol=1e-3)
    for y, x in [(0, 0), (4, 5), (8, 10)]:
        assert scene.explain(y, x).total == pytest.approx(expected[y, x])
    assert scene.output_grid(Crop(2, 4, 3, 6)).values[1, 2, 0] == scene.output[3, 5]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 2),
    st.sampled_from(["valid", "same", "full", "2"]),
    st.sampled_from(["zeros", "replicate"]),
)
def test_marks_and_formulas_follow_the_window(
    stride: int, dilation: int, padding: str, mode: str
) -> None:
    state = ConvolutionState(
        side=0, kernel="box", stride=stride, dilation=dilation, padding=padding, mode=mode
    )
    scene = scene_of(GRAY, state)
    above, below, left, right = scene.ring
    kind = {"zeros": "constant", "replicate": "edge"}[mode]
    framed = np.pad(GRAY[..., 0].astype(float), ((above, below), (left, right)), mode=kind)  # type: ignore[call-overload]
    assert np.array_equal(scene.framed[..., 0], framed)
    for y, x in np.ndindex(scene.output.shape):
        cells = scene.cells(y, x)
        values = [framed[row + above, column + left] for row, column in cells]
        assert np.mean(values) == pytest.approx(scene.output[y, x], abs=1e-3)
        top, start, high, wide = scene.frame(y, x)
        assert {top, top + high - 1} == {min(cells)[0], max(cells)[0]}
        assert {start, start + wide - 1} == {min(cells)[1], max(cells)[1]}
    sizes = [int(formula.rsplit("= ")[1]) for _, formula in scene.sizes]
    assert tuple(sizes) == scene.output.shape


def test_two_filters_of_three_channels_are_54_parameters() -> None:
    maps = maps_of(PIXELS, ConvolutionState(side=0))
    assert "= 54 parameters (with a bias for each filter 56)" in maps.cost
    bank = read_bank(FILTERS)
    for number in range(2):
        expected = sum(
            ndimage.correlate(PIXELS[..., c].astype(float), bank[number, c], mode="constant")
            for c in range(3)
        )
        assert np.allclose(maps.maps[..., number], expected, atol=1e-3)
        assert maps.explain(number, 3, 4).total == pytest.approx(expected[3, 4])
    assert np.array_equal(read_bank(write_bank(bank)), bank)
    with pytest.raises(UsageError, match="two filters of three kernels"):
        read_bank("1 2; 3 4 | 1 | 1 / 1 | 1 | 1")


def test_a_kernel_is_learned_back() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 40, 1), np.uint8)
    lesson = learn(noise, None, ConvolutionState(kernel="sobel_x", size=3, steps=2000))
    assert np.allclose(lesson.taught.weights, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], atol=1e-6)
    with pytest.raises(UsageError, match="two pictures of one size, found 40×40 before and 11×9"):
        learn(noise, GRAY, ConvolutionState())


def test_channel_operators_against_loops() -> None:
    added = sight_of(PIXELS, ImageState(operator="add", channel="green", weight=0.5))
    wide = PIXELS.astype(float)
    expected = wide + 0.5 * wide[..., 1:2] * [1, 0, 1]
    assert np.array_equal(added.after, np.clip(np.rint(expected), 0, 255))
    line = added.lines(2, 3)[0]
    assert int(line.value) == added.after[2, 3, 0]
    assert f"{PIXELS[2, 3, 0]}·1 + {PIXELS[2, 3, 1]}·0.5" in line.detail
    saturation = sight_of(PIXELS, ImageState(operator="saturation")).after / 255
    low, high = wide.min(axis=2), wide.max(axis=2)
    assert np.allclose(saturation[..., 0], 1 - low / np.maximum(high, 1), atol=0.002)
    with pytest.raises(UsageError, match="3 rows of 3"):
        sight_of(PIXELS, ImageState(operator="mix", matrix="1 2; 3 4"))
    assert sight_of(GRAY, ImageState(model="hsv", plane="hue")).shown.shape == (9, 11, 3)


def test_every_riddle_changes_the_picture_and_rounds_differ() -> None:
    for riddle in RIDDLES:
        assert changed(PIXELS, riddle).shape == PIXELS.shape
        assert not np.array_equal(changed(PIXELS, riddle), PIXELS), riddle.name
        assert riddle.told
    rounds = [question(number) for number in range(1, 60)]
    assert all(len(set(asked.answers)) == CHOICES for asked in rounds)
    assert {asked.right for asked in rounds} == set(range(CHOICES))
    assert {asked.answer.name for asked in rounds} == {riddle.name for riddle in RIDDLES}


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        ("max", np.max), ("average", np.mean), ("last", lambda cells: cells.flat[-1]),
        ("l2", lambda cells: np.sqrt((cells.astype(float) ** 2).sum())),
    ],
)  # fmt: skip
def test_pooling_against_loops(kind: str, function: object) -> None:
    made = pooled(GRAY, PoolingState(side=0, kind=kind, size=3, stride=2))
    assert made.output.shape == (4, 5)
    for y, x in np.ndindex(made.output.shape):
        cells = GRAY[2 * y : 2 * y + 3, 2 * x : 2 * x + 3, 0]
        expected = function(cells)  # type: ignore[operator]
        assert made.output[y, x] == pytest.approx(expected, rel=1e-6)
        assert made.explain(y, x).total == pytest.approx(expected)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_number_of_a_series_has_its_account(operator: str) -> None:
    name, values = read_series(SeriesState())
    made = analyse(name, values, SeriesState(operator=operator))
    assert name == "price" and len(values) == 264 and made.told
    for line in made.lines:
        assert len(line.at) == len(line.values)
        for place in range(0, len(line.values), 7):
            found = line.explain(place).total
            assert found == pytest.approx(line.values[place], nan_ok=True)
    for line, place in made.nearest(100):
        assert abs(line.at[place] - 100) == np.abs(line.at - 100).min()


def test_the_ema_and_the_last_quotes_against_loops() -> None:
    _, values = read_series(SeriesState())
    average, expected = values[0], []
    for value in values:
        average = 0.2 * value + 0.8 * average
        expected.append(average)
    [line] = analyse("", values, SeriesState(alpha=0.2)).lines
    assert np.allclose(line.values, expected)
    [line] = analyse("", values, SeriesState(operator="aggregate", every=22)).lines
    assert np.array_equal(line.values, values[21::22])
    assert np.array_equal(line.at, np.arange(21, 264, 22))


def test_pasted_csv() -> None:
    state = SeriesState(data="a;b\n1;2\n3;4\n", column="b")
    assert read_series(state)[1].tolist() == [2, 4]
    with pytest.raises(UsageError, match="several columns"):
        read_series(SeriesState(data="a;b\n1;2\n"))
    with pytest.raises(DataError, match="expected a column of numbers"):
        read_series(SeriesState(data="hello"))
