"""ICC colour profiles to sRGB, with LittleCMS through Pillow."""

from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np

from pellucid.images.raw import Pixels

_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_SPACES = {1: "GRAY", 3: "RGB", 4: "CMYK"}


def to_srgb(values: Pixels, profile: bytes | None) -> tuple[Pixels, str | None]:
    """Colours as sRGB, and what was done where it was not nothing.

    A profile that is sRGB already is recognised by what it does, not by its name: no colour of
    a 9×9×9 grid moves by more than one level. Then the pixels are left alone. A profile that
    cannot be used is left out with a note.

    Args:
        values: (H, W, C) uint8; C is 1 (gray), 3 (RGB) or 4 (CMYK, 0 is no ink).
        profile: the embedded ICC profile.

    Returns:
        (H, W, 1) uint8 for gray, else (H, W, 3), and a note or None.

    >>> to_srgb(np.array([[[0, 0, 0, 255], [255, 0, 0, 0]]], np.uint8), None)[0].tolist()
    [[[0, 0, 0], [0, 255, 255]]]
    """
    channels = values.shape[2]
    transform, note = _transform(profile, channels) if profile else (None, None)
    if transform is not None:
        return _apply(transform, values), note
    if channels == 4:
        return _cmyk_to_rgb(values), note
    return values, note


def _cmyk_to_rgb(values: Pixels) -> Pixels:
    """R = (255 - C)(255 - K) / 255: what every decoder does in the absence of a profile."""
    paper = 255 - values.astype(np.uint16)
    return ((paper[..., :3] * paper[..., 3:] + 127) // 255).astype(np.uint8)


@lru_cache(maxsize=64)
def _transform(profile: bytes, channels: int) -> tuple[Any, str | None]:
    """The LittleCMS transform to sRGB, or None where it is not needed or not possible."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space != _SPACES[channels]:
            return None, f"colour profile ignored: it is for {space}, not {_SPACES[channels]}"
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            _MODES[channels],
            "RGB",
            # For gray the default is a table of 33 points: 10 levels off where a curve is steep.
            flags=ImageCms.Flags.NOOPTIMIZE if channels == 1 else ImageCms.Flags.NONE,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError) as error:
        return None, f"colour profile ignored: it cannot be used ({error})"
    if channels < 4:
        grid = _grid(channels)
        change = _apply(transform, grid).astype(int) - grid
        if np.abs(change).max() <= 1:
            return None, None
    return transform, "colour profile converted to sRGB"


def _grid(channels: int) -> Pixels:
    """Every combination of 9 levels a channel, as an image of one row."""
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    axes = np.meshgrid(*[levels] * channels, indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=-1)[None]


def _apply(transform: Any, values: Pixels) -> Pixels:
    from PIL import Image, ImageCms

    height, width, channels = values.shape
    image = Image.frombytes(_MODES[channels], (width, height), values.tobytes())
    converted = np.asarray(ImageCms.applyTransform(image, transform))
    return converted[..., 1:2] if channels == 1 else converted
