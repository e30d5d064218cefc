"""A forward pass that can be asked for any of its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pellucid.capture import Constant, Graph, Node, Reference, Result, capture
from pellucid.errors import UsageError, unknown_name

#: Values as they are read: of the network's own type where NumPy has it.
Values = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Trace:
    """A captured forward pass, from the pixels to the scores.

    Attributes:
        graph: its nodes; those of the preprocessing come first.
        network: what was traced, for its weights.
        classes: names of the scores, in order; empty where nobody named them.
    """

    graph: Graph
    network: nn.Module
    classes: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, what they read before them."""
        return self.graph.nodes

    @property
    def names(self) -> tuple[str, ...]:
        """A name for every node, none twice: what :meth:`node` takes.

        The path of the module for the last node of a module's call, else the path and the
        operation; from the second of a name on with ``#2`` and so on.
        """
        return _names(self.graph)

    def node(self, where: int | str) -> Node:
        """A node by its index or name.

        Raises:
            UsageError: there is none, with the nearest name.
        """
        if isinstance(where, str):
            if where not in self.names:
                raise unknown_name("layer", where, self.names)
            return self.nodes[self.names.index(where)]
        if not 0 <= where < len(self.nodes):
            raise UsageError(f"expected a node from 0 to {len(self.nodes) - 1}, found {where}.")
        return self.nodes[where]

    def value(self, node: Node) -> Values:
        """The result of a node, as the network had it."""
        return self.graph.values[node.index].numpy()

    def read(self, reference: Reference) -> Values:
        """What an argument of a node stands for: a result, a weight or a constant."""
        if isinstance(reference, Result):
            return self.value(self.nodes[reference.node])
        if isinstance(reference, Constant):
            return reference.value.detach().cpu().numpy()
        return self._stored[reference.name].detach().cpu().numpy()

    @property
    def _stored(self) -> Mapping[str, Tensor]:
        return {**dict(self.network.named_parameters()), **dict(self.network.named_buffers())}


def trace_network(
    network: nn.Module, values: Tensor | NDArray[np.float32], *, classes: tuple[str, ...] = ()
) -> Trace:
    """Trace a torch module on a tensor (N, C, H, W)."""
    given = torch.as_tensor(values)
    return Trace(capture(network, given, keep=True), network, classes)


def _names(graph: Graph) -> tuple[str, ...]:
    last = {(node.module, node.call): node.index for node in graph.nodes}
    seen: dict[str, int] = {}
    names = []
    for node in graph.nodes:
        whole = node.module and last[node.module, node.call] == node.index
        name = node.module if whole else f"{node.module}.{node.operation}".lstrip(".")
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(names)
