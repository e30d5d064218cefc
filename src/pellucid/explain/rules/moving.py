"""Operations that move numbers without changing them: views, joins, cuts, padding.

Each is written once, on any arrays: of values it makes the result, and of the cells' numbers it
tells where each output comes from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

import numpy as np

from pellucid.capture import Constant, Node, Reference, Result, Stored
from pellucid.explain.rules.case import At, Case, Values, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole
from pellucid.operators.arithmetic import Arithmetic, Term


class Read(Protocol):
    """How a mover gets at its arrays."""

    def __call__(self, reference: Any) -> Values:
        """The array in the place of a tensor (or number)."""

    def fill(self, value: float) -> Any:
        """What stands where no tensor is read: in padding."""


Mover = Callable[[Case, Read], Any]


class _Numbers:
    """Reads what the tensors hold."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def __call__(self, reference: Any) -> Values:
        return self.case.values(reference)

    def fill(self, value: float) -> float:
        return value


class _Cells:
    """Reads the numbers of the cells instead, counted through all tensors that are read."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.starts: list[tuple[int, Reference]] = []
        self.count = 0
        self.fills: list[float] = []

    def __call__(self, reference: Any) -> Values:
        if not isinstance(reference, Result | Stored | Constant):
            return np.asarray(self.fill(float(reference)))
        shape = self.case.shape_of(reference)
        first, self.count = self.count, self.count + prod(shape)
        self.starts.append((first, reference))
        return np.arange(first, self.count).reshape(shape)

    def fill(self, value: float) -> int:
        """Below 0: the place in the list of fills, from the end on."""
        self.fills.append(value)
        return -len(self.fills)

    def find(self, cell: int) -> tuple[Reference, At]:
        """The tensor and the position in it."""
        first, reference = next(each for each in reversed(self.starts) if each[0] <= cell)
        shape = self.case.shape_of(reference)
        return reference, tuple(map(int, np.unravel_index(cell - first, shape)))


def moved(name: str, mover: Mover) -> Rule:
    """The rule of an operation that moves."""

    def one(case: Case, at: At) -> Made:
        read = _Cells(case)
        cell = int(np.asarray(mover(case, read))[at])
        spot, names = told(at, case.node.shape), axes_of(case.node.shape)
        if cell < 0:
            term = Term(None, (), read.fills[-cell - 1], 1.0, read.fills[-cell - 1], "padding")
            return Made(Arithmetic(name, spot, names, (term,)), (None,), steps=0)
        reference, place = read.find(cell)
        value = float(case.values(reference)[place])
        term = Term(told(place, case.shape_of(reference)), (), value, 1.0, value, "cell")
        arithmetic = Arithmetic(name, spot, names, (term,))
        return Made(arithmetic, (case.source(reference),), steps=0)

    def whole(case: Case) -> Whole:
        return Whole(np.asarray(mover(case, _Numbers(case)), np.float64))

    return Rule(one, whole)


def _same(case: Case, read: Read) -> Values:
    if case.get("training", False) and case.get("p", 0.5) > 0:
        raise LookupError("dropout in training has random numbers, which a trace does not keep")
    return read(case.get("input"))


def _reshaped(case: Case, read: Read) -> Values:
    """Row by row into the shape of the result, as all of torch's reshaping does."""
    return read(case.get("input")).reshape(case.node.shape)


def _permuted(case: Case, read: Read) -> Values:
    return np.transpose(read(case.get("input")), _whole_numbers(case.get("dims")))


def _swapped(case: Case, read: Read) -> Values:
    first = case.get("dim0", case.get("axis0", case.get("argument1")))
    second = case.get("dim1", case.get("axis1", case.get("argument2")))
    return np.swapaxes(read(case.get("input")), first, second)


def _turned(case: Case, read: Read) -> Values:
    return (
        np.swapaxes(read(case.get("input")), -1, -2)
        if len(case.node.shape) > 1
        else read(case.get("input"))
    )


def _joined(case: Case, read: Read) -> Values:
    axis = case.get("dim", case.get("axis", 0))
    arrays = [read(each) for each in case.get("tensors")]
    # torch passes over empty tensors of one axis.
    return np.concatenate([array for array in arrays if array.shape != (0,)], axis)


def _stacked(case: Case, read: Read) -> Values:
    return np.stack([read(each) for each in case.get("tensors")], case.get("dim", 0))


def _padded(case: Case, read: Read) -> Values:
    array, sides = read(case.get("input")), _whole_numbers(case.get("pad"))
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


def _chosen(case: Case, read: Read) -> Values:
    return read(case.get("input"))[_index(case, case.get("index"))]


def _narrowed(case: Case, read: Read) -> Values:
    array, axis = read(case.get("input")), case.get("dim")
    start = int(case.values(case.get("start")))
    picked = range(start % array.shape[axis], start % array.shape[axis] + case.get("length"))
    return array.take(picked, axis)


def _selected(case: Case, read: Read) -> Values:
    axis = case.get("dim", case.get("argument1"))
    return read(case.get("input")).take(int(case.get("index", case.get("argument2"))), axis)


def _index_selected(case: Case, read: Read) -> Values:
    axis, index = case.get("dim", case.get("argument1")), case.get("index", case.get("argument2"))
    return read(case.get("input")).take(case.values(index).astype(np.intp), axis)


def _written(case: Case, read: Read) -> Values:
    array = read(case.get("input")).copy()
    array[_index(case, case.get("index"))] = read(case.get("value"))
    return array


def _index(case: Case, index: Any) -> Any:
    """An index as NumPy takes it: tensors in it as arrays."""
    if isinstance(index, Result | Stored | Constant):
        return case.values(index)
    if isinstance(index, tuple):
        return tuple(
            list(each) if isinstance(each, tuple) else _index(case, each) for each in index
        )
    return index


def _expanded(case: Case, read: Read) -> Values:
    return np.broadcast_to(read(case.get("input")), case.node.shape)


def _tiled(case: Case, read: Read) -> Values:
    given = case.get("repeats", case.get("argument1"))
    several = given if isinstance(given, tuple | list) else _arguments(case)
    return np.tile(read(case.get("input")), _whole_numbers(several))


def _flipped(case: Case, read: Read) -> Values:
    dims = case.get("dims", case.get("argument1"))
    return np.flip(read(case.get("input")), _whole_numbers(dims))


def _rolled(case: Case, read: Read) -> Values:
    shifts, dims = (
        case.get("shifts", case.get("argument1")),
        case.get("dims", case.get("argument2")),
    )
    if not dims and dims != 0:
        return np.roll(read(case.get("input")), shifts)
    return np.roll(read(case.get("input")), shifts, dims)


def _shuffled_pixels(case: Case, read: Read) -> Values:
    """C·r²×H×W to C×H·r×W·r (Shi et al. 2016, section 3.2)."""
    array, r = read(case.get("input")), case.get("upscale_factor")
    *batch, channels, height, width = array.shape
    blocks = array.reshape(*batch, channels // r**2, r, r, height, width)
    count = len(batch)
    order = (*range(count + 1), count + 3, count + 1, count + 4, count + 2)
    return blocks.transpose(order).reshape(case.node.shape)


def _gathered_pixels(case: Case, read: Read) -> Values:
    array, r = read(case.get("input")), case.get("downscale_factor", case.get("argument1"))
    *batch, channels, height, width = array.shape
    blocks = array.reshape(*batch, channels, height // r, r, width // r, r)
    count = len(batch)
    order = (*range(count + 1), count + 2, count + 4, count + 1, count + 3)
    return blocks.transpose(order).reshape(case.node.shape)


def _shuffled_channels(case: Case, read: Read) -> Values:
    array, groups = read(case.get("input")), case.get("groups", case.get("argument1"))
    batch, channels, *size = array.shape
    blocks = array.reshape(batch, groups, channels // groups, *size)
    return np.swapaxes(blocks, 1, 2).reshape(array.shape)


def _windows(case: Case, read: Read) -> Values:
    """``F.unfold``: every window of an image as a column, N×(C·kh·kw)×L."""
    from pellucid.capture.call import spread
    from pellucid.geometry import window

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


def _parts(case: Case, read: Read) -> list[Values]:
    """``chunk``: at most so many parts, each of the same size, the last smaller."""
    array, axis = read(case.get("input")), case.get("dim", 0)
    size = -(-array.shape[axis] // case.get("chunks"))
    return _cut(array, axis, size)


def _split(case: Case, read: Read) -> list[Values]:
    array = read(case.get("tensor", case.get("input")))
    axis = case.get("dim", 0)
    sizes = case.get("split_size_or_sections", case.get("split_size"))
    if isinstance(sizes, tuple | list):
        return np.split(array, np.cumsum(sizes)[:-1].tolist(), axis)
    return _cut(array, axis, sizes)


def _unbound(case: Case, read: Read) -> list[Values]:
    return list(np.moveaxis(read(case.get("input")), case.get("dim", 0), 0))


def _cut(array: Values, axis: int, size: int) -> list[Values]:
    return np.split(array, range(size, array.shape[axis], size), axis)


def _whole_numbers(given: Any) -> tuple[int, ...]:
    return tuple(map(int, given)) if isinstance(given, tuple | list) else (int(given),)


def _arguments(case: Case) -> list[int]:
    """The numbers after the tensor, as in ``x.repeat(1, 2, 1, 1)``."""
    return [case.get(name) for name in case.node.arguments if name.startswith("argument")]


def _filled(value: float) -> Mover:
    return lambda case, read: np.full(case.node.shape, read.fill(value))


def _where(case: Case, read: Read) -> Values:
    condition = case.values(case.get("condition", case.get("input")))
    first, second = case.get("input"), case.get("other")
    if "argument1" in case.node.arguments:
        first, second = case.get("argument1"), case.get("argument2")
    return np.broadcast_to(np.where(condition, read(first), read(second)), case.node.shape)


def _masked(case: Case, read: Read) -> Values:
    mask = case.values(case.get("mask", case.get("argument1")))
    value = case.get("value", case.get("argument2"))
    return np.where(mask, read(value), read(case.get("input")))


def _item(case: Case, read: Read) -> Values:
    """One of the parts that an operation cuts a tensor into."""
    parent: Node = case.graph.nodes[case.get("input").node]
    parts = PARTS.get(parent.operation)
    if parts is None:
        raise LookupError(
            f"there is no rule for result {case.get('index')} of '{parent.operation}'"
        )
    found: Values = parts(Case.of(case.trace, parent), read)[case.get("index")]
    return found


#: Operations whose results are several parts of a tensor.
PARTS: dict[str, Callable[[Case, Read], list[Values]]] = {
    "chunk": _parts,
    "split": _split,
    "split_with_sizes": _split,
    "unbind": _unbound,
}
_MOVERS: dict[str, Mover] = {
    **dict.fromkeys(
        ("flatten", "unflatten", "view", "reshape", "squeeze", "unsqueeze", "view_as",
         "reshape_as", "ravel"),
        _reshaped,
    ),
    **dict.fromkeys(
        ("clone", "contiguous", "to", "float", "double", "half", "bfloat16", "type", "type_as",
         "detach", "data", "cpu", "requires_grad", "stored", "dropout", "dropout1d", "dropout2d",
         "dropout3d", "alpha_dropout", "feature_alpha_dropout", "feature_dropout", "alias"),
        _same,
    ),
    "permute": _permuted,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), _swapped),
    **dict.fromkeys(("t", "T", "mT"), _turned),
    "cat": _joined,
    "stack": _stacked,
    "pad": _padded,
    "getitem": _chosen,
    "narrow": _narrowed,
    "select": _selected,
    "index_select": _index_selected,
    "setitem": _written,
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), _expanded),
    **dict.fromkeys(("repeat", "tile"), _tiled),
    "flip": _flipped,
    "roll": _rolled,
    "pixel_shuffle": _shuffled_pixels,
    "pixel_unshuffle": _gathered_pixels,
    **dict.fromkeys(("channel_shuffle", "native_channel_shuffle"), _shuffled_channels),
    "unfold": _windows,
    **dict.fromkeys(("zeros_like", "new_zeros"), _filled(0.0)),
    **dict.fromkeys(("ones_like", "new_ones"), _filled(1.0)),
    "where": _where,
    "masked_fill": _masked,
    "item": _item,
}  # fmt: skip
#: The rules of all operations that move.
MOVING: dict[str, Rule] = {name: moved(name, mover) for name, mover in _MOVERS.items()}
