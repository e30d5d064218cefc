"""Pooling: sliding windows, windows that fit a number of outputs, and the p-norm."""

from dataclasses import replace
from itertools import product
from math import prod
from typing import Any

import numpy as np

from pellucid.capture.call import spread
from pellucid.explain.rules.case import At, Case, Values, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole, roundings
from pellucid.explain.rules.reducing import reduced
from pellucid.geometry import AdaptiveAxis, Window, window
from pellucid.operators.arithmetic import Arithmetic, Finish, Term, explain_pooling
from pellucid.operators.pooling import Kind, pool


def _sliding(kind: Kind) -> Rule:
    """Max or average pooling, by torch's arguments."""

    def one(case: Case, at: At) -> Made:
        image, batched = _known(case)
        given, counts = _window(case), bool(case.get("count_include_pad", True))
        found = explain_pooling(
            image,
            kind,
            given.kernel_shape,
            at if batched else (0, *at),
            count_padding=kind == "average" and counts,
            **_arguments(case, given),
        )
        override = case.get("divisor_override")
        terms = found.terms if not override else _divided(found.terms, override)
        shape = case.node.shape
        rule = "sum" if override else kind
        arithmetic = replace(
            found,
            operation=f"{case.axes}-D {kind} pooling",
            at=told(at, shape),
            names=axes_of(shape, image.shape[0]),
            terms=terms,
            rule=rule,
        )
        sources = (case.source(case.get("input")),) * len(terms)
        return Made(arithmetic, sources, steps=0 if kind == "max" else None)

    def whole(case: Case) -> Whole:
        image, _ = _known(case)
        given, shape = _window(case), case.node.shape
        arguments = _arguments(case, given)
        wide, override = image.astype(np.float64), case.get("divisor_override")
        if kind == "max":
            return Whole(pool(wide, kind, given.kernel_shape, **arguments).reshape(shape))
        counts = bool(case.get("count_include_pad", True))
        how: Kind = "sum" if override else "average"
        arguments["count_padding"] = counts and not override
        values, scale = (
            pool(each, how, given.kernel_shape, **arguments).reshape(shape) / (override or 1)
            for each in (wide, np.abs(wide))
        )
        return Whole(values, roundings(prod(given.kernel_shape)), scale)

    return Rule(one, whole)


def _arguments(case: Case, given: Window) -> dict[str, Any]:
    return {
        "stride": [axis.stride for axis in given.axes],
        "dilation": [axis.dilation for axis in given.axes],
        "padding": given.padding,
        "ceil": bool(case.get("ceil_mode", False)),
        "axes": case.axes,
    }


def _divided(terms: tuple[Term, ...], divisor: int) -> tuple[Term, ...]:
    return tuple(term._replace(weight=1 / divisor, product=term.value / divisor) for term in terms)


def _adaptive(kind: Kind) -> Rule:
    """Windows that fit a number of outputs."""

    def one(case: Case, at: At) -> Made:
        sides = _sides(case)
        windows = [_cells(side, i) for side, i in zip(sides, at[-len(sides) :], strict=True)]
        name = f"adaptive {kind} pooling"
        return reduced(case, at, name, kind, (*at[: -len(sides)], *windows))

    def whole(case: Case) -> Whole:
        wide, sides = case.read().astype(np.float64), _sides(case)
        values, scale = np.empty(case.node.shape), np.empty(case.node.shape)
        most, over = 1, tuple(range(-len(sides), 0))
        for spot in product(*(range(side.output) for side in sides)):
            cells: Any = tuple(_cells(side, i) for side, i in zip(sides, spot, strict=True))
            place: Any = (..., *spot)
            part = wide[(..., *cells)]
            most = max(most, prod(part.shape[-len(sides) :]))
            values[place] = part.max(over) if kind == "max" else part.mean(over)
            scale[place] = np.abs(part).mean(over)
        return Whole(values) if kind == "max" else Whole(values, roundings(most), scale)

    return Rule(one, whole)


def _sides(case: Case) -> list[AdaptiveAxis]:
    """The axes that are pooled; ``F.interpolate`` by area is adaptive pooling too."""
    axes = len(case.node.shape) - 2 if case.node.operation == "interpolate" else _axes(case)
    lengths = zip(case.shape("input")[-axes:], case.node.shape[-axes:], strict=True)
    return [AdaptiveAxis(length, count) for length, count in lengths]


def _axes(case: Case) -> int:
    return int(case.node.operation.removesuffix("_with_indices")[-2])


def _cells(side: AdaptiveAxis, output: int) -> slice:
    cells = side.cells(output)
    return slice(cells.start, cells.stop)


def _norm(case: Case, at: At) -> Made:
    """(Σ xᵖ)^(1/p); where ``ceil_mode`` cuts a window, Σ is scaled up to a whole one (torch)."""
    image, batched = _known(case)
    given, power = _window(case), float(case.get("norm_type"))
    place = at if batched else (0, *at)
    spot = place[-case.axes :]
    cells = [
        (tap, cell)
        for tap, cell in zip(
            product(*(range(axis.kernel) for axis in given.axes)), given.taps(spot), strict=True
        )
        if cell is not None
    ]
    more = prod(given.kernel_shape) / len(cells)
    plane, shape = image[place[: -case.axes]], case.shape("input")
    terms = []
    for tap, cell in cells:
        value = float(plane[cell])
        weight = more * value ** (power - 1)
        terms.append(
            Term(
                told((*at[: -case.axes], *cell), shape), tap, value, weight, weight * value, "cell"
            )
        )
    arithmetic = Arithmetic(
        f"{power:g}-norm pooling",
        told(at, case.node.shape),
        axes_of(case.node.shape, image.shape[0]),
        tuple(terms),
        finish=Finish("power", (1 / power, 1.0)),
    )
    sources = (case.source(case.get("input")),) * len(terms)
    steps = roundings(len(terms)) + 8
    return Made(arithmetic, sources, steps=steps, scale=abs(arithmetic.total))


def _norm_whole(case: Case) -> Whole:
    image, _ = _known(case)
    given, power = _window(case), float(case.get("norm_type"))
    wide = image.astype(np.float64) ** power
    # The mean over what a window holds, times the cells of a whole one: as torch scales.
    sums = prod(given.kernel_shape) * pool(
        wide, "average", given.kernel_shape, **_arguments(case, given)
    )
    values: Wide = sums.reshape(case.node.shape) ** (1 / power)
    return Whole(values, roundings(prod(given.kernel_shape)) + 8, np.abs(values))


def _window(case: Case) -> Window:
    """The sliding window; ``lp_pool`` and others have the same arguments."""
    axes = case.axes
    kernel = spread(case.get("kernel_size"), axes)
    return window(
        case.shape("input")[-axes:],
        kernel,
        stride=spread(case.get("stride") or kernel, axes),
        dilation=spread(case.get("dilation", 1), axes),
        padding=spread(case.get("padding", 0), axes),
        ceil=bool(case.get("ceil_mode", False)),
    )


def _known(case: Case) -> tuple[Values, bool]:
    """The input with its batch axis, and whether it had one."""
    if case.axes > 2:
        raise LookupError("pooling is known of series and images, not of volumes")
    image = case.read()
    batched = image.ndim == case.axes + 2
    return (image if batched else image[None]), batched


#: ``F.interpolate`` by area.
AREA = _adaptive("average")
#: The rules of pooling.
POOLING: dict[str, Rule] = {
    **{f"max_pool{axes}d": _sliding("max") for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": _sliding("average") for axes in (1, 2, 3)},
    **{
        f"adaptive_max_pool{axes}d{form}": _adaptive("max")
        for axes in (1, 2, 3)
        for form in ("", "_with_indices")
    },
    **{f"adaptive_avg_pool{axes}d": _adaptive("average") for axes in (1, 2, 3)},
    **{f"lp_pool{axes}d": Rule(_norm, _norm_whole) for axes in (1, 2)},
}
