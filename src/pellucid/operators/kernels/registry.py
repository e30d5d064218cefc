"""Kernels by name."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.errors import UsageError, unknown_name
from pellucid.operators.kernels.kernel import Kernel

Builder = Callable[..., Kernel]
_BUILDERS: dict[str, Builder] = {}


def named(builder: Builder) -> Builder:
    """Make a function's kernel known under the function's name; its parameters have defaults."""
    _BUILDERS[builder.__name__] = builder
    return builder


def names() -> tuple[str, ...]:
    """The names of all kernels, a family after the other.

    >>> names()[:3]
    ('identity', 'shift', 'box')
    """
    return tuple(_BUILDERS)


def defaults(name: str) -> dict[str, Any]:
    """The parameters of a named kernel with their defaults, in order.

    Raises:
        UsageError: an unknown name.

    >>> defaults("shift")
    {'dy': 0, 'dx': 1}
    """
    parameters = inspect.signature(_builder(name)).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters}


def label(given: Kernel) -> str:
    """A kernel's text without the parameters that it would have anyway.

    >>> label(kernel("gaussian", sigma=2)), label(kernel("gaussian", size=5)), label(kernel("box"))
    ('gaussian:sigma=2', 'gaussian:sigma=1,size=5', 'box')
    """
    if given.name not in _BUILDERS or not given.parameters:
        return given.text
    said = {
        key: given.parameters[key]
        for key, default in defaults(given.name).items()
        if default not in (None, given.parameters[key])
    }
    if not np.array_equal(_BUILDERS[given.name](**said).weights, given.weights):
        return given.text
    return replace(given, parameters=said).text


def kernel(name: str, /, *values: float, **parameters: float) -> Kernel:
    """A named kernel.

    Args:
        name: one of :func:`names`; capitals and hyphens are allowed.
        values: its parameters in their order, as far as wanted.
        parameters: and by name; the others have their defaults.

    Raises:
        UsageError: an unknown name (with the nearest known one), an unknown parameter, or one
            out of its range.

    >>> kernel("sharpen").weights.tolist()
    [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]
    >>> kernel("gaussian", sigma=2).shape
    (17, 17)
    >>> kernel("gausian")
    Traceback (most recent call last):
    pellucid.errors.UsageError: unknown kernel 'gausian'; did you mean 'gaussian'? ...
    """
    builder = _builder(name)
    known = list(inspect.signature(builder).parameters)
    return builder(**arguments(builder.__name__, known, values, parameters))


def _builder(name: str) -> Builder:
    found = _BUILDERS.get(name.strip().lower().replace("-", "_"))
    if found is None:
        raise unknown_name("kernel", name, _BUILDERS)
    return found


def arguments(
    name: str, known: Sequence[str], values: Sequence[float], parameters: dict[str, float]
) -> dict[str, float]:
    """Values in order and values by name as one dictionary.

    Raises:
        UsageError: too many values, an unknown name, or one that is given twice.
    """
    takes = f"takes {', '.join(known)}" if known else "takes no parameters"
    if len(values) > len(known):
        raise UsageError(f"kernel '{name}' {takes}: found {len(values)} values.")
    for parameter in parameters:
        if not known:
            raise UsageError(f"kernel '{name}' {takes}, found '{parameter}'.")
        if parameter not in known:
            raise unknown_name(f"parameter of kernel '{name}'", parameter, known)
        if parameter in known[: len(values)]:
            raise UsageError(f"parameter '{parameter}' of kernel '{name}' is given twice.")
    return dict(zip(known, values, strict=False)) | parameters
