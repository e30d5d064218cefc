"""Image files made for tests, and what other libraries and plain arithmetic make of them."""

import io
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from pellucid.images.read import Picture, decode_image

RNG = np.random.default_rng(1)
RGB = RNG.integers(0, 256, (11, 17, 3), np.uint8)
GRAY = RGB[..., 0]
ALPHA = RNG.integers(0, 256, (11, 17), np.uint8)
DEEP = RNG.integers(0, 65536, (11, 17, 4)).astype(np.uint16)


def encode(image: Image.Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def encode_cv(values: NDArray[Any], extension: str) -> bytes:
    return bytes(cv2.imencode(extension, values)[1])


def encode_tiff(values: NDArray[Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, values, **options)
    return stream.getvalue()


def opencv(data: bytes) -> NDArray[Any]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image[..., ::-1]


def read(data: bytes) -> Picture:
    picture = decode_image(data, "test")
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.flags.c_contiguous
    return picture


def over_white(colors: NDArray[Any], alpha: NDArray[Any]) -> NDArray[np.float64]:
    share = alpha.astype(np.float64)[..., None] / 255
    return colors * share + 255 * (1 - share)


def to8(values: NDArray[Any], limit: float = 65535) -> NDArray[np.float64]:
    return np.floor(values.astype(np.float64) * 255 / limit + 0.5)
