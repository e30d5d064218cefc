"""Networks by name: a name and plain arguments rebuild a network exactly.

An :class:`Architecture` is what a bundle's card stores. It holds no code: loading a bundle
looks the name up here, so only networks that the running program has registered can be built.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import nn

from pellucid.errors import UsageError, unknown_name

Builder = Callable[..., nn.Module]
_B = TypeVar("_B", bound=Builder)
_BUILDERS: dict[str, Builder] = {}


@dataclass(frozen=True)
class Architecture:
    """A network's recipe: registered name and plain (JSON) keyword arguments."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def build(self) -> nn.Module:
        """A fresh network with this recipe's random initial weights (torch's global RNG).

        Raises:
            UsageError: the name is not registered, or the arguments do not fit it.
        """
        builder = _lookup(self.name)
        try:
            return builder(**self.arguments)
        except TypeError as error:
            raise UsageError(
                f"model '{self.name}' does not take these arguments: {error}"
            ) from error


def register(name: str) -> Callable[[_B], _B]:
    """Make a network known by name; decorates a module class or a function that returns one.

    >>> @register("one-layer")
    ... def one_layer(channels: int, classes: int) -> nn.Module:
    ...     return nn.Sequential(nn.Conv2d(channels, classes, 1), nn.AdaptiveAvgPool2d(1))
    >>> Architecture("one-layer", {"channels": 3, "classes": 2}).build()[0].weight.shape
    torch.Size([2, 3, 1, 1])

    Raises:
        UsageError: the name is taken by something else.
    """

    def add(builder: _B) -> _B:
        taken = _BUILDERS.get(name)
        if taken is not None and (taken.__module__, taken.__qualname__) != (
            builder.__module__,
            builder.__qualname__,
        ):
            raise UsageError(
                f"the model name '{name}' is taken by {taken.__module__}.{taken.__qualname__}; "
                "choose another."
            )
        _BUILDERS[name] = builder
        return builder

    return add


def registered() -> tuple[str, ...]:
    """The names of all known networks, sorted."""
    return tuple(sorted(_BUILDERS))


def channels_last(network: nn.Module) -> nn.Module:
    """The same network with its filters laid out N×H×W×C, which CPU kernels prefer."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _lookup(name: str) -> Builder:
    if name not in _BUILDERS:
        raise unknown_name("model", name, _BUILDERS)
    return _BUILDERS[name]
