"""Prediction: order, bad files, batches, and the same numbers as NumPy makes in float64."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pellucid.errors import BundleError, UsageError
from pellucid.inference import Predictor, load_predictor
from tests.inference.conftest import CARD


@pytest.fixture
def predictor(bundle: Path) -> Predictor:
    return load_predictor(bundle)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = []
    for index in range(10):
        path = tmp_path / f"photo {index}.png"
        size = (int(rng.integers(5, 60)), int(rng.integers(5, 60)), 3)
        cv2.imwrite(str(path), rng.integers(0, 256, size, np.uint8))
        paths.append(path)
    return paths


def test_a_run_folder_holds_a_bundle(bundle: Path) -> None:
    assert load_predictor(bundle.parent).classes == CARD.classes


def test_elsewhere_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle"):
        load_predictor(tmp_path / "nowhere")


def test_order_is_kept_and_bad_files_are_named(predictor: Predictor, photos: list[Path]) -> None:
    photos[3].write_bytes(b"")
    photos[7].write_text("no image")
    paths = [*photos, photos[0].parent / "missing.jpg"]
    found = list(predictor.stream(paths, batch=4))
    assert [one.name for one in found] == [str(path) for path in paths]
    bad = [index for index, one in enumerate(found) if one.error is not None]
    assert bad == [3, 7, 10]
    assert all(found[index].label is None for index in bad)
    assert "zero bytes" in (found[3].error or "")


def test_the_batch_does_not_matter(predictor: Predictor, photos: list[Path]) -> None:
    one = [p.probabilities for p in predictor.stream(photos, batch=1)]
    all_ = [p.probabilities for p in predictor.stream(photos, batch=64)]
    assert np.allclose(one, all_, atol=1e-6)  # type: ignore[arg-type]


def test_probabilities_are_the_softmax_in_float64(predictor: Predictor) -> None:
    fitted = np.random.default_rng(1).integers(0, 256, (5, 16, 16, 3), np.uint8)
    batch = (fitted / 255 - np.array(CARD.preprocessing.mean)) / np.array(CARD.preprocessing.std)
    network = predictor.network.double()
    with torch.no_grad():
        scores = network.stages(  # type: ignore[operator]
            network.stem(torch.from_numpy(batch.transpose(0, 3, 1, 2)))  # type: ignore[operator]
        ).numpy()
    weight = network.head.maps.weight.detach().numpy()[:, :, 0, 0]  # type: ignore[union-attr, operator]
    scores = np.einsum("kc,nchw->nk", weight, scores) / scores.shape[2] / scores.shape[3]
    scores += network.head.maps.bias.detach().numpy()  # type: ignore[union-attr, operator]
    expected = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    predictor.network.float()
    assert np.allclose(predictor.probabilities(fitted), expected, atol=1e-5)


def test_files_and_arrays_give_the_same(predictor: Predictor, photos: list[Path]) -> None:
    array = cv2.imread(str(photos[0]))[..., ::-1]
    by_file, by_array = predictor.predict([photos[0], array])
    assert by_file.probabilities == by_array.probabilities
    assert by_array.name == "array 1"
    [alone] = predictor.predict(str(photos[0]))
    assert np.allclose(alone.probabilities, by_file.probabilities, atol=1e-6)  # type: ignore[arg-type]
    assert alone.label in CARD.classes
    assert abs(sum(alone.probabilities or ()) - 1) < 1e-5


def test_gray_arrays_of_two_axes_are_images(predictor: Predictor) -> None:
    [found] = predictor.predict(np.zeros((9, 9), np.uint8))
    assert found.error is None


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros(4, np.uint8),
    ],
)
def test_what_is_no_image_is_refused(predictor: Predictor, array: np.ndarray) -> None:
    with pytest.raises(UsageError, match="array to predict"):
        predictor.predict(array)


def test_reduced_decoding_keeps_enough_and_is_close(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a smooth picture, where an eighth of the size has all there is."""
    small = np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)
    path = tmp_path / "large.jpg"
    cv2.imwrite(str(path), cv2.resize(small, (800, 600), interpolation=cv2.INTER_CUBIC))
    sizes = []
    real = type(predictor.card.preprocessing).fit
    monkeypatch.setattr(
        type(predictor.card.preprocessing),
        "fit",
        lambda self, pixels: sizes.append(pixels.shape[:2]) or real(self, pixels),
    )
    [exact] = predictor.stream([path])
    [reduced] = predictor.stream([path], reduced=True)
    assert sizes == [(600, 800), (75, 100)]  # an eighth; twice the input is 32
    assert np.allclose(exact.probabilities, reduced.probabilities, atol=0.01)  # type: ignore[arg-type]
    assert exact.probabilities != reduced.probabilities
