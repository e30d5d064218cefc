"""Resized axes against torch's interpolation and OpenCV's resizing of unit vectors."""

from fractions import Fraction

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from pellucid.errors import UsageError
from pellucid.geometry import AdaptiveAxis, ResampledAxis

lengths = st.integers(1, 24)


def readers(axis: ResampledAxis | AdaptiveAxis) -> np.ndarray:
    """(outputs, inputs), true where one feeds the other."""
    found = np.zeros((axis.output, axis.length), bool)
    for output in range(axis.output):
        found[output, list(axis.inputs_of(output))] = True
    return found


def weights(length: int, **options: object) -> np.ndarray:
    """Torch's weights: (outputs, inputs), rounding left out."""
    unit = torch.eye(length, dtype=torch.float64)[None, :, :, None]
    return np.abs(functional.interpolate(unit, **options)[0, :, :, 0].numpy().T) > 1e-9


@settings(max_examples=60, deadline=None, derandomize=True)
@given(lengths, lengths, st.booleans())
def test_sizes_as_torch_has_them(length: int, output: int, corners: bool) -> None:
    size = (output, 1)
    linear = weights(length, size=size, mode="bilinear", align_corners=corners)
    axis = ResampledAxis(length, output, "linear", corners=corners)
    np.testing.assert_array_equal(readers(axis), linear)
    cubic = weights(length, size=size, mode="bicubic", align_corners=corners)
    axis = ResampledAxis(length, output, "cubic", corners=corners)
    # Weights of a repeated border cell can cancel: what has weight is read, not the reverse.
    assert not (cubic & ~readers(axis)).any()
    inside = slice(2, -2)
    np.testing.assert_array_equal(readers(axis)[:, inside], cubic[:, inside])


@pytest.mark.parametrize("factor", [0.5, 0.75, 1.25, 1.5, 2.0, 2.5])
@pytest.mark.parametrize("length", [3, 7, 10])
def test_factors_as_torch_has_them(length: int, factor: float) -> None:
    expected = weights(length, scale_factor=(factor, 1), mode="bilinear")
    step = None if len(expected) == length else 1 / Fraction(factor)  # torch then copies
    axis = ResampledAxis(length, len(expected), "linear", step)
    np.testing.assert_array_equal(readers(axis), expected)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(lengths, lengths)
def test_sizes_as_opencv_has_them(length: int, output: int) -> None:
    linear, area = (
        cv2.resize(np.eye(length), (length, output), interpolation=method) > 1e-9
        for method in (cv2.INTER_LINEAR, cv2.INTER_AREA)
    )
    np.testing.assert_array_equal(readers(ResampledAxis(length, output, "linear")), linear)
    if output <= length:
        np.testing.assert_array_equal(readers(AdaptiveAxis(length, output)), area)


def test_both_directions_agree() -> None:
    axis = ResampledAxis(5, 12, "cubic")
    turned = {(i, cell) for cell in range(5) for i in axis.outputs_of(cell)}
    assert turned == {(i, cell) for i in range(12) for cell in axis.inputs_of(i)}


def test_wrong_axes() -> None:
    with pytest.raises(UsageError, match="length as a whole number of at least 1, found 0"):
        ResampledAxis(0, 2, "linear")
    with pytest.raises(UsageError, match="did you mean 'linear'"):
        ResampledAxis(2, 2, "liner")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="expected a step above 0, found -1"):
        ResampledAxis(2, 2, "linear", step=-1)
    with pytest.raises(UsageError, match="expected an output from 0 to 1, found 2"):
        ResampledAxis(2, 2, "linear").inputs_of(2)
