"""Convolutions (cross-correlations, to be exact) and transposed ones."""

from itertools import product
from typing import Any

import numpy as np

from pellucid.explain.rules.case import At, Case, Values, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole, roundings
from pellucid.explain.rules.products import partners
from pellucid.geometry import TransposedAxis
from pellucid.operators.arithmetic import Arithmetic, Place, Term, filter_terms
from pellucid.operators.convolution import correlate


def _convolution(case: Case, at: At) -> Made:
    image, weight, spot = _known(case), case.read("weight"), at[-case.axes :]
    filters, depth = weight.shape[:2]
    group = at[-case.axes - 1] // (filters // case.get("groups", 1))
    number = at[-case.axes - 1]
    place = Place(at[0] if len(at) > case.axes + 1 else 0, number, spot, _names(case, image))
    terms = filter_terms(image, weight[number], group * depth, case.window(), place)
    source, shape = case.source(case.get("input")), case.node.shape
    return Made(
        Arithmetic(
            f"{case.axes}-D cross-correlation",
            told(at, shape),
            axes_of(shape, image.shape[0]),
            terms,
            case.number("bias", (number,)),
        ),
        tuple(None if term.at is None else source for term in terms),
        partners(case, case.get("weight"), (told((number, *t.tap), weight.shape) for t in terms)),
    )


def _convolution_whole(case: Case) -> Whole:
    image, weight = _known(case), case.read("weight")
    bias = None if case.get("bias") is None else case.read("bias")
    sliding = {
        "stride": case.get("stride", 1),
        "dilation": case.get("dilation", 1),
        "groups": case.get("groups", 1),
        "padding": case.window().padding,
        "axes": case.axes,
    }
    sums = correlate(
        image.astype(np.float64),
        weight.astype(np.float64),
        bias=None if bias is None else bias.astype(np.float64),
        **sliding,
    )
    # For a bound float32 is enough, in half the time.
    scale = correlate(
        np.abs(image).astype(np.float32),
        np.abs(weight),
        bias=None if bias is None else np.abs(bias),
        **sliding,
    )
    count = weight[0].size
    return Whole(sums.reshape(case.node.shape), roundings(count), scale.reshape(case.node.shape))


def _transposed(case: Case, at: At) -> Made:
    """y(f, i) = b_f + Σ_c Σ_j x(c, j)·K(c, f, i + before − j·stride), over the taps there are."""
    image, weight = _known(case), case.read("weight")
    axes, number = case.axes, at[-case.axes - 1]
    each, groups = weight.shape[1], case.get("groups", 1)
    depth, sample = image.shape[1] // groups, at[0] if len(at) > axes + 1 else 0
    first = number // each * depth
    place = Place(sample, number, at[-axes:], _names(case, image))
    pairs = [
        _pairs(axis, output)
        for axis, output in zip(case.transposed_window().axes, place.spot, strict=True)
    ]
    terms, cells = [], []
    for channel in range(first, first + depth):
        for reads in product(*pairs):
            cell, tap = zip(*reads, strict=True)
            whole = (channel, number % each, *tap)
            value, factor = float(image[(sample, channel, *cell)]), float(weight[whole])
            cells.append(told(whole, weight.shape))
            read = place.cell(channel, cell)
            terms.append(Term(read, (channel, *tap), value, factor, value * factor, "cell"))
    shape = case.node.shape
    bias = case.number("bias", (number,))
    arithmetic = Arithmetic(
        f"transposed {axes}-D convolution",
        told(at, shape),
        axes_of(shape, image.shape[0]),
        tuple(terms),
        bias,
    )
    sources = (case.source(case.get("input")),) * len(terms)
    return Made(arithmetic, sources, partners(case, case.get("weight"), cells))


def _pairs(axis: TransposedAxis, output: int) -> list[tuple[int, int]]:
    """Along one axis: the cells that add to an output, and the tap that each is weighed by."""
    return [
        (cell, (output + axis.before - cell * axis.stride) // axis.dilation)
        for cell in axis.inputs_of(output)
    ]


def _transposed_whole(case: Case) -> Whole:
    image, weight = _known(case).astype(np.float64), case.read("weight").astype(np.float64)
    bias = np.zeros(1) if case.get("bias") is None else case.read("bias").astype(np.float64)
    sums = _spread(case, image, weight, bias)
    scale = _spread(case, np.abs(image), np.abs(weight), np.abs(bias))
    count = weight.size // weight.shape[1] // case.get("groups", 1)
    return Whole(sums, roundings(count), scale)


def _spread(case: Case, image: Wide, weight: Wide, bias: Wide) -> Wide:
    """Every tap's product with the whole image, added where it belongs; then cropped."""
    sides, groups, each = case.transposed_window().axes, case.get("groups", 1), weight.shape[1]
    batch, channels = image.shape[:2]
    flat = image.reshape(batch, groups, channels // groups, -1)
    canvas = np.zeros(
        (batch, groups * each, *(axis.before + axis.output + axis.after for axis in sides))
    )
    for tap in product(*(range(axis.kernel) for axis in sides)):
        factors: Any = (..., *tap)
        matrix = weight[factors].reshape(groups, channels // groups, each)
        added = np.swapaxes(matrix, 1, 2) @ flat  # N×groups×each×cells
        target: Any = (
            ...,
            *(_reached(axis, step) for step, axis in zip(tap, sides, strict=True)),
        )
        canvas[target] += added.reshape(batch, groups * each, *image.shape[2:])
    inside: Any = (..., *(slice(axis.before, axis.before + axis.output) for axis in sides))
    result: Wide = canvas[inside] + bias.reshape(-1, *(1,) * len(sides))
    return result.reshape(case.node.shape)


def _reached(axis: TransposedAxis, tap: int) -> slice:
    """The outputs, cropped ones included, that a tap adds to: one for each cell of the input."""
    first = tap * axis.dilation
    return slice(first, first + axis.stride * axis.length, axis.stride)


def _known(case: Case) -> Values:
    """The input with its batch axis."""
    if case.axes > 2:
        raise LookupError("convolutions are known of series and images, not of volumes")
    image = case.read()
    return image[None] if image.ndim == case.axes + 1 else image


def _names(case: Case, image: Values) -> tuple[str, ...]:
    """Of the axes of the input's positions: with n where people are told it."""
    names = ("c", "t") if case.axes == 1 else ("c", "y", "x")
    return names if image.shape[0] == 1 else ("n", *names)


#: The rules of convolutions.
CONVOLUTIONS: dict[str, Rule] = {
    **{f"conv{axes}d": Rule(_convolution, _convolution_whole) for axes in (1, 2, 3)},
    **{f"conv_transpose{axes}d": Rule(_transposed, _transposed_whole) for axes in (1, 2, 3)},
}
