"""What a captured forward pass is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """An argument that is the result of a node.

    Attributes:
        node: its index in the graph.
    """

    node: int


@dataclass(frozen=True, slots=True)
class Stored:
    """An argument that the network stores: a parameter or a buffer.

    Attributes:
        name: as in ``network.state_dict()``; of a shared one the first.
        shape: its shape.
        dtype: its type.
        learned: a parameter; else a buffer, such as a running mean.
    """

    name: str
    shape: Shape
    dtype: torch.dtype
    learned: bool

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """An argument that depends neither on the input nor on what the network stores by name.

    Attributes:
        shape: its shape.
        dtype: its type.
        value: the tensor.
    """

    shape: Shape
    dtype: torch.dtype
    value: Tensor


Reference = Result | Stored | Constant


@dataclass(frozen=True, slots=True)
class Node:
    """One call of a torch function.

    Attributes:
        index: its place in the graph; all that it reads comes before.
        operation: the function's name, one for all its forms: ``relu`` for ``F.relu``,
            ``Tensor.relu_`` and ``nn.ReLU``. Also ``input``, ``item`` (one of several results of
            a node), ``rewritten`` (a tensor changed through another that shares its memory) and
            ``untraced`` (made by code that torch does not show, such as TorchScript).
        module: path of the innermost module that makes the call; empty in the network's own
            ``forward``.
        call: how many times that module has been called before.
        arguments: by name, as the function was called (defaults that were not given are absent);
            every tensor in them is a :data:`Reference`, alone or in a tuple.
        inputs: the nodes whose results it reads, in the order of the arguments.
        stored: the parameters and buffers it reads, in that order.
        shape: of the result (the first of several).
        dtype: of the result.
        fresh: bytes of memory that the result takes; 0 of a view and of work in place.
    """

    index: int
    operation: str
    module: str
    call: int
    arguments: Mapping[str, Any]
    inputs: tuple[int, ...]
    stored: tuple[Stored, ...]
    shape: Shape
    dtype: torch.dtype
    fresh: int

    @property
    def count(self) -> int:
        """How many numbers the result holds."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Graph:
    """A captured forward pass.

    Attributes:
        network: class of the network.
        nodes: in the order of the calls, the inputs first.
        inputs: the nodes that stand for the inputs.
        outputs: the nodes whose results the network returns, in its order.
        stored: all parameters and buffers of the network, each once, used or not.
        modules: class of every module, by path; the network's own path is empty.
        values: results by node, where they were kept.
        results: what the network returned, by output; without values of a shape.
        returned: the node whose result a module returned (of several the first), by its path and
            how many times it had been called before; where it returned a result.
    """

    network: str
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    stored: tuple[Stored, ...]
    modules: Mapping[str, str]
    values: Mapping[int, Tensor] = field(default_factory=lambda: MappingProxyType({}))
    results: tuple[Tensor, ...] = ()
    returned: Mapping[tuple[str, int], int] = field(default_factory=lambda: MappingProxyType({}))

    def users(self) -> tuple[tuple[int, ...], ...]:
        """For every node, the nodes that read its result."""
        users: list[list[int]] = [[] for _ in self.nodes]
        for node in self.nodes:
            for source in dict.fromkeys(node.inputs):
                users[source].append(node.index)
        return tuple(map(tuple, users))
