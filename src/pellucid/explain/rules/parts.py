"""Operations that cut a tensor into several."""

from collections.abc import Callable

import numpy as np

from pellucid.capture import Node
from pellucid.explain.rules.case import Case, Values
from pellucid.explain.rules.mover import Read


def _parts(case: Case, read: Read) -> list[Values]:
    """``chunk``: at most so many parts, each of the same size, the last smaller."""
    array, axis = read(case.get("input")), case.get("dim", 0)
    size = -(-array.shape[axis] // case.get("chunks"))
    return _cut(array, axis, size)


def _split(case: Case, read: Read) -> list[Values]:
    array = read(case.given("tensor", "input"))
    axis = case.get("dim", 0)
    sizes = case.given("split_size_or_sections", "split_size")
    if isinstance(sizes, tuple | list):
        return np.split(array, np.cumsum(sizes)[:-1].tolist(), axis)
    return _cut(array, axis, sizes)


def _split_evenly(case: Case, read: Read) -> list[Values]:
    """``tensor_split``: so many parts of nearly one size, or parts that end at given places."""
    given = case.given("indices_or_sections", "sections", "argument1")
    places = list(given) if isinstance(given, tuple | list) else given
    return np.array_split(
        read(case.get("input")), places, case.given("dim", "argument2", default=0)
    )


def _unbound(case: Case, read: Read) -> list[Values]:
    return list(np.moveaxis(read(case.get("input")), case.get("dim", 0), 0))


def _cut(array: Values, axis: int, size: int) -> list[Values]:
    return np.split(array, range(size, array.shape[axis], size), axis)


#: The parts, by the operation's name.
PARTS: dict[str, Callable[[Case, Read], list[Values]]] = {
    "chunk": _parts,
    "split": _split,
    "split_with_sizes": _split,
    "unbind": _unbound,
    "tensor_split": _split_evenly,
}


def item(case: Case, read: Read) -> Values:
    """One of the parts that an operation cuts a tensor into."""
    parent: Node = case.graph.nodes[case.get("input").node]
    parts = PARTS.get(parent.operation)
    if parts is None:
        raise LookupError(
            f"there is no rule for result {case.get('index')} of '{parent.operation}'"
        )
    found: Values = parts(Case.of(case.trace, parent), read)[case.get("index")]
    return found
