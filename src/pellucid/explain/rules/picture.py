"""From the picture to the network's input: what the nodes before the network compute.

Pixels are whole: what is made of them is rounded to the nearest level from 0 to 255. The steps
are OpenCV's, whose sums are not exact, so that a number close to the middle between two levels may
be rounded the other way. By how much (in levels, seen in ``tests/explain/test_picture_rules.py``):

- ``recolor``: the weights have 15 bits, so that the sum is off by at most 3·255/2¹⁶ = 0.012;
- ``resize`` by area: sums in float32, off by ε·255 for each row and column that is covered; and
  halves are rounded up where OpenCV averages 2×2 pixels, else to even;
- ``resize``, linear: 11 bits for each weight, and what is cut off on the way: at most one level.
"""

from dataclasses import replace
from itertools import product
from math import ceil

import numpy as np

from pellucid.explain.resizing import resized_axes
from pellucid.explain.rules.case import At, Case, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole
from pellucid.explain.rules.resampling import weight_matrix
from pellucid.operators.arithmetic import Arithmetic, Finish, Term

#: The cells of the input that an output reads, and their weights.
Taps = list[tuple[At, float]]

_ROUND = Finish("round")
_FLOAT32 = 2.0**-23


def _recolored(case: Case, at: At) -> Made:
    weights = case.get("weights")[at[1]]
    taps = [((at[0], channel, *at[2:]), weight) for channel, weight in enumerate(weights)]
    return _rounded(case, at, taps, "recolor", _recolor_error(case))


def _recolored_whole(case: Case) -> Whole:
    weights = np.array(case.get("weights"), np.float64)
    sums = np.einsum("oc,nchw->nohw", weights, case.read().astype(np.float64))
    return _levels(sums, _recolor_error(case))


def _recolor_error(case: Case) -> float:
    return 3 * 255 / 2**16 if case.shape("input")[1] == 3 else 0.0


def _resized(case: Case, at: At) -> Made:
    along = [axis.weights(output) for axis, output in zip(resized_axes(case), at[2:], strict=True)]
    taps = [
        ((*at[:2], row, column), down * across) for (row, down), (column, across) in product(*along)
    ]
    return _rounded(case, at, taps, f"resize ({case.get('method')})", _resize_error(case))


def _resized_whole(case: Case) -> Whole:
    down, across = map(weight_matrix, resized_axes(case))
    return _levels(down @ case.read().astype(np.float64) @ across.T, _resize_error(case))


def _resize_error(case: Case) -> float:
    if case.get("method") == "linear":
        return 0.5  # with the rounding: one level
    sizes = zip(case.shape("input")[2:], case.node.shape[2:], strict=True)
    return _FLOAT32 * 255 * sum(ceil(length / outputs) + 1 for length, outputs in sizes)


def _cropped(case: Case, at: At) -> Made:
    place = (*at[:2], at[2] + case.get("top"), at[3] + case.get("left"))
    arithmetic = _sum(case, at, [(place, 1.0)], "crop")
    return Made(arithmetic, (case.source(case.get("input")),), steps=0)


def _cropped_whole(case: Case) -> Whole:
    top, left = case.get("top"), case.get("left")
    rows, columns = slice(top, top + case.get("height")), slice(left, left + case.get("width"))
    return Whole(case.read()[..., rows, columns].astype(np.float64))


def _normalised(case: Case, at: At) -> Made:
    gain, offset = case.get("gain")[at[1]], case.get("offset")[at[1]]
    arithmetic = replace(_sum(case, at, [(at, gain)], "normalise"), bias=offset)
    return Made(arithmetic, (case.source(case.get("input")),), steps=2)


def _normalised_whole(case: Case) -> Whole:
    gain, offset = (
        np.array(case.get(name), np.float64)[:, None, None] for name in ("gain", "offset")
    )
    products = case.read().astype(np.float64) * gain
    return Whole(products + offset, 2, np.abs(products) + np.abs(offset))


def _rounded(case: Case, at: At, taps: Taps, name: str, error: float) -> Made:
    """A weighted sum, rounded to a level."""
    exact = _sum(case, at, taps, name)
    doubt = float(_doubt(np.array(exact.total), error))
    sources = (case.source(case.get("input")),) * len(taps)
    return Made(replace(exact, finish=_ROUND), sources, steps=1, scale=doubt)


def _sum(case: Case, at: At, taps: Taps, name: str) -> Arithmetic:
    """A weighted sum of cells of the input."""
    image, shape = case.read(), case.node.shape
    terms = []
    for cell, weight in taps:
        value = float(image[cell])
        place = told(cell, case.shape("input"))
        terms.append(Term(place, (), value, weight, value * weight, "cell"))
    return Arithmetic(name, told(at, shape), axes_of(shape), tuple(terms))


def _levels(sums: Wide, error: float) -> Whole:
    return Whole(np.rint(sums), 1, _doubt(sums, error))


def _doubt(sums: Wide, error: float) -> Wide:
    """1 where sums that are off by so much may be rounded to another level, else 0."""
    middle = np.abs(sums - np.rint(sums))  # 1/2 in the middle between two levels
    return (middle + error + 1e-9 >= 0.5).astype(np.float64)


#: The rules of what comes before the network.
PICTURE: dict[str, Rule] = {
    "recolor": Rule(_recolored, _recolored_whole),
    "crop": Rule(_cropped, _cropped_whole),
    "resize": Rule(_resized, _resized_whole),
    "normalise": Rule(_normalised, _normalised_whole),
}
