"""Operations that only move elements: cutting, joining up, reordering, padding, repeating.

Where each element comes from is found by doing the same with the elements' numbers in their place.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from pellucid.capture import Constant
from pellucid.capture.call import Call
from pellucid.explain.sight.links import Moved

_Arguments = Mapping[str, Any]


def move(call: Call, place: int = 0) -> Moved:
    """The link of an operation in :data:`MOVES`.

    Args:
        call: of the node.
        place: which of its results, where there are several.
    """
    shape = call.shape("input")
    rest = {name: _plain(value) for name, value in call.node.arguments.items() if name != "input"}
    moved = MOVES[call.node.operation](_numbered(shape), rest)
    return _link(moved if isinstance(moved, Tensor) else moved[place], shape)


def overwrite(call: Call) -> Iterator[tuple[str, Moved]]:
    """The links of ``input[index] = value``: to the tensor as it was, and to the value."""
    index = _plain(call.get("index"))
    kept = _numbered(call.shape("input"))
    kept[index] = 0
    yield "input", _link(kept, call.shape("input"))
    try:
        shape = call.shape_of(call.get("value"))
    except LookupError:  # a plain number
        return
    put = torch.zeros_like(kept)
    put[index] = _numbered(shape)
    yield "value", _link(put, shape)


def _numbered(shape: tuple[int, ...]) -> Tensor:
    """The elements' numbers from 1; 0 is what padding and the like put in from elsewhere."""
    count = int(np.prod(shape))
    # Padding by reflection has no form for whole numbers; float64 holds them up to 2⁵³.
    return torch.arange(1, count + 1, dtype=torch.float64).reshape(shape)


def _link(moved: Tensor, shape: tuple[int, ...]) -> Moved:
    return Moved(moved.numpy().astype(np.int64) - 1, shape)


def _plain(value: Any) -> Any:
    """An argument with tensors in the place of constant references."""
    if isinstance(value, Constant):
        return value.value.detach().cpu()
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    return value


def _method(name: str) -> Callable[[Tensor, _Arguments], Any]:
    """``tensor.name(…)`` with the arguments as they were given."""

    def again(numbers: Tensor, arguments: _Arguments) -> Any:
        unnamed = [value for key, value in arguments.items() if key.startswith("argument")]
        named = {key: value for key, value in arguments.items() if not key.startswith("argument")}
        return getattr(numbers, name)(*unnamed, **named)

    return again


def _view(numbers: Tensor, arguments: _Arguments) -> Tensor:
    return numbers.reshape(*arguments.values())


def _getitem(numbers: Tensor, arguments: _Arguments) -> Tensor:
    taken: Tensor = numbers[arguments["index"]]
    return taken


def _pad(numbers: Tensor, arguments: _Arguments) -> Tensor:
    mode = arguments.get("mode", "constant")
    return functional.pad(numbers, arguments["pad"], mode=mode)  # with 0, whatever it is


#: How each is done again: with the numbers of the elements, and the arguments beside them.
MOVES: dict[str, Callable[[Tensor, _Arguments], Any]] = {
    **{
        name: _method(name)
        for name in (
            "flatten", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "swapaxes",
            "movedim", "t", "chunk", "split", "tensor_split", "unbind", "narrow", "select",
            "expand", "expand_as", "repeat", "flip", "fliplr", "flipud", "roll", "rot90",
            "repeat_interleave", "index_select", "T", "mT",
        )
    },
    **dict.fromkeys(("view", "reshape"), _view),
    "getitem": _getitem,
    "pad": _pad,
    "pixel_shuffle": lambda x, given: functional.pixel_shuffle(x, *given.values()),
    "pixel_unshuffle": lambda x, given: functional.pixel_unshuffle(x, *given.values()),
    "channel_shuffle": lambda x, given: functional.channel_shuffle(x, *given.values()),
    "unfold": lambda x, given: functional.unfold(x, **given),
}  # fmt: skip
