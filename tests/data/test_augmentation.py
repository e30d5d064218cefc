"""Augmentation, against NumPy and OpenCV."""

import cv2
import numpy as np
import torch
from torch import Tensor

from pellucid.data.augmentation import Augmentation


def images(count: int = 16, height: int = 12, width: int = 20, channels: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    size = (count, height, width, channels)
    return torch.randint(0, 256, size, generator=generator, dtype=torch.uint8)


def vary(augmentation: Augmentation, batch: Tensor, seed: int = 0) -> np.ndarray:
    return augmentation(batch, torch.Generator().manual_seed(seed)).permute(0, 2, 3, 1).numpy()


def test_nothing_asked_changes_nothing() -> None:
    batch = images()
    assert (vary(Augmentation(), batch) == batch.numpy()).all()


def test_flip_mirrors_about_half_of_the_images_exactly() -> None:
    batch = images(64)
    found = vary(Augmentation(flip=True), batch)
    plain = np.isclose(found, batch.numpy(), atol=0.01).all((1, 2, 3))
    mirrored = np.isclose(found, batch.numpy()[:, :, ::-1], atol=0.01).all((1, 2, 3))
    assert (plain ^ mirrored).all()
    assert 16 < mirrored.sum() < 48


def test_shift_moves_whole_pixels_and_reflects_the_border() -> None:
    batch = images(32, 20, 20, 1)
    found = vary(Augmentation(shift=0.1), batch)
    padded = np.pad(batch.numpy(), ((0, 0), (2, 2), (2, 2), (0, 0)), mode="symmetric")
    seen = set()
    for one, source in zip(found, padded, strict=True):
        fits = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if np.allclose(one, source[y : y + 20, x : x + 20], atol=0.05)
        ]
        assert len(fits) == 1
        seen.update(fits)
    assert len(seen) > 10


def test_rotation_and_zoom_agree_with_opencv() -> None:
    """A smooth picture, moved by OpenCV by the angle that fits best, is what we made of it."""
    y, x = np.mgrid[0:40, 0:60]
    smooth = (127 + 60 * np.sin(x / 7) + 60 * np.cos(y / 6)).astype(np.uint8)
    batch = torch.from_numpy(smooth)[None, :, :, None].repeat(8, 1, 1, 1)
    found = vary(Augmentation(rotate=20, zoom=0.2), batch)[..., 0]
    inside = (slice(12, 28), slice(18, 42))
    for one in found:
        errors = []
        for angle in np.linspace(-20, 20, 81):
            for zoom in np.linspace(0.8, 1.1, 31):
                matrix = cv2.getRotationMatrix2D((29.5, 19.5), angle, zoom)
                moved = cv2.warpAffine(smooth.astype(np.float32), matrix, (60, 40))
                errors.append(np.abs(moved[inside] - one[inside]).max())
        assert min(errors) < 4


def test_colour_stays_in_range_and_gray_gets_no_tint() -> None:
    strong = Augmentation(brightness=0.5, contrast=0.9, tint=0.5)
    found = vary(strong, images())
    assert found.min() >= 0
    assert found.max() <= 255
    flat = torch.full((8, 4, 4, 3), 100, dtype=torch.uint8)
    assert np.ptp(vary(Augmentation(brightness=0.2), flat), axis=3).max() == 0
    assert np.ptp(vary(Augmentation(tint=0.2), flat), axis=3).min() > 0


def test_cutout_covers_about_its_share() -> None:
    flat = torch.zeros((200, 20, 20, 1), dtype=torch.uint8)
    covered = (vary(Augmentation(cutout=0.5), flat) == 127.5).mean((1, 2, 3))
    assert covered.max() <= 0.25 + 1e-6
    assert 0.1 < covered.mean() < 0.2


def test_a_seed_fixes_everything() -> None:
    strong = Augmentation(True, 0.1, 0.3, 0.3, 12, 0.1, 0.2, 0.06, 0.2)
    batch = images()
    assert (vary(strong, batch, 3) == vary(strong, batch, 3)).all()
    assert (vary(strong, batch, 3) != vary(strong, batch, 4)).any()
    assert (batch == images()).all(), "the batch given is left as it was"
