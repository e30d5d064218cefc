"""A position of a node as users name it: (c, y, x), (y, x) of all channels, or (feature,)."""

from collections.abc import Sequence

import numpy as np

from pellucid.capture import Node
from pellucid.errors import UsageError
from pellucid.explain.sight.links import Mask
from pellucid.geometry.whole import entries

#: Names of the positions' axes by their number.
_NAMES = {1: ("feature",), 2: ("c", "t"), 3: ("c", "y", "x")}


def position(node: Node, at: int | Sequence[int]) -> tuple[int, ...]:
    """A position, checked.

    Args:
        node: with its batch, (N, C, H, W) or (N, F).
        at: an index for every axis behind the batch; of maps also (y, x), for all channels.

    Raises:
        UsageError: another number of indices, or one that is out of range.
    """
    lengths = node.shape[1:]
    given = entries(at, 1)
    maps = len(lengths) == 3
    if len(given) != len(lengths) and not (maps and len(given) == 2):
        names = _names(len(lengths))
        either = "(y, x) or " if maps else ""
        raise UsageError(
            f"expected a position {either}({', '.join(names)}) of {'×'.join(map(str, lengths))}, "
            f"found {at!r}."
        )
    lengths = lengths[-len(given) :]
    for name, index, length in zip(_names(len(given), maps=maps), given, lengths, strict=True):
        if isinstance(index, bool) or not isinstance(index, int | np.integer):
            raise UsageError(f"expected {name} as a whole number, found {index!r}.")
        if not 0 <= index < length:
            raise UsageError(f"expected {name} from 0 to {length - 1}, found {index}.")
    return tuple(int(index) for index in given)  # type: ignore[call-overload]


def seed(node: Node, at: tuple[int, ...]) -> Mask:
    """A mask of the node's shape, true at one position of the first image (of all its channels,
    where none is named)."""
    mask = np.zeros(node.shape, np.bool_)
    mask[0][(..., *at)] = True
    return mask


def in_words(node: Node, at: tuple[int, ...]) -> str:
    """A position for people.

    >>> from pellucid.capture import capture
    >>> from torch import nn
    >>> in_words(capture(nn.Conv2d(1, 8, 3), (1, 1, 9, 9)).nodes[1], (2, 4, 4))
    'c 2, y 4, x 4'
    """
    names = _names(len(at), maps=len(node.shape) == 4)
    return ", ".join(f"{name} {index}" for name, index in zip(names, at, strict=True))


def _names(count: int, *, maps: bool = False) -> tuple[str, ...]:
    if maps and count == 2:
        return ("y", "x")
    return _NAMES.get(count, tuple(f"axis {axis + 1}" for axis in range(count)))
