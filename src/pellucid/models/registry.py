"""Networks by name: a name and plain arguments rebuild a network exactly.

An :class:`Architecture` is what a bundle's card stores. It holds no code: loading a bundle
looks the name up here, so only networks that the running program has registered can be built.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import Parameter, signature
from typing import Any, NamedTuple, TypeVar

import torch
from torch import nn

from pellucid.capture import weightless
from pellucid.errors import UsageError, unknown_name

Builder = Callable[..., nn.Module]
_B = TypeVar("_B", bound=Builder)
#: Further arguments that depend on the height and width of the input, in pixels.
Suited = Callable[[int, int], dict[str, Any]]
_BUILDERS: dict[str, Builder] = {}
_SUITED: dict[str, Suited] = {}


class Usual(NamedTuple):
    """What a network is for where nothing else is said, such as its paper's data.

    Attributes:
        classes: to tell apart.
        channels: of the input.
        side: of the input, in pixels.
    """

    classes: int = 1000
    channels: int = 3
    side: int = 224


#: Images of 32×32 pixels in colour, of ten classes: the form of CIFAR-10.
SMALL_IMAGES = Usual(10, 3, 32)
_USUAL: dict[str, Usual] = {}


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

    def sample(self, seed: int) -> nn.Module:
        """A fresh network with the random weights of a seed; torch's global RNG is left alone.

        Raises:
            UsageError: as :meth:`build`.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self.build()

    def outline(self) -> nn.Module:
        """The network without weights: its shapes on meta tensors, made at once.

        Raises:
            UsageError: as :meth:`build`.
        """
        with weightless():
            return self.build()


def register(
    name: str, *, suited: Suited | None = None, usual: Usual | None = None
) -> Callable[[_B], _B]:
    """Make a network known by name; decorates a module class or a function that returns one.

    It takes ``classes`` and ``channels`` by keyword, ``height`` and ``width`` (of the input, in
    pixels) where it needs them, and options of plain JSON values that have defaults.

    Args:
        name: free so far.
        suited: gives the arguments without defaults that follow from height and width, if any.
        usual: what it is for, if not ImageNet's 1,000 classes at 224×224.

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
        if suited is not None:
            _SUITED[name] = suited
        if usual is not None:
            _USUAL[name] = usual
        return builder

    return add


def registered() -> tuple[str, ...]:
    """The names of all known networks, sorted."""
    return tuple(sorted(_BUILDERS))


def usual(name: str) -> Usual:
    """What a registered network is for where nothing else is said.

    Raises:
        UsageError: the name is not registered.

    >>> usual("alexnet")
    Usual(classes=1000, channels=3, side=227)
    """
    _lookup(name)
    return _USUAL.get(name, Usual())


def home(name: str) -> str:
    """The module that registered a network: another process imports it to know the name.

    Raises:
        UsageError: the name is not registered.

    >>> home("lenet")
    'pellucid.models.lenet'
    """
    return _lookup(name).__module__


def arguments_for(
    name: str, *, classes: int, channels: int, height: int, width: int
) -> dict[str, Any]:
    """The plain arguments with which a registered network fits a data set.

    Args:
        name: of the network.
        classes: to tell apart.
        channels: of the input.
        height: of the input, in pixels.
        width: of the input, in pixels.

    Returns:
        Those of the four that the network takes, and what it asks for beside; options keep their
        defaults.

    Raises:
        UsageError: the name is not registered, or the network needs more than that.

    >>> arguments_for("lenet", classes=2, channels=3, height=32, width=32)
    {'classes': 2, 'channels': 3, 'height': 32, 'width': 32}
    """
    offered = {"classes": classes, "channels": channels, "height": height, "width": width}
    taken = signature(_lookup(name)).parameters
    arguments = {key: value for key, value in offered.items() if key in taken}
    if name in _SUITED:
        arguments |= _SUITED[name](height, width)
    missing = [
        key
        for key, parameter in taken.items()
        if parameter.default is Parameter.empty
        and parameter.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
        and key not in arguments
    ]
    if missing:
        raise UsageError(
            f"model '{name}' needs {', '.join(missing)}, which do not follow from the data: give "
            "them defaults where it is registered."
        )
    return arguments


def channels_last(network: nn.Module) -> nn.Module:
    """The same network with its filters laid out N×H×W×C, which CPU kernels prefer."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _lookup(name: str) -> Builder:
    if name not in _BUILDERS:
        raise unknown_name("model", name, _BUILDERS)
    return _BUILDERS[name]
