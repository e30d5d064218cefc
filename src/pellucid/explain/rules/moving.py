"""Operations that move numbers without changing them: views, joins, cuts, padding."""

from typing import Any

import numpy as np

from pellucid.capture.call import spread
from pellucid.explain.rules.case import Case, Values
from pellucid.explain.rules.made import Rule
from pellucid.explain.rules.mover import Mover, Read, moved
from pellucid.explain.rules.parts import item
from pellucid.explain.rules.views import VIEWS, as_index, whole_numbers
from pellucid.geometry import window


def _joined(case: Case, read: Read) -> Values:
    axis = case.given("dim", "axis", default=0)
    arrays = [read(each) for each in case.get("tensors")]
    # torch passes over empty tensors of one axis.
    return np.concatenate([array for array in arrays if array.shape != (0,)], axis)


def _stacked(case: Case, read: Read) -> Values:
    return np.stack([read(each) for each in case.get("tensors")], case.get("dim", 0))


def _padded(case: Case, read: Read) -> Values:
    array, sides = read(case.get("input")), whole_numbers(case.get("pad"))
    mode = {"replicate": "edge", "circular": "wrap"}.get(
        case.get("mode", "constant"), case.get("mode", "constant")
    )
    pairs = [(sides[i], sides[i + 1]) for i in range(0, len(sides), 2)]
    widths = [(0, 0)] * (array.ndim - len(pairs)) + pairs[::-1]
    cuts = tuple(
        slice(max(0, -before), size + min(0, after))
        for size, (before, after) in zip(array.shape, widths, strict=True)
    )
    grown = [(max(0, before), max(0, after)) for before, after in widths]
    if mode == "constant":
        fill = read.fill(float(case.get("value") or 0.0))
        return np.pad(array[cuts], grown, constant_values=fill)
    return np.pad(array[cuts], grown, mode=mode)


def _index_selected(case: Case, read: Read) -> Values:
    axis, index = case.given("dim", "argument1"), case.given("index", "argument2")
    return read(case.get("input")).take(case.values(index).astype(np.intp), axis)


def _written(case: Case, read: Read) -> Values:
    array = read(case.get("input")).copy()
    array[as_index(case, case.get("index"))] = read(case.get("value"))
    return array


def _tiled(case: Case, read: Read) -> Values:
    given = case.given("repeats", "argument1")
    several = given if isinstance(given, tuple | list) else _arguments(case)
    return np.tile(read(case.get("input")), whole_numbers(several))


def _flipped(case: Case, read: Read) -> Values:
    dims = case.given("dims", "argument1")
    return np.flip(read(case.get("input")), whole_numbers(dims))


def _quarter_turned(case: Case, read: Read) -> Values:
    turns, dims = case.given("k", "argument1", default=1), case.given("dims", "argument2")
    return np.rot90(read(case.get("input")), turns, (0, 1) if dims is None else dims)


def _rolled(case: Case, read: Read) -> Values:
    shifts, dims = (
        case.given("shifts", "argument1"),
        case.given("dims", "argument2"),
    )
    if not dims and dims != 0:
        return np.roll(read(case.get("input")), shifts)
    return np.roll(read(case.get("input")), shifts, dims)


def _repeated(case: Case, read: Read) -> Values:
    count, axis = case.given("repeats", "argument1"), case.given("dim", "argument2")
    if not isinstance(count, int):
        raise LookupError("repeat_interleave is known with one number of repeats")
    return np.repeat(read(case.get("input")), count, axis)


def _shuffled_pixels(case: Case, read: Read) -> Values:
    """C·r²×H×W to C×H·r×W·r (Shi et al. 2016, section 3.2)."""
    array, r = read(case.get("input")), case.get("upscale_factor")
    *batch, channels, height, width = array.shape
    blocks = array.reshape(*batch, channels // r**2, r, r, height, width)
    count = len(batch)
    order = (*range(count + 1), count + 3, count + 1, count + 4, count + 2)
    return blocks.transpose(order).reshape(case.node.shape)


def _gathered_pixels(case: Case, read: Read) -> Values:
    array, r = read(case.get("input")), case.given("downscale_factor", "argument1")
    *batch, channels, height, width = array.shape
    blocks = array.reshape(*batch, channels, height // r, r, width // r, r)
    count = len(batch)
    order = (*range(count + 1), count + 2, count + 4, count + 1, count + 3)
    return blocks.transpose(order).reshape(case.node.shape)


def _shuffled_channels(case: Case, read: Read) -> Values:
    array, groups = read(case.get("input")), case.given("groups", "argument1")
    batch, channels, *size = array.shape
    blocks = array.reshape(batch, groups, channels // groups, *size)
    return np.swapaxes(blocks, 1, 2).reshape(array.shape)


def _windows(case: Case, read: Read) -> Values:
    """``F.unfold``: every window of an image as a column, N×(C·kh·kw)×L."""
    if "kernel_size" not in case.node.arguments:
        return _slid(case, read)
    array = read(case.get("input"))
    if array.ndim != 4:
        raise LookupError("unfold is known of images N×C×H×W only")
    names = ("kernel_size", "dilation", "padding", "stride")
    kernel, dilation, padding, stride = (
        spread(case.get(name, 0 if name == "padding" else 1), 2) for name in names
    )
    sliding = window(array.shape[2:], kernel, stride=stride, dilation=dilation, padding=padding)
    (top, bottom), (left, right) = sliding.padding
    grown = ((0, 0), (0, 0), (top, bottom), (left, right))
    padded = np.pad(array, grown, constant_values=read.fill(0.0))
    down, across = (
        np.array([axis.positions(i) for i in range(axis.output)]) + axis.before
        for axis in sliding.axes
    )  # (H', kh), (W', kw)
    found = padded[:, :, down.T[:, None, :, None], across.T[None, :, None, :]]
    return found.reshape(case.node.shape)  # from N×C×kh×kw×H'×W'


def _slid(case: Case, read: Read) -> Values:
    """``Tensor.unfold``: windows along one axis, as a new last axis."""
    names = zip(("dimension", "size", "step"), range(1, 4), strict=True)
    axis, size, step = (case.get(name, case.get(f"argument{place}")) for name, place in names)
    windows = np.lib.stride_tricks.sliding_window_view(read(case.get("input")), size, axis)
    return np.moveaxis(np.moveaxis(windows, axis, 0)[::step], 0, axis)


def _filled(value: float) -> Mover:
    return lambda case, read: np.full(case.node.shape, read.fill(value))


def _filling(case: Case) -> Any:
    return case.given("value", "argument1")


def _where(case: Case, read: Read) -> Values:
    condition = case.values(case.given("condition", "input"))
    first, second = case.get("input"), case.get("other")
    if "argument1" in case.node.arguments:
        first, second = case.get("argument1"), case.get("argument2")
    return np.broadcast_to(np.where(condition, read(first), read(second)), case.node.shape)


def _masked(case: Case, read: Read) -> Values:
    mask = case.values(case.given("mask", "argument1"))
    value = case.given("value", "argument2")
    return np.where(mask, read(value), read(case.get("input")))


def _arguments(case: Case) -> list[int]:
    """The numbers after the tensor, as in ``x.repeat(1, 2, 1, 1)``."""
    return [case.get(name) for name in case.node.arguments if name.startswith("argument")]


#: Each written once, for values and for the numbers of cells.
MOVERS: dict[str, Mover] = {
    **VIEWS,
    "cat": _joined,
    "stack": _stacked,
    "pad": _padded,
    "index_select": _index_selected,
    "setitem": _written,
    **dict.fromkeys(("repeat", "tile"), _tiled),
    "repeat_interleave": _repeated,
    "flip": _flipped,
    "fliplr": lambda case, read: np.fliplr(read(case.get("input"))),
    "flipud": lambda case, read: np.flipud(read(case.get("input"))),
    "rot90": _quarter_turned,
    "roll": _rolled,
    "pixel_shuffle": _shuffled_pixels,
    "pixel_unshuffle": _gathered_pixels,
    **dict.fromkeys(("channel_shuffle", "native_channel_shuffle"), _shuffled_channels),
    "unfold": _windows,
    **dict.fromkeys(("zero", "zeros_like", "new_zeros"), _filled(0.0)),
    **dict.fromkeys(("ones_like", "new_ones"), _filled(1.0)),
    "fill": lambda case, read: np.full(case.node.shape, read(_filling(case))),
    "where": _where,
    "masked_fill": _masked,
    "item": item,
}
#: Those that may round, to another dtype or a number that they fill in.
_CASTS = {
    "to", "float", "double", "half", "bfloat16", "type", "type_as", "cat", "stack",
    "setitem", "pad", "fill", "masked_fill", "where",
}  # fmt: skip
#: The rules of all operations that move.
MOVING: dict[str, Rule] = {
    name: moved(name, mover, steps=int(name in _CASTS)) for name, mover in MOVERS.items()
}
