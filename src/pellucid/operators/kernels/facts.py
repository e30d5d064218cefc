"""Sentences that follow from the numbers of a kernel, and from nothing else."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pellucid.operators.kernels.kernel import Kernel

_SAME = 1e-9
#: Frequencies at which the response is looked at, along each axis.
SIZE = 128


def facts(kernel: "Kernel") -> tuple[str, ...]:
    """What the numbers of a kernel mean for a picture: brightness, range, ramps, place, cost.

    >>> from pellucid.operators.kernels import kernel
    >>> facts(kernel("box"))[0]
    'The weights add up to 1: brightness is kept.'
    """
    if not kernel.l1:
        return ("All weights are 0, and so is every result.",)
    parts = (_brightness, _range, _ramp, _place, _frequencies, _cost)
    return tuple(sentence for part in parts if (sentence := part(kernel)))


def _near(value: float, wanted: float, scale: float) -> bool:
    return abs(value - wanted) <= _SAME * max(scale, abs(wanted))


def _brightness(kernel: "Kernel") -> str:
    total = kernel.total
    if _near(total, 1, kernel.l1):
        return "The weights add up to 1: brightness is kept."
    if _near(total, 0, kernel.l1):
        return "The weights add up to 0: flat areas give 0, it answers to change only."
    return f"The weights add up to {total:.4g}: the brightness of flat areas is multiplied by that."


def _range(kernel: "Kernel") -> str:
    low = 255 * float(np.minimum(kernel.weights, 0).sum())
    high = 255 * float(np.maximum(kernel.weights, 0).sum())
    if low == 0 and _near(high, 255, 255):
        return "A weighted mean: never outside the range of the pixels that it reads."
    return f"From pixels of 0 to 255 it makes {low:,.4g} to {high:,.4g}."


def _ramp(kernel: "Kernel") -> str:
    """What a slope gives, where a flat area gives nothing."""
    if not _near(kernel.total, 0, kernel.l1):
        return ""
    reach = max(kernel.shape)
    rows, columns = (
        np.arange(cells) - anchor for cells, anchor in zip(kernel.shape, kernel.anchor, strict=True)
    )
    right = float((kernel.weights * columns[None, :]).sum())
    down = float((kernel.weights * rows[:, None]).sum())
    if _near(right, 0, reach * kernel.l1) and _near(down, 0, reach * kernel.l1):
        return "Even slopes give 0 too: it answers to bends and to fine detail."
    slopes = ((right, "to the right"), (down, "downwards"))
    parts = [
        f"{value:.4g} where brightness rises by 1 a pixel {way}"
        for value, way in slopes
        if not _near(value, 0, reach * kernel.l1)
    ]
    return f"It gives {' and '.join(parts)}."


def _place(kernel: "Kernel") -> str:
    if kernel.zero_phase:
        return (
            "Symmetric about its middle: nothing is displaced, and convolution and "
            "cross-correlation agree."
        )
    if kernel.antisymmetric:
        return "Half a turn changes its sign: convolution gives the negative of cross-correlation."
    if kernel.symmetric:
        return (
            "Symmetric, but an even number of cells has no middle: it displaces by half a pixel, "
            "and convolution and cross-correlation differ by a pixel."
        )
    return "Not symmetric: convolution (kernel turned by half a circle) gives another picture."


def _frequencies(kernel: "Kernel") -> str:
    gain = np.abs(kernel.response(SIZE))
    middle = SIZE // 2
    flat, peak = float(gain[middle, middle]), float(gain.max())
    if gain.min() >= peak * (1 - _SAME):
        return f"Every wave is kept with the same strength, {peak:.4g}."
    row, column = np.unravel_index(int(gain.argmax()), gain.shape)
    cycles = float(np.hypot(row - middle, column - middle)) / SIZE
    if flat >= peak * (1 - _SAME):
        level, upright = gain[0, middle] / flat, gain[middle, 0] / flat
        finest = _percent(level)
        if abs(level - upright) > _SAME:
            finest = f"{_percent(upright)} (upright) and {_percent(level)} (level)"
        return f"Low-pass: of the finest stripes (2 pixels a period) it leaves {finest}."
    kind = "High-boost" if flat > _SAME * peak else "High-pass" if cycles >= 0.4 else "Band-pass"
    return f"{kind}: strongest, {peak:.4g}, for waves of about {1 / cycles:.2g} pixels a period."


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def _cost(kernel: "Kernel") -> str:
    rows, columns = kernel.shape
    if rows == 1 or columns == 1:
        return ""
    if kernel.separable:
        return (
            f"Separable: a column times a row, {rows} + {columns} = {rows + columns} products a "
            f"pixel instead of {rows} × {columns} = {rows * columns}."
        )
    return f"Not separable: it takes {kernel.rank} products of a column and a row."
