"""A forward pass that can be asked for any of its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import index as as_index
from typing import TYPE_CHECKING

import numpy as np
from torch import nn

from pellucid.capture import Constant, Graph, Node, Reference, Result
from pellucid.errors import UsageError
from pellucid.explain.names import module_results, node_names, unknown_layer
from pellucid.explain.prelude import Prelude
from pellucid.explain.store import Store
from pellucid.explain.values import Values, frozen, plain
from pellucid.softmax import softmax

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.table import Table


@dataclass(frozen=True, slots=True)
class Layer:
    """A node, as a row of a table.

    Attributes:
        index: of the node.
        name: of the node, see :attr:`Trace.names`.
        operation: what it does.
        module: path of the innermost module that does it.
        shape: of its result; (1, C, H, W) of a picture and of feature maps.
        kept: whether its result is in memory; else asking for it takes a forward pass.
    """

    index: int
    name: str
    operation: str
    module: str
    shape: tuple[int, ...]
    kept: bool


@dataclass(frozen=True, slots=True)
class Score:
    """What the network gave one class.

    Attributes:
        index: of the class.
        name: of the class; its number where nobody named it.
        score: as the network returned it.
        probability: the softmax of the scores; the score itself of a network that ends in a
            softmax or a sigmoid.
    """

    index: int
    name: str
    score: float
    probability: float


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """A captured forward pass, from the pixels to the scores.

    Of a picture the first nodes are ``pixels`` (as shown: upright, in sRGB), then what the
    preprocessing did: ``recolor``, ``crop``, ``resize``, ``normalise``, as far as they change
    something. Of a tensor the first node is ``input``. Then come the network's own.

    A network whose way depends on values (an ``if`` on a tensor) is traced as it ran on this
    input; another input may give other nodes.

    Attributes:
        graph: its nodes.
        network: what was traced, for its weights.
        classes: names of the scores, in order; empty where nobody named them.
        prelude: the nodes up to the network's input, with their values.
        store: the results of the network.
    """

    graph: Graph
    network: nn.Module
    classes: tuple[str, ...]
    prelude: Prelude
    store: Store

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, what they read before them."""
        return self.graph.nodes

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A name for every node, none twice: see :func:`pellucid.explain.names.node_names`."""
        return node_names(self.graph)

    @property
    def input(self) -> Node:
        """The network's input: ``normalise`` of a picture, else ``input``."""
        return self.prelude.nodes[-1]

    @property
    def output(self) -> Node:
        """What the network returned; the first where it is several tensors."""
        return self.nodes[self.graph.outputs[0]]

    def node(self, where: int | str | Node) -> Node:
        """A node by its index, its name, or the path of the module that returned it.

        Raises:
            UsageError: there is none, with the nearest name.
        """
        if isinstance(where, Node):
            where = where.index
        if isinstance(where, str):
            if where not in self._places:
                raise unknown_layer(where, self._places)
            return self.nodes[self._places[where]]
        try:
            place = as_index(where)
        except TypeError as error:
            raise UsageError(f"expected a node's index or name, found {where!r}.") from error
        if not 0 <= place < len(self.nodes):
            raise UsageError(f"expected a node from 0 to {len(self.nodes) - 1}, found {place}.")
        return self.nodes[place]

    def value(self, where: int | str | Node) -> Values:
        """The result of a node (the first of several) as the network had it, read-only.

        In NumPy, whatever the device; bfloat16 as float32. What is not kept is computed again.

        Raises:
            UsageError: there is no such node; it has to be computed again, and the network does
                something else now.
        """
        index = self.node(where).index
        shift = len(self.prelude.nodes) - 1
        return self.prelude.values[index] if index <= shift else self.store.get(index - shift)

    def read(self, reference: Reference) -> Values:
        """What an argument of a node stands for: a result, a weight or a constant; read-only.

        Raises:
            UsageError: the weight has been changed since.
        """
        if isinstance(reference, Result):
            return self.value(reference.node)
        if isinstance(reference, Constant):
            return frozen(plain(reference.value))
        return frozen(plain(self.store.forward.stored(reference.name)))

    @property
    def memory_bytes(self) -> int:
        """Bytes of the values in memory: kept, and lately computed again."""
        return self.prelude.nbytes + self.store.nbytes

    @property
    def layers(self) -> tuple[Layer, ...]:
        """A row a node."""
        shift = len(self.prelude.nodes) - 1
        return tuple(
            Layer(
                node.index,
                name,
                node.operation,
                node.module,
                node.shape,
                node.index <= shift or self.store.kept(node.index - shift),
            )
            for node, name in zip(self.nodes, self.names, strict=True)
        )

    @property
    def scored(self) -> bool:
        """Whether the output is a row of scores (1, K)."""
        return len(self.output.shape) == 2 and self.output.shape[0] == 1

    @property
    def scores(self) -> tuple[Score, ...]:
        """The scores by class, in the classes' order.

        Raises:
            UsageError: the network's output is not one row of scores.
        """
        if not self.scored:
            raise UsageError(
                "expected a network that returns scores (1, K), found an output of "
                f"{'×'.join(map(str, self.output.shape))}: read trace.value(trace.output)."
            )
        row = self.value(self.output)[0]
        chances = row
        if self.output.operation not in ("softmax", "sigmoid"):
            chances = softmax(row[None].astype(np.float32))[0]
        return tuple(
            Score(number, self._class(number), float(score), float(chance))
            for number, (score, chance) in enumerate(zip(row, chances, strict=True))
        )

    def to_frame(self) -> "DataFrame":
        """A pandas table with a row a node: the fields of :class:`Layer`.

        Raises:
            UsageError: pandas is not installed.
        """
        from pellucid.explain.trace_show import frame

        return frame(self)

    def _class(self, number: int) -> str:
        return self.classes[number] if number < len(self.classes) else str(number)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """The indices of nodes by all names that are understood."""
        own = {name: index for index, name in enumerate(self.names)}
        return {**module_results(self.graph), **own}

    def __repr__(self) -> str:
        from pellucid.explain.trace_show import line

        return line(self)

    def __str__(self) -> str:
        from pellucid.explain.trace_show import text

        return text(self)

    def __rich__(self) -> "Table":
        from pellucid.explain.trace_show import table

        return table(self)

    def _repr_html_(self) -> str:
        from pellucid.explain.trace_show import html

        return html(self)
