"""The first nodes of a trace: how a picture becomes the network's input."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pellucid.capture import Graph, Node, Result
from pellucid.data.preprocessing import Preprocessing
from pellucid.explain.values import Values, frozen, plain
from pellucid.images.read import Picture

_TYPES = {"uint8": torch.uint8, "float32": torch.float32}


@dataclass(frozen=True, slots=True)
class Prelude:
    """What comes before the network, as nodes with their values; the last is its input.

    Attributes:
        nodes: numbered from 0.
        values: of each, (1, C, H, W).
    """

    nodes: tuple[Node, ...]
    values: tuple[Values, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of the values, of those that share memory once."""
        return sum(node.fresh for node in self.nodes)

    def join(self, graph: Graph) -> Graph:
        """The graph of the network with these nodes in the place of its first, the input."""
        shift = len(self.nodes) - 1
        moved = (_moved(node, shift) for node in graph.nodes[1:])
        return Graph(
            graph.network,
            (*self.nodes, *moved),
            (0, *(node + shift for node in graph.inputs[1:])),
            tuple(node + shift for node in graph.outputs),
            graph.stored,
            graph.modules,
            returned=MappingProxyType(
                {place: node + shift for place, node in graph.returned.items()}
            ),
        )


def picture_prelude(picture: Picture, preprocessing: Preprocessing, dtype: torch.dtype) -> Prelude:
    """The steps from a picture to the network's input, without those that change nothing.

    - ``pixels``: as shown: upright, in sRGB, over white; its argument ``notes`` says what reading
      did beyond decoding;
    - ``recolor``, ``crop``, ``resize``: see :class:`pellucid.data.fitting.Step`;
    - ``normalise``: pixel·gain + offset in float32, one of each a channel;
    - ``to``: where the network computes in another type than float32.

    Args:
        picture: H×W×C uint8.
        preprocessing: the network's own.
        dtype: of the network's input.
    """
    made = [_made([], "pixels", {"notes": picture.notes}, _planes(picture.pixels))]
    fitted = picture.pixels
    for step in preprocessing.steps(picture.pixels):
        made.append(_made(made, step.operation, step.arguments, _planes(step.pixels)))
        fitted = step.pixels
    gain, offset = preprocessing.affine()
    normal = {"gain": tuple(gain.tolist()), "offset": tuple(offset.tolist())}
    made.append(_made(made, "normalise", normal, preprocessing.tensor(fitted[None])))
    if dtype != torch.float32:
        cast = torch.from_numpy(made[-1][1].copy()).to(dtype)
        made.append(_made(made, "to", {"dtype": dtype}, plain(cast), dtype))
    return Prelude(tuple(node for node, _ in made), tuple(value for _, value in made))


def tensor_prelude(given: Tensor) -> Prelude:
    """Of a tensor there is nothing but the input."""
    node, value = _made([], "input", {}, plain(given), given.dtype)
    return Prelude((node,), (value,))


def _made(
    before: list[tuple[Node, Values]],
    operation: str,
    arguments: Mapping[str, Any],
    value: Values,
    dtype: torch.dtype | None = None,
) -> tuple[Node, Values]:
    """The next node and its value."""
    index = len(before)
    read = {"input": Result(index - 1)} if before else {}
    node = Node(
        index=index,
        operation=operation,
        module="",
        call=0,
        arguments=MappingProxyType({**read, **arguments}),
        inputs=(index - 1,) if before else (),
        stored=(),
        shape=tuple(value.shape),
        dtype=dtype or _TYPES[value.dtype.name],
        fresh=0 if operation == "crop" else value.nbytes,  # a crop is a view
    )
    return node, frozen(value)


def _planes(pixels: Values) -> Values:
    """H×W×C as (1, C, H, W), a view."""
    return np.moveaxis(pixels, -1, 0)[None]


def _moved(node: Node, shift: int) -> Node:
    """A node of the network, where nodes come before it."""
    return replace(
        node,
        index=node.index + shift,
        arguments=MappingProxyType(
            {name: _shifted(value, shift) for name, value in node.arguments.items()}
        ),
        inputs=tuple(source + shift for source in node.inputs),
    )


def _shifted(value: Any, shift: int) -> Any:
    if isinstance(value, Result):
        return Result(value.node + shift)
    if isinstance(value, tuple):
        return tuple(_shifted(each, shift) for each in value)
    return value
