"""Other forms of one tensor: what a view shows of the memory below it."""

from typing import Any

import numpy as np

from pellucid.capture import Constant, Result, Stored
from pellucid.explain.rules.case import Case, Values
from pellucid.explain.rules.mover import Mover, Read


def _same(case: Case, read: Read) -> Values:
    if case.get("training", False) and case.get("p", 0.5) > 0:
        raise LookupError("dropout in training has random numbers, which a trace does not keep")
    return read(case.get("input"))


def _reshaped(case: Case, read: Read) -> Values:
    """Row by row into the shape of the result, as all of torch's reshaping does."""
    return read(case.get("input")).reshape(case.node.shape)


def _permuted(case: Case, read: Read) -> Values:
    return np.transpose(read(case.get("input")), whole_numbers(case.get("dims")))


def _swapped(case: Case, read: Read) -> Values:
    first = case.given("dim0", "axis0", "argument1")
    second = case.given("dim1", "axis1", "argument2")
    return np.swapaxes(read(case.get("input")), first, second)


def _turned(case: Case, read: Read) -> Values:
    array = read(case.get("input"))
    return np.swapaxes(array, -1, -2) if array.ndim > 1 else array


def _moved_axes(case: Case, read: Read) -> Values:
    source = case.given("source", "argument1")
    target = case.given("destination", "argument2")
    return np.moveaxis(read(case.get("input")), source, target)


def _chosen(case: Case, read: Read) -> Values:
    found: Values = read(case.get("input"))[as_index(case, case.get("index"))]
    return found


def _narrowed(case: Case, read: Read) -> Values:
    array, axis = read(case.get("input")), case.get("dim")
    start = int(case.values(case.get("start")))
    picked = range(start % array.shape[axis], start % array.shape[axis] + case.get("length"))
    return array.take(picked, axis)


def _selected(case: Case, read: Read) -> Values:
    axis = case.given("dim", "argument1")
    array = read(case.get("input"))
    return np.asarray(array.take(int(case.given("index", "argument2")), axis))


def _expanded(case: Case, read: Read) -> Values:
    return np.broadcast_to(read(case.get("input")), case.node.shape)


def as_index(case: Case, index: Any) -> Any:
    """An index as NumPy takes it: tensors in it as arrays."""
    if isinstance(index, Result | Stored | Constant):
        return case.values(index)
    if isinstance(index, tuple):
        return tuple(
            list(each) if isinstance(each, tuple) else as_index(case, each) for each in index
        )
    return index


def whole_numbers(given: Any) -> tuple[int, ...]:
    return tuple(map(int, given)) if isinstance(given, tuple | list) else (int(given),)


#: Operations that may show the memory of their input as it is.
VIEWS: dict[str, Mover] = {
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
    **dict.fromkeys(("movedim", "moveaxis"), _moved_axes),
    "getitem": _chosen,
    "narrow": _narrowed,
    "select": _selected,
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), _expanded),
}  # fmt: skip
