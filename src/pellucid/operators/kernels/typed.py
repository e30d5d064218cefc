"""Kernels in words: typed by hand, or named with parameters."""

import math
import re

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.operators.kernels.gabor import gabor_bank
from pellucid.operators.kernels.kernel import Kernel
from pellucid.operators.kernels.registry import arguments, kernel

#: ``sobel_x``, ``gaussian:2``, ``gaussian(2)``: a name, and perhaps parameters.
_NAMED = re.compile(r"\s*[^\W\d][\w-]*\s*(:.*|\(.*\)\s*)?", re.DOTALL)
#: The name of all of :func:`gabor_bank`'s kernels together.
BANK = "gabor_bank"


def read_kernel(text: str) -> Kernel:
    """A kernel from one text: a name, a name with parameters, or weights typed by hand.

    ``sharpen`` · ``gaussian:2`` · ``gaussian:sigma=2,size=9`` · ``0 -1 0; -1 5 -1; 0 -1 0``

    Parameters in brackets, as Python has them, mean the same: ``gaussian(2)``.

    Args:
        text: parameters follow a colon, separated by commas, in their order or by name. Weights
            stand row by row: rows end with a semicolon or a newline, numbers are separated by
            spaces or commas and may be fractions such as ``1/9``.

    Raises:
        UsageError: an unknown name or parameter, rows of unequal length, an empty row, or
            something that is no number; the sentence names the row.

    >>> read_kernel("gaussian:sigma=2,size=9").shape
    (9, 9)
    >>> read_kernel("gaussian(2)").text == read_kernel("gaussian:2").text
    True
    >>> read_kernel("1/4, 1/2, 1/4").weights.tolist()
    [[0.25, 0.5, 0.25]]
    >>> read_kernel("1 2 1; 2 4")
    Traceback (most recent call last):
    pellucid.errors.UsageError: expected 3 numbers in every row of the kernel, as in row 1; ...
    """
    return _named(text) if _NAMED.fullmatch(text) else typed_kernel(text)


def typed_kernel(text: str) -> Kernel:
    """A kernel from weights typed by hand, see :func:`read_kernel`.

    >>> typed_kernel("0 -1 0; -1 5 -1; 0 -1 0").total
    1.0
    """
    return Kernel("typed", typed_rows(text, "kernel"))


def typed_rows(text: str, what: str) -> NDArray[np.float64]:
    """Rows of numbers typed by hand, see :func:`read_kernel`.

    Args:
        text: rows of equally many numbers.
        what: they are, for messages, e.g. ``kernel`` or ``matrix``.

    Raises:
        UsageError: rows of unequal length, an empty row, or something that is no number.

    >>> typed_rows("1 0; 1/2 1/2", "matrix").tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    lines = re.split(r"[;\n]", text.strip().removesuffix(";"))
    rows = [_row(line, f"row {place} of the {what}") for place, line in enumerate(lines, 1)]
    for place, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise UsageError(
                f"expected {len(rows[0])} numbers in every row of the {what}, as in row 1; "
                f"row {place} has {len(row)}."
            )
    return np.array(rows)


def _row(line: str, where: str) -> list[float]:
    words = line.replace(",", " ").split()
    if not words:
        raise UsageError(f"{where} is empty: expected numbers such as '0 -1 1/9'.")
    return [_number(word, where) for word in words]


def _number(word: str, where: str) -> float:
    """A decimal number or a fraction."""
    above, slash, below = word.partition("/")
    try:
        value = float(above) / (float(below) if slash else 1)
    except (ValueError, ZeroDivisionError):
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"expected numbers such as 0.5, -1 or 1/9 in {where}, found '{word}'.")
    return value


def read_kernels(text: str) -> tuple[Kernel, ...]:
    """One kernel, or all of a bank: ``gabor_bank:orientations=4,phase=90``.

    Raises:
        UsageError: as :func:`read_kernel`.

    >>> [kernel.name for kernel in read_kernels("sharpen")], len(read_kernels("gabor_bank"))
    (['sharpen'], 12)
    """
    if re.split("[:(]", text)[0].strip().lower().replace("-", "_") != BANK:
        return (read_kernel(text),)
    _, values, parameters = _parameters(text)
    known = arguments(BANK, ("orientations", "phase"), values, parameters)
    return gabor_bank(known.get("orientations", 4), phase=known.get("phase", 0))


def _named(text: str) -> Kernel:
    name, values, parameters = _parameters(text)
    return kernel(name, *values, **parameters)


def _parameters(text: str) -> tuple[str, list[float], dict[str, float]]:
    """A name, the values behind its colon, and those with a name of their own."""
    name, given = [*re.split("[:(]", text.strip().removesuffix(")"), maxsplit=1), ""][:2]
    name = name.strip()
    values: list[float] = []
    parameters: dict[str, float] = {}
    for word in given.split(",") if given.strip() else ():
        key, equals, number = (part.strip() for part in word.rpartition("="))
        value = _whole(_number(number, f"the parameters of kernel '{name}'"))
        if equals and key in parameters:
            raise UsageError(f"parameter '{key}' of kernel '{name}' is given twice.")
        if equals:
            parameters[key] = value
        elif parameters:
            raise UsageError(
                f"parameters of kernel '{name}': '{number}' without a name follows one with a "
                f"name; write name={number}."
            )
        else:
            values.append(value)
    return name, values, parameters


def _whole(value: float) -> float:
    """7, not 7.0, in messages."""
    return int(value) if value.is_integer() else value
