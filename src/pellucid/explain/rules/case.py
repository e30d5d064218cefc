"""What a rule is given: a node, with the numbers that it read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from pellucid.capture import Constant, Node, Reference, Result, Stored
from pellucid.capture.call import Call

if TYPE_CHECKING:
    from pellucid.explain.trace import Trace

#: A position in a tensor, an index for each of its axes, N included.
At = tuple[int, ...]
#: Numbers of any dtype, as the network had them.
Values = NDArray[Any]
#: What was recomputed.
Wide = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case(Call):
    """A node within its trace: what a rule looks at.

    Positions in rules have an index for every axis, N included; :func:`told` makes of them what
    people see.

    Attributes:
        graph: of the trace.
        node: whose numbers are accounted for.
        trace: where the values are.
    """

    trace: "Trace"

    @classmethod
    def of(cls, trace: "Trace", node: Node) -> "Case":
        """A node of a trace."""
        return cls(trace.graph, node, trace)

    def reference(self, name: str = "input") -> Reference | None:
        """An argument that is a tensor; None where it is something else or absent."""
        given = self.get(name)
        return given if isinstance(given, Result | Stored | Constant) else None

    def given(self, *names: str, default: Any = None) -> Any:
        """An argument by the first of its names that the call has."""
        return next((self.get(name) for name in names if name in self.node.arguments), default)

    def read(self, name: str = "input") -> Values:
        """An argument as an array, of the network's own dtype; also where it is a number."""
        return self.values(self.get(name))

    def values(self, given: Any) -> Values:
        """The same of what an argument holds."""
        if isinstance(given, Result | Stored | Constant):
            return self.trace.read(given)
        return np.asarray(given)

    def number(self, name: str, at: At, default: float = 0.0) -> float:
        """One number of an argument that may be absent, such as a bias."""
        return default if self.get(name) is None else float(self.read(name)[at])

    def source(self, given: Any) -> "Source":
        """Where a number comes from, as :class:`pellucid.explain.rules.made.Made` tells it."""
        if isinstance(given, Result):
            return given.node
        return given.name if isinstance(given, Stored) else None

    @property
    def epsilon(self) -> float:
        """The distance from 1 to the next number of the result's dtype.

        1 of a picture's levels; 0 of other whole numbers, which are not rounded. Where the trace
        stores float32 as float16, that of float16.
        """
        dtype = self.node.dtype
        if dtype == torch.uint8:
            return 1.0
        if dtype == torch.float32 and self.trace.store.half:
            dtype = torch.float16
        return float(torch.finfo(dtype).eps) if dtype.is_floating_point else 0.0


#: A node by its index, a stored parameter or buffer by its name, or neither: a constant.
Source = int | str | None


def told(at: At, shape: tuple[int, ...]) -> At:
    """A position as people see it: without N where there is one picture.

    >>> told((0, 3, 4, 5), (1, 8, 16, 16)), told((2, 3), (4, 8))
    ((3, 4, 5), (2, 3))
    """
    return at[1:] if len(shape) > 1 and shape[0] == 1 else at


def axes_of(shape: tuple[int, ...], batch: int = 1) -> tuple[str, ...]:
    """Names of the axes of what :func:`told` tells.

    A first axis that is no batch is one of a rearranged tensor, whose axes have no names of theirs.

    >>> axes_of((1, 8, 16, 16)), axes_of((1, 10)), axes_of((49, 1, 27))
    (('c', 'y', 'x'), ('c',), ('i', 'j', 'k'))
    """
    spatial = {0: (), 1: ("t",), 2: ("y", "x"), 3: ("z", "y", "x")}.get(len(shape) - 2)
    if spatial is not None and shape[0] == batch:
        return ("c", *spatial) if batch == 1 else ("n", "c", *spatial)
    count = len(told(shape, shape))
    return tuple("ijklmn"[:count]) if count <= 6 else tuple(f"i{axis}" for axis in range(count))
