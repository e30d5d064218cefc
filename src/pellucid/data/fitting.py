"""From an image of any colour mode and size to a network's own, step by step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import cv2
import numpy as np

from pellucid.images.read import Pixels

#: Weights of red, green and blue in luma (ITU-R BT.601).
LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and what it made.

    Attributes:
        operation: ``recolor``: each channel is a weighted sum of those before, rounded; ``crop``:
            the centre; ``resize``: all axes that shrink, or all that grow.
        arguments: of ``recolor`` ``weights``, a row for each channel made; of ``crop`` ``top``,
            ``left``, ``height``, ``width``; of ``resize`` ``height``, ``width`` and ``method``:
            ``area`` (each covered cell weighted by the covered length) or ``linear``.
        pixels: H×W×C uint8.
    """

    operation: Literal["recolor", "crop", "resize"]
    arguments: Mapping[str, Any]
    pixels: Pixels


def steps(image: Pixels, *, height: int, width: int, channels: int, crop: bool) -> Iterator[Step]:
    """The steps that change something, in their order; the last one's result fits.

    Args:
        image: H×W×C, uint8, C 1 or 3.
        height: wanted.
        width: wanted.
        channels: wanted, 1 or 3.
        crop: cut to the wanted proportions first, instead of stretching.

    >>> image = np.array([[[0], [2], [10], [20]]], np.uint8)
    >>> [step.pixels.tolist() for step in steps(image, height=1, width=2, channels=1, crop=False)]
    [[[[1], [15]]]]
    """
    if image.shape[2] != channels:
        yield (step := _recolor(image, channels))
        image = step.pixels
    if crop and (step := _centre(image, height / width)).pixels.shape != image.shape:
        yield step
        image = step.pixels
    # Two calls, because OpenCV's INTER_AREA silently becomes plain bilinear interpolation on
    # *both* axes as soon as one of them grows.
    small = min(height, image.shape[0]), min(width, image.shape[1])
    if small != image.shape[:2]:
        yield (step := _resize(image, *small, "area"))
        image = step.pixels
    if small != (height, width):
        yield _resize(image, height, width, "linear")


def _recolor(image: Pixels, channels: int) -> Step:
    if channels == 3:
        return _step("recolor", np.repeat(image, 3, axis=2), weights=((1.0,),) * 3)
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    return _step("recolor", gray[..., None], weights=(LUMA,))


def _centre(image: Pixels, aspect: float) -> Step:
    """The largest centred part of the image with height / width = aspect."""
    height, width = image.shape[:2]
    keep_height = min(height, max(1, round(width * aspect)))
    keep_width = min(width, max(1, round(height / aspect)))
    top, left = (height - keep_height) // 2, (width - keep_width) // 2
    kept = image[top : top + keep_height, left : left + keep_width]
    return _step("crop", kept, top=top, left=left, height=keep_height, width=keep_width)


def _resize(image: Pixels, height: int, width: int, method: Literal["area", "linear"]) -> Step:
    filter_ = cv2.INTER_AREA if method == "area" else cv2.INTER_LINEAR
    sized = cv2.resize(np.ascontiguousarray(image), (width, height), interpolation=filter_)
    pixels = np.asarray(sized, np.uint8).reshape(height, width, image.shape[2])
    return _step("resize", pixels, height=height, width=width, method=method)


def _step(
    operation: Literal["recolor", "crop", "resize"], pixels: Pixels, **arguments: Any
) -> Step:
    return Step(operation, MappingProxyType(arguments), pixels)
