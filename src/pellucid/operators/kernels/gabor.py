"""Gabor kernels: a wave under a bell, as in the first layer of most trained networks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pellucid.operators.kernels.blur import WIDEST, bell_size
from pellucid.operators.kernels.checks import angle as checked_angle
from pellucid.operators.kernels.checks import direction, real, whole
from pellucid.operators.kernels.kernel import MOST_CELLS, Kernel, Weights
from pellucid.operators.kernels.registry import named

#: Standard deviation of the bell in wavelengths, for a bandwidth of one octave.
OCTAVE = 0.56


@named
def gabor(
    wavelength: float = 8.0,
    angle: float = 0.0,
    sigma: float | None = None,
    *,
    gamma: float = 1.0,
    phase: float = 0.0,
    size: int | None = None,
) -> Kernel:
    """A wave of one direction under a bell.

    w ∝ e · (cos(2π·x′/λ + φ) − m) with the bell e = exp(−(x′² + γ²·y′²) / (2σ²)), where x′ runs in
    the direction of ``angle`` and y′ across it. m makes the sum 0, so that flat areas give 0, and
    the positive weights add up to 1, so that pixels of 0 to 255 give −255 to 255.

    Args:
        wavelength: λ, pixels a period, at least 2.
        angle: degrees, counter-clockwise from the direction to the right, in which the wave runs.
        sigma: of the bell along the wave, in pixels; 0.56·λ (one octave) where not given.
        gamma: how much shorter the bell is across the wave than along it; below 1 it is longer.
        phase: φ in degrees: 0 answers to bars, 90 to edges.
        size: cells along each axis, odd; 4σ on each side (by the longer axis of the bell) where
            not given.

    >>> abs(gabor(4).total) < 1e-12, round(gabor(4).l1, 12)
    (True, 2.0)
    """
    wavelength = real("wavelength of gabor", wavelength, 2, MOST_CELLS)
    angle = checked_angle("angle of gabor", angle)
    sigma = real("sigma of gabor", OCTAVE * wavelength if sigma is None else sigma, 0.5, WIDEST)
    gamma = real("gamma of gabor", gamma, 0.1, 10)
    phase = real("phase of gabor", phase, -360, 360)
    longest = real("sigma / gamma of gabor", sigma / min(1, gamma), 0.5, WIDEST)
    size = bell_size("gabor", longest, size, least=3)
    return Kernel(
        "gabor",
        _wave(np.arange(size) - size // 2, wavelength, direction(angle), (sigma, gamma), phase),
        {
            "wavelength": wavelength,
            "angle": angle,
            "sigma": sigma,
            "gamma": gamma,
            "phase": phase,
            "size": size,
        },
        "w ∝ exp(−(x′² + γ²·y′²) / (2σ²)) · (cos(2π·x′/λ + φ) − m), Σw = 0, Σ|w| = 2",
        f"Answers to stripes of about {wavelength:g} pixels a period whose brightness changes "
        f"along {angle:g}°.",
        "Daugman 1985, Uncertainty relation for resolution in space, spatial frequency, and "
        "orientation, J. Opt. Soc. Am. A 2",
    )


def _wave(
    places: NDArray[np.int64],
    wavelength: float,
    way: tuple[float, float],
    bell_form: tuple[float, float],
    phase: float,
) -> Weights:
    """The weights on a square of cells; ``way`` is (down, right), ``bell_form`` is (σ, γ)."""
    y, x = places[:, None], places[None, :]
    (down, right), (sigma, gamma) = way, bell_form
    along, across = x * right + y * down, y * right - x * down
    bell = np.exp(-(along**2 + gamma**2 * across**2) / (2 * sigma**2))
    wave = bell * np.cos(2 * np.pi * along / wavelength + np.radians(phase))
    wave = wave - bell * (wave.sum() / bell.sum())
    return np.asarray(2 * wave / np.abs(wave).sum())


def gabor_bank(
    orientations: float = 4, wavelengths: Sequence[float] = (4, 8, 16), phase: float = 0.0
) -> tuple[Kernel, ...]:
    """Gabor kernels of several directions and wavelengths: a map of what runs which way.

    Args:
        orientations: directions, evenly spread over half a circle.
        wavelengths: pixels a period of each ring of the bank, an octave apart by default.
        phase: of all of them, in degrees.

    Returns:
        orientations × wavelengths kernels, all directions of the first wavelength first.

    Raises:
        UsageError: no orientation, no wavelength, or one out of range.

    >>> [bank.parameters["angle"] for bank in gabor_bank(4, (8,))]
    [0.0, 45.0, 90.0, 135.0]
    """
    count = whole("orientations of a Gabor bank", orientations, 1, 180)
    return tuple(
        gabor(wavelength, 180 * turn / count, phase=phase)
        for wavelength in wavelengths
        for turn in range(count)
    )
