"""Capture: run a network once and keep what it did."""

import sys
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import get_ident
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as hooks
from torch.nn.parameter import UninitializedParameter

from pellucid.capture.graph import Graph, Node
from pellucid.capture.recorder import Recorder
from pellucid.capture.tracking import tensors_in
from pellucid.errors import PellucidError, UsageError


def capture(
    network: nn.Module,
    *inputs: Tensor | Sequence[int],
    keep: bool | Container[int] = False,
    watch: Callable[[Node, Tensor], None] | None = None,
    gradients: bool = False,
) -> Graph:
    """One forward pass of any torch module, in evaluation mode, as a graph.

    Of a shape, only shapes are followed: no weights are read, none need exist (see
    :func:`pellucid.capture.weightless`), and nothing is computed. Of a tensor, the network
    runs.
    Every call of a torch function that reads the input, a parameter or what came of them is a
    node: inside modules and outside. A function that calls others (``F.local_response_norm``,
    attention, recurrent layers) is one node. The network, its modes and hooks are left as they
    were, whatever happens.

    Args:
        network: the module.
        inputs: each a tensor, or the shape of one, such as (N, C, H, W).
        keep: keep every result, as a copy; or the nodes to keep those of (a network's nodes have
            the same numbers whenever they are captured with inputs of one shape).
        watch: called with every node as it is made and its result, which later calls may
            overwrite: what it wants to keep, it copies.
        gradients: torch records how results follow from an input that requires gradients.

    Raises:
        UsageError: no torch module, or one with lazy modules; the network fails on such an input,
            or its way depends on values that there are not.

    >>> graph = capture(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (1, 3, 32, 32))
    >>> [(node.operation, node.module, node.shape) for node in graph.nodes[1:]]
    [('conv2d', '0', (1, 8, 30, 30)), ('relu', '1', (1, 8, 30, 30))]
    """
    if not isinstance(network, nn.Module):
        raise UsageError(f"expected a torch module, found {type(network).__name__}.")
    if any(isinstance(parameter, UninitializedParameter) for parameter in network.parameters()):
        raise UsageError(
            f"{type(network).__name__} has lazy modules, whose shapes are open: call it once on an "
            "input first."
        )
    with torch.inference_mode(False):
        tensors = [_tensor(each, network) for each in inputs]
    shapes_only = any(tensor.is_meta for tensor in tensors)
    if shapes_only and keep is not False:
        raise UsageError("expected a tensor to keep values of, found a shape.")
    recorder = Recorder(network, shapes_only=shapes_only, keep=keep, watch=watch)
    sources = tuple(recorder.add_input(tensor) for tensor in tensors)
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.set_grad_enabled(gradients))
        stack.enter_context(_evaluating(network))
        stack.enter_context(_places(network, recorder))
        stack.enter_context(recorder)
        try:
            result = network(*tensors)
        except PellucidError:
            raise
        except Exception as error:
            raise _failure(network, recorder.failed_in(error), tensors, error) from error
    results = tuple(tensors_in(result))
    outputs = tuple(map(recorder.index, results))
    names = {path: type(module).__name__ for path, module in network.named_modules()}
    return Graph(
        type(network).__name__,
        tuple(recorder.nodes),
        sources,
        outputs,
        tuple(recorder.stored),
        MappingProxyType(names),
        MappingProxyType(recorder.values),
        results,
        MappingProxyType(recorder.returned),
    )


def _tensor(given: Tensor | Sequence[int], network: nn.Module) -> Tensor:
    """An input; of a shape one without memory, of the type of the network's parameters."""
    if isinstance(given, Tensor):
        return given.clone() if given.is_inference() else given
    types = (parameter.dtype for parameter in network.parameters())
    floating = next((dtype for dtype in types if dtype.is_floating_point), None)
    return torch.empty(tuple(given), dtype=floating, device="meta")


def _failure(network: nn.Module, where: str, tensors: list[Tensor], error: Exception) -> UsageError:
    shapes = ", ".join("×".join(map(str, tensor.shape)) for tensor in tensors)
    reason = str(error).strip().splitlines() or [type(error).__name__]
    layer = f" in {where}" if where else ""
    return UsageError(
        f"{type(network).__name__} does not take an input of {shapes}: it fails{layer} "
        f"({reason[0].rstrip('.')})."
    )


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode; afterwards every module is in its own mode again."""
    training = [module for module in network.modules() if module.training]
    try:
        for module in training:
            module.training = False
        yield
    finally:
        for module in training:
            module.training = True


@contextmanager
def _places(network: nn.Module, recorder: Recorder) -> Iterator[None]:
    """Tell the recorder which module is running."""
    paths = {id(module): path for path, module in network.named_modules()}
    calls: dict[str, int] = {}
    above: list[tuple[str, int]] = []
    thread = get_ident()

    def enter(module: nn.Module, args: Any) -> None:
        if get_ident() != thread:
            return
        above.append(recorder.place)
        path = paths.get(id(module), f"{recorder.place[0]}.{type(module).__name__}".lstrip("."))
        recorder.place = (path, calls.get(path, 0))
        calls[path] = calls.get(path, 0) + 1

    def leave(module: nn.Module, args: Any, result: Any) -> None:
        if get_ident() != thread:
            return
        recorder.note_failure(sys.exception())
        unseen = [tensor for tensor in tensors_in(result) if not recorder.knows(tensor)]
        if unseen:
            name = getattr(module, "original_name", type(module).__name__)  # of TorchScript
            recorder.add_untraced(name, args, unseen)
        recorder.note_returned(result)
        recorder.place = above.pop()

    with ExitStack() as stack:
        for handle in (
            hooks.register_module_forward_pre_hook(enter),
            hooks.register_module_forward_hook(leave, always_call=True),
        ):
            stack.callback(handle.remove)
        yield
