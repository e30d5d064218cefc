"""Which tensor is the result of which node."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import ref

from torch import Tensor

from pellucid.capture.graph import Reference


@dataclass(frozen=True, slots=True)
class _Bound:
    tensor: ref[Tensor]
    reference: Reference


class Tracking:
    """Tensors and what they stand for, as long as they live.

    A tensor is known by its identity. Weak references keep nothing in memory, and tell a tensor
    from a later one at the same address.
    """

    def __init__(self) -> None:
        self._bound: dict[int, _Bound] = {}
        self._sharing: dict[int, list[ref[Tensor]]] = {}

    def find(self, tensor: Tensor) -> Reference | None:
        """What a tensor stands for; None where it is not known."""
        bound = self._bound.get(id(tensor))
        return bound.reference if bound is not None and bound.tensor() is tensor else None

    def bind(self, tensor: Tensor, reference: Reference) -> None:
        """From now on the tensor stands for this."""
        if self.find(tensor) is None:
            self._sharing.setdefault(_memory(tensor), []).append(ref(tensor))
        self._bound[id(tensor)] = _Bound(ref(tensor), reference)

    def is_fresh(self, tensor: Tensor) -> bool:
        """Whether no known tensor shares its memory."""
        return next(self._sharers(tensor), None) is None

    def others(self, tensor: Tensor) -> list[tuple[Tensor, Reference]]:
        """The other known tensors that share its memory, and what they stand for."""
        found = ((other, self.find(other)) for other in self._sharers(tensor))
        return [(other, it) for other, it in found if it is not None and other is not tensor]

    def _sharers(self, tensor: Tensor) -> Iterator[Tensor]:
        for weak in self._sharing.get(_memory(tensor), ()):
            other = weak()
            if other is not None and _memory(other) == _memory(tensor):
                yield other


def _memory(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors in a value: alone, or in tuples, lists, dictionaries and dataclasses."""
    found: list[Tensor] = []
    _gather(value, found)
    return found


#: What most arguments are: known at once to hold no tensor.
_SCALARS = frozenset((int, float, bool, str, type(None)))


def _gather(value: Any, found: list[Tensor]) -> None:
    if type(value) in _SCALARS:
        return
    if isinstance(value, Tensor):
        found.append(value)
    elif isinstance(value, tuple | list):
        for each in value:
            _gather(each, found)
    elif isinstance(value, dict):
        for each in value.values():
            _gather(each, found)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            _gather(getattr(value, name), found)
