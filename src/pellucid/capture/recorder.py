"""Sees every torch function that a forward pass calls, and writes it down as a node."""

from collections.abc import Callable, Container, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from pellucid.capture.graph import Constant, Node, Reference, Result, Stored
from pellucid.capture.naming import named_arguments, operation_name
from pellucid.capture.shapes import shape_of
from pellucid.capture.tracking import Tracking, tensors_in
from pellucid.errors import UsageError

#: Functions that ask for values: on tensors without values the way cannot go on.
_ASK_VALUES = {
    "item", "bool", "float", "int", "index", "tolist", "numpy", "nonzero", "equal", "complex",
    "allclose", "masked_select", "unique", "bincount", "array",
}  # fmt: skip
#: Functions that read no values and make no tensors.
_METADATA = {
    "shape", "size", "dim", "ndim", "ndimension", "dtype", "device", "layout", "numel",
    "nelement", "element_size", "stride", "len", "requires_grad", "is_cuda", "is_meta",
    "is_sparse", "is_mkldnn", "is_floating_point", "is_complex", "is_contiguous",
}  # fmt: skip
#: What every module has: its parameters, buffers and children are found by their names.
_MODULE_PARTS = frozenset(vars(nn.Module()))


class Recorder(TorchFunctionMode):
    """Writes down the calls made while it is active, as nodes.

    Attributes:
        nodes: so far.
        values: their results, where they are kept.
        place: path and earlier calls of the module that is running.
        returned: the nodes whose results modules returned, by place.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        shapes_only: bool,
        keep: bool | Container[int],
        watch: Callable[[Node, Tensor], None] | None = None,
    ) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self.values: dict[int, Tensor] = {}
        self.place = ("", 0)
        self.returned: dict[tuple[str, int], int] = {}
        self.stored: list[Stored] = []
        self._shapes_only, self._keep, self._watch = shapes_only, keep, watch
        self._failure: tuple[BaseException | None, str] = (None, "")
        self._tracking = Tracking()
        # Shapes-only: tensors with memory, and those without that stand for them.
        self._stand_ins: dict[int, tuple[Tensor, Tensor]] = {}
        for learned, named in (
            (True, network.named_parameters()),
            (False, network.named_buffers()),
        ):
            for name, tensor in named:
                each = Stored(name, tuple(tensor.shape), tensor.dtype, learned)
                self.stored.append(each)
                self._tracking.bind(tensor, each)
        for module in network.modules():
            own = [value for name, value in vars(module).items() if name not in _MODULE_PARTS]
            for tensor in tensors_in(own):
                self._see_constant(tensor)

    def add_input(self, tensor: Tensor) -> int:
        """The node that stands for an input of the network."""
        node = self._node("input", {}, tensor, tensor.nbytes)
        self._bind(tensor, node)
        return node

    def knows(self, tensor: Tensor) -> bool:
        """Whether a tensor's origin has been seen."""
        return self._tracking.find(tensor) is not None

    def index(self, tensor: Tensor) -> int:
        """The node whose result a tensor is; one that says ``untraced`` if that was not seen."""
        reference = self._reference(tensor)
        if isinstance(reference, Result):
            return reference.node
        node = self._node("stored", {"input": reference}, tensor, 0)
        self._bind(tensor, node)
        return node

    def add_untraced(self, name: str, inputs: Any, results: list[Tensor]) -> None:
        """A module whose inside torch does not show, and what came out of it."""
        self._write(f"untraced {name}", {"input": inputs}, results)

    def note_returned(self, result: Any) -> None:
        """What the module that is running returns."""
        found = [self._tracking.find(tensor) for tensor in tensors_in(result)[:1]]
        for reference in found:
            if isinstance(reference, Result):
                self.returned[self.place] = reference.node

    def note_failure(self, error: BaseException | None) -> None:
        """A module is left by an exception: the first that one leaves is where it arose."""
        if error is not None and error is not self._failure[0]:
            self._failure = (error, self.place[0])

    def failed_in(self, error: BaseException) -> str:
        """Path of the module where an exception arose; empty for the network itself."""
        return self._failure[1] if error is self._failure[0] else ""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = dict(kwargs or {})
        operation = operation_name(func)
        if operation in _METADATA:
            return func(*args, **given)
        if not any(self._depends(tensor) for tensor in tensors_in((args, given))):
            result = func(*args, **given)
            for tensor in tensors_in(result):
                self._see_constant(tensor)
            return result
        if self._shapes_only:
            self._refuse_values(operation)
            args, given = self._weightless(args), self._weightless(given)
        return self._record(func, operation, args, given)

    def _record(
        self,
        func: Callable[..., Any],
        operation: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Make a call, and write it down."""
        tensors = tensors_in((args, kwargs))
        named = named_arguments(func, args, kwargs)
        followed = self._followed(func, operation, named, tensors)
        if followed is None:
            versions = [_version(tensor) for tensor in tensors]
            result = func(*args, **kwargs)
            pairs = zip(tensors, versions, strict=True)
            written = _once([tensor for tensor, before in pairs if _version(tensor) != before])
        else:
            result = followed
            written = [followed] if followed is tensors[0] else []
        if isinstance(result, Tensor) and not written and any(result is t for t in tensors):
            result = result.view_as(result)  # nothing was to do: a tensor of its own all the same
        results = _once([*tensors_in(result), *written])
        if results:
            self._write(operation, named, results)
            self._rewrite_views(written, results)
        return result

    def _followed(
        self,
        func: Callable[..., Any],
        operation: str,
        named: dict[str, Any],
        tensors: list[Tensor],
    ) -> Tensor | None:
        """The result without a call, where only its shape matters and has a rule.

        Of work in place it is the tensor that would be written.
        """
        shape = shape_of(operation, named, tensors) if self._shapes_only else None
        if shape is None:
            return None
        name = getattr(func, "__name__", "")
        in_place = name.startswith("__i") or (name.endswith("_") and not name.endswith("__"))
        if in_place or named.get("inplace"):
            return tensors[0]
        return torch.empty(shape, dtype=tensors[0].dtype, device="meta")

    def _write(self, operation: str, named: Mapping[str, Any], results: list[Tensor]) -> None:
        """The node of a call, and one for each of its results where they are several."""
        fresh = {id(tensor) for tensor in results if self._tracking.is_fresh(tensor)}
        memory = sum(tensor.nbytes for tensor in results if id(tensor) in fresh)
        node = self._node(operation, named, results[0], memory)
        if len(results) == 1:
            self._bind(results[0], node)
            return
        for place, tensor in enumerate(results):
            item = self._node("item", {"input": Result(node), "index": place}, tensor, 0)
            self._bind(tensor, item)

    def _rewrite_views(self, written: list[Tensor], results: list[Tensor]) -> None:
        """Other tensors in memory that was written have changed as well."""
        for tensor in written:
            writer = self._tracking.find(tensor)
            for other, before in self._tracking.others(tensor):
                if all(other is not result for result in results):
                    arguments = {"input": before, "written": writer}
                    self._bind(other, self._node("rewritten", arguments, other, 0))

    def _node(
        self, operation: str, arguments: Mapping[str, Any], result: Tensor, fresh: int
    ) -> int:
        read = {name: self._plain(value) for name, value in arguments.items()}
        references = list(_references(tuple(read.values())))
        node = Node(
            index=len(self.nodes),
            operation=operation,
            module=self.place[0],
            call=self.place[1],
            arguments=MappingProxyType(read),
            inputs=tuple(each.node for each in references if isinstance(each, Result)),
            stored=tuple(each for each in references if isinstance(each, Stored)),
            shape=tuple(result.shape),
            dtype=result.dtype,
            fresh=fresh,
        )
        self.nodes.append(node)
        return node.index

    def _bind(self, tensor: Tensor, node: int) -> None:
        self._tracking.bind(tensor, Result(node))
        with torch._C.DisableTorchFunction():  # what is done here is no part of the network
            if self._keep is True or (self._keep is not False and node in self._keep):
                self.values[node] = tensor.detach().clone()  # later work may overwrite it
            if self._watch is not None:
                self._watch(self.nodes[node], tensor)

    def _plain(self, value: Any) -> Any:
        """An argument with references in the place of tensors."""
        if isinstance(value, Tensor):
            return self._reference(value)
        if isinstance(value, tuple | list):
            return tuple(self._plain(each) for each in value)
        return value

    def _reference(self, tensor: Tensor) -> Reference:
        """What a tensor stands for; a node of its own where nobody has seen it being made."""
        found = self._tracking.find(tensor)
        if found is not None:
            return found
        node = self._node("untraced", {}, tensor, 0)
        self._bind(tensor, node)
        return Result(node)

    def _depends(self, tensor: Tensor) -> bool:
        return not isinstance(self._tracking.find(tensor), Constant)

    def _see_constant(self, tensor: Tensor) -> None:
        if self._tracking.find(tensor) is None:
            self._tracking.bind(tensor, Constant(tuple(tensor.shape), tensor.dtype, tensor))

    def _weightless(self, value: Any) -> Any:
        """The same with tensors without memory in the place of those with."""
        if isinstance(value, Tensor):
            return value if value.is_meta else self._stand_in(value)
        if isinstance(value, tuple | list) and tensors_in(value):
            each = [self._weightless(one) for one in value]
            return each if isinstance(value, list) else tuple(each)
        if isinstance(value, dict):
            return {name: self._weightless(each) for name, each in value.items()}
        if isinstance(value, torch.device):
            return torch.device("meta")
        return value

    def _stand_in(self, tensor: Tensor) -> Tensor:
        if id(tensor) not in self._stand_ins:
            stand_in = torch.empty_like(tensor, device="meta")
            self._tracking.bind(stand_in, self._reference(tensor))
            self._stand_ins[id(tensor)] = (tensor, stand_in)
        return self._stand_ins[id(tensor)][1]

    def _refuse_values(self, operation: str) -> None:
        if operation in _ASK_VALUES:
            where = self.place[0] or "the network's forward"
            raise UsageError(
                f"{where} asks for the value of a tensor ({operation}), on which its way depends; "
                "with shapes alone there is none: capture it with a real input instead."
            )


def _version(tensor: Tensor) -> int:
    """Counts the writes to a tensor; tensors of inference mode are not written here."""
    return 0 if tensor.is_inference() else tensor._version


def _once(tensors: list[Tensor]) -> list[Tensor]:
    """Without those that are the same object as an earlier one."""
    return list({id(tensor): tensor for tensor in tensors}.values())


def _references(value: Any) -> Iterator[Reference]:
    if isinstance(value, Result | Stored | Constant):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _references(each)
