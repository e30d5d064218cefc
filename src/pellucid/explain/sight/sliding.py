"""What windows read: convolution, pooling, resizing, and the steps from a picture to an input."""

from collections.abc import Iterator

from pellucid.capture.call import Call
from pellucid.explain.resizing import interpolated_axes, resized_axes
from pellucid.explain.sight.links import AllOf, Part
from pellucid.explain.sight.reads import Rule, Source, blocks, by_axis, input_of, separable


def convolution(call: Call) -> Iterator[Source]:
    axes = call.axes
    window = call.transposed_window() if call.transposed else call.window()
    groups = call.get("groups", 1)
    channels, filters = call.shape("input")[-axes - 1], call.node.shape[-axes - 1]
    along = by_axis(window.axes)
    along[-axes - 1] = blocks(groups, filters, channels)
    yield separable(call, input_of(call), along)


def pooling(call: Call) -> Iterator[Source]:
    yield separable(call, input_of(call), by_axis(call.window().axes))


def adaptive(call: Call) -> Iterator[Source]:
    yield separable(call, input_of(call), by_axis(call.adaptive_axes()))


def interpolated(call: Call) -> Iterator[Source]:
    yield separable(call, input_of(call), by_axis(tuple(interpolated_axes(call))))


def resized(call: Call) -> Iterator[Source]:
    yield separable(call, input_of(call), by_axis(tuple(resized_axes(call))))


def recolored(call: Call) -> Iterator[Source]:
    yield separable(call, input_of(call), {-3: AllOf()})


def cropped(call: Call) -> Iterator[Source]:
    shape = call.shape("input")
    rows = Part(call.get("top"), call.get("height"), shape[-2], cut=True)
    columns = Part(call.get("left"), call.get("width"), shape[-1], cut=True)
    yield separable(call, input_of(call), {-2: rows, -1: columns})


SLIDING: dict[str, Rule] = {
    **dict.fromkeys((f"conv{axes}d" for axes in (1, 2, 3)), convolution),
    **dict.fromkeys((f"conv_transpose{axes}d" for axes in (1, 2, 3)), convolution),
    **{f"{kind}_pool{axes}d": pooling for kind in ("max", "avg", "lp") for axes in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{axes}d": adaptive for kind in ("max", "avg") for axes in (1, 2, 3)},
    **dict.fromkeys(("interpolate", "upsample"), interpolated),
    "recolor": recolored,
    "crop": cropped,
    "resize": resized,
}
