"""Traces from pictures: the pixel path is that of training and prediction, step by step."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from tests.explain.test_picture_rules import PICTURES, records
from torch import nn

import pellucid
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import BundleError, ImageError, UsageError
from pellucid.explain import trace_image
from pellucid.images import read_image
from pellucid.inference import Card, load_predictor, save_bundle
from pellucid.models import channels_last

CARD = Card(
    "compact",
    {"classes": 3, "channels": 3, "widths": [8, 16]},
    Preprocessing("rgb", 16, 16, (0.4, 0.5, 0.6), (0.2, 0.25, 0.3), resize="crop"),
    ("ant", "bee", "cat 🐈"),
)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = channels_last(CARD.architecture.build())
    nn.init.normal_(network.head.maps.weight)  # type: ignore[union-attr, arg-type]
    save_bundle(tmp_path / "run" / "bundle", network, CARD)
    return tmp_path / "run"


def photograph(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@settings(max_examples=60, deadline=None)
@given(PICTURES, records())
def test_the_input_is_that_of_the_preprocessing(
    picture: NDArray[np.uint8], record: Preprocessing
) -> None:
    trace = trace_image(nn.ReLU(), picture, record)
    fitted = record.fit(picture)
    assert np.array_equal(trace.value("normalise"), record.tensor(fitted[None]))
    assert trace.input.operation == "normalise"
    last = trace.value(trace.input.index - 1)
    assert np.array_equal(np.moveaxis(last[0], 0, -1), fitted)
    for before, node in zip(trace.nodes, trace.nodes[1:], strict=False):
        assert node.inputs == (before.index,)
        assert node.shape == trace.value(node).shape
        changed = node.shape != before.shape or not np.array_equal(
            trace.value(node), trace.value(before)
        )
        assert changed or node.operation in ("normalise", "relu"), "a step that did nothing"


@settings(max_examples=60, deadline=None)
@given(PICTURES, records())
def test_fitting_is_what_it_was_before_it_had_steps(
    picture: NDArray[np.uint8], record: Preprocessing
) -> None:
    """The same in one piece, by OpenCV and plain slices."""
    image = picture
    if record.channels == 1 and image.shape[2] == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    image = np.broadcast_to(image, (*image.shape[:2], record.channels))
    if record.resize == "crop":
        height, width = image.shape[:2]
        kept = (
            min(height, max(1, round(width * record.height / record.width))),
            min(width, max(1, round(height / (record.height / record.width)))),
        )
        top, left = (height - kept[0]) // 2, (width - kept[1]) // 2
        image = image[top : top + kept[0], left : left + kept[1]]
    small = min(record.height, image.shape[0]), min(record.width, image.shape[1])
    image = np.ascontiguousarray(image)
    image = cv2.resize(image, small[::-1], interpolation=cv2.INTER_AREA)
    image = cv2.resize(image, (record.width, record.height), interpolation=cv2.INTER_LINEAR)
    assert np.array_equal(record.fit(picture), image.reshape(record.height, record.width, -1))


def test_every_form_of_a_picture_and_of_a_run(run: Path, tmp_path: Path) -> None:
    pixels = photograph(40, 30)
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    predictor = load_predictor(run)
    expected = pellucid.trace(run, path)
    assert expected.names[:4] == ("pixels", "crop", "resize", "normalise")
    for model, image in (
        (str(run), str(path)),
        (run / "bundle", read_image(path)),
        (predictor, pixels),
        (predictor, pixels.copy()),
    ):
        trace = pellucid.trace(model, image)
        assert trace.names == expected.names
        assert np.array_equal(trace.value(trace.output), expected.value(expected.output))
    inner = pellucid.trace(predictor, expected.value(expected.input).copy())
    for path_inside in ("stages", "stages.1", "head.maps"):
        assert np.array_equal(inner.value(path_inside), expected.value(path_inside))
    gray = pellucid.trace(predictor, pixels[..., 0])
    assert gray.names[:4] == ("pixels", "recolor", "crop", "resize")


@pytest.mark.parametrize("size", [(16, 16), (40, 30), (9, 70)])
def test_scores_are_those_of_the_predictor(run: Path, size: tuple[int, int]) -> None:
    """To the last bit: the trace runs what the predictor runs."""
    predictor, picture = load_predictor(run), photograph(*size)
    [prediction] = predictor.predict(picture)
    trace = pellucid.trace(predictor, picture)
    assert tuple(score.probability for score in trace.scores) == prediction.probabilities
    assert [score.name for score in trace.scores] == ["ant", "bee", "cat 🐈"]
    assert prediction.label in repr(trace)
    again = pellucid.trace(predictor, torch.tensor(trace.value(trace.input)))
    assert np.array_equal(again.value(again.output), trace.value(trace.output))


def test_a_rotated_photograph_is_traced_as_shown(run: Path, tmp_path: Path) -> None:
    path, exif = tmp_path / "turned.jpg", Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(photograph(40, 30)).save(path, exif=exif)
    trace = pellucid.trace(run, path)
    assert trace.nodes[0].shape == (1, 3, 30, 40)
    assert "pixels 30×40×3 (rotated by EXIF)" in str(trace)
    assert np.array_equal(np.moveaxis(trace.value(0)[0], 0, -1), read_image(path).pixels)


def test_what_the_caller_writes_afterwards_changes_nothing(run: Path) -> None:
    picture = photograph(20, 20)
    trace = pellucid.trace(run, picture)
    before = trace.value("pixels").copy()
    picture[:] = 0
    assert np.array_equal(trace.value("pixels"), before)


def test_memory_of_a_picture_is_counted() -> None:
    record = Preprocessing("gray", 10, 10, (0.5,), (0.5,), resize="crop")
    trace = trace_image(nn.Flatten(), photograph(40, 30), record, keep="none")
    pixels, recolor, resize, normalise, scores = 3 * 1200, 1200, 100, 400, 400
    assert trace.memory_bytes == pixels + recolor + resize + normalise + scores
    assert [row.kept for row in trace.layers] == [True] * 6


def test_a_network_of_another_type_has_a_node_that_says_so() -> None:
    record = Preprocessing("gray", 10, 10, (0.5,), (0.5,))
    network = nn.Conv2d(1, 1, 3).bfloat16()
    trace = trace_image(network, photograph(10, 10), record)
    assert trace.names == ("pixels", "recolor", "normalise", "to", "conv2d")
    exact = torch.tensor(trace.value("normalise"))
    assert np.array_equal(trace.value("to"), exact.bfloat16().float().numpy())


def test_errors_are_sentences(run: Path, tmp_path: Path) -> None:
    picture, network = photograph(20, 20), load_predictor(run).network
    with pytest.raises(UsageError, match=r"a run has its own preprocessing"):
        pellucid.trace(run, picture, classes=("a",))
    with pytest.raises(UsageError, match=r"expected a batch for sample=1, found one picture"):
        pellucid.trace(run, picture, sample=1)
    with pytest.raises(UsageError, match=r"a network alone does not say how a picture"):
        pellucid.trace(network, picture)
    with pytest.raises(UsageError, match=r"takes a tensor N×3×H×W, found 1×1×16×16"):
        pellucid.trace(network, torch.zeros(1, 1, 16, 16))
    with pytest.raises(UsageError, match=r"expected a run folder, .* found int"):
        pellucid.trace(3, picture)  # type: ignore[arg-type]
    with pytest.raises(ImageError, match=r"the file does not exist"):
        pellucid.trace(run, tmp_path / "none.png")
    with pytest.raises(BundleError, match=r"holds no bundle"):
        pellucid.trace(tmp_path, picture)
    with pytest.raises(UsageError, match=r"alpha|channels"):
        pellucid.trace(run, np.zeros((8, 8, 4), np.uint8))
    with pytest.raises(UsageError, match=r"a picture as uint8"):
        pellucid.trace(run, np.zeros((8, 8, 3)))


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_the_steps_tell_what_they_did(data: st.DataObject) -> None:
    """The arguments of crop and recolor, carried out by NumPy, give their results."""
    picture, record = data.draw(PICTURES), data.draw(records())
    trace = trace_image(nn.ReLU(), picture, record)
    for node in trace.nodes[1 : trace.input.index + 1]:
        before, found = trace.value(node.index - 1), trace.value(node)
        given = node.arguments
        if node.operation == "crop":
            top, left = given["top"], given["left"]
            rest = before.shape[2] - found.shape[2] - top, before.shape[3] - found.shape[3] - left
            assert (rest[0] - top) in (0, 1) and (rest[1] - left) in (0, 1)
            part = before[..., top : top + given["height"], left : left + given["width"]]
            assert np.array_equal(part, found)
        if node.operation == "recolor":
            sums = np.tensordot(np.array(given["weights"]), before[0], 1)
            assert np.abs(sums - found[0]).max() <= 0.512
        if node.operation == "resize":
            sizes = zip(before.shape[2:], found.shape[2:], strict=True)
            sign = 1 if given["method"] == "linear" else -1
            assert all(sign * (after - size) >= 0 for size, after in sizes)
            assert (given["height"], given["width"]) == found.shape[2:]
