"""The rules of operations that move numbers without changing them.

Each is written once, on any arrays: of values it makes the result, and of the cells' numbers it
tells where each output comes from.
"""

from collections.abc import Callable
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pellucid.capture import Constant, Reference, Result, Stored
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


def origins(case: Case, mover: Mover) -> list[tuple[Reference, NDArray[np.int64]]]:
    """For each tensor that is read, what each element of the result copies of it.

    Returns:
        The tensors, each with an array of the result's shape: the flat index of the element that
        is copied, −1 of none.

    Raises:
        LookupError: a form of the operation that is not known.
    """
    read = _Cells(case)
    cells = np.asarray(mover(case, read), np.int64)
    found = []
    for first, reference in read.starts:
        inside = (cells >= first) & (cells < first + prod(case.shape_of(reference)))
        found.append((reference, np.where(inside, cells - first, -1)))
    return found


def moved(name: str, mover: Mover, *, steps: int = 0) -> Rule:
    """The rule of an operation that moves; with one step where the result's dtype rounds."""

    def one(case: Case, at: At) -> Made:
        read = _Cells(case)
        cell = int(np.asarray(mover(case, read))[at])
        spot, names = told(at, case.node.shape), axes_of(case.node.shape)
        if cell < 0:
            term = Term(None, (), read.fills[-cell - 1], 1.0, read.fills[-cell - 1], "padding")
            return Made(Arithmetic(name, spot, names, (term,)), (None,), steps=steps)
        reference, place = read.find(cell)
        value = float(case.values(reference)[place])
        term = Term(told(place, case.shape_of(reference)), (), value, 1.0, value, "cell")
        arithmetic = Arithmetic(name, spot, names, (term,))
        return Made(arithmetic, (case.source(reference),), steps=steps)

    def whole(case: Case) -> Whole:
        values = np.asarray(mover(case, _Numbers(case)), np.float64)
        return Whole(values, steps, np.abs(values) if steps else 0.0)

    return Rule(one, whole)
