"""The results of a forward pass: kept, or computed again when somebody asks."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from pellucid.capture import Node
from pellucid.explain.forward import Forward
from pellucid.explain.values import Values, frozen, plain

#: Whether to keep the result of a node, of so many bytes.
Wanted = Callable[[Node, int], bool]

#: Most bytes of results that a trace keeps by itself, and of those computed again.
KEPT_BYTES, RECENT_BYTES = 2**29, 2**26


class Store:
    """Results by node.

    What was not kept is computed again by another pass, together with what is likely to be asked
    for next: the node's inputs, and its neighbours. Those stay until newer ones need the room.

    Attributes:
        forward: the pass.
        graph: its graph.
        half: whether float32 is stored as float16.
    """

    def __init__(self, network: nn.Module, given: Tensor, wanted: Wanted, *, half: bool) -> None:
        """Run the network and keep what is wanted of it, the outputs in any case.

        Args:
            network: any torch module.
            given: its input (1, C, H, W).
            wanted: whether to keep a result.
            half: store float32 as float16.

        Raises:
            UsageError: the network does not take the input.
        """
        self.half = half
        self._kept: dict[int, Values] = {}
        self._recent: OrderedDict[int, Values] = OrderedDict()

        def see(node: Node, result: Tensor) -> None:
            # The input is the caller's to keep.
            if node.index and wanted(node, self._size(node)):
                self._kept[node.index] = self._copy(result)

        self.forward = Forward(network, given, see)
        self.graph = self.forward.graph
        self._first = {
            node.inputs[0]: node.index
            for node in self.graph.nodes
            if node.operation == "item" and node.arguments["index"] == 0
        }
        for node, result in zip(self.graph.outputs, self.graph.results, strict=True):
            self._kept[node] = plain(result).copy()

    def keep(self, nodes: Collection[int]) -> None:
        """Keep the results of these nodes as well, by another pass."""
        missing = {self._first.get(node, node) for node in nodes}.difference(self._kept)
        if missing:
            self._kept.update(self._again(missing))

    def kept(self, node: int) -> bool:
        """Whether asking for a result takes no pass."""
        return self._first.get(node, node) in self._kept

    @property
    def nbytes(self) -> int:
        """Bytes of all results that are in memory now."""
        return sum(value.nbytes for value in (*self._kept.values(), *self._recent.values()))

    def get(self, node: int) -> Values:
        """The result of a node, the first of several; read-only.

        Raises:
            UsageError: it has to be computed again, and the network has changed.
        """
        node = self._first.get(node, node)
        if node not in self._kept and node not in self._recent:
            self._compute(node)
        if node in self._recent:
            self._recent.move_to_end(node)
        value = self._kept[node] if node in self._kept else self._recent[node]
        if value.dtype == np.float16 and self.graph.nodes[node].dtype == torch.float32:
            value = value.astype(np.float32)
        return frozen(value)

    def _compute(self, asked: int) -> None:
        """Another pass that keeps the result asked for, and as many around it as half the room."""
        room = RECENT_BYTES // 2
        wanted = {asked}
        for node in self._around(asked):
            room -= self._size(self.graph.nodes[node])
            if room < 0:
                break
            wanted.add(node)
        self._recent.update(self._again(wanted))
        self._recent.move_to_end(asked)
        while len(self._recent) > 1 and self._recent_bytes() > RECENT_BYTES:
            self._recent.popitem(last=False)

    def _again(self, wanted: Collection[int]) -> dict[int, Values]:
        """Some results, by another pass."""
        found: dict[int, Values] = {}

        def see(node: Node, result: Tensor) -> None:
            if node.index in wanted:
                found[node.index] = self._copy(result)

        self.forward.again(see)
        return found

    def _around(self, asked: int) -> Iterator[int]:
        """What a node reads, then its neighbours, the nearest first; what is not in memory yet."""
        count = len(self.graph.nodes)
        near = sorted(range(count), key=lambda node: abs(node - asked))
        for node in dict.fromkeys((*self.graph.nodes[asked].inputs, *near)):
            known = node in self._kept or node in self._recent or node in self._first
            if node and node != asked and not known:
                yield node

    def _recent_bytes(self) -> int:
        return sum(value.nbytes for value in self._recent.values())

    def _size(self, node: Node) -> int:
        """Bytes that a result takes in here."""
        halved = self.half and node.dtype == torch.float32
        return node.count * (2 if halved else node.dtype.itemsize)

    def _copy(self, result: Tensor) -> Values:
        """A copy in the host's memory: later work in place does not reach it."""
        if self.half and result.dtype == torch.float32:
            halved = result.detach().to("cpu", torch.float16, copy=True)
            if bool((halved.isinf() == result.isinf().cpu()).all()):
                return plain(halved)
        return plain(result.detach().to("cpu", copy=True))
