"""How fast one position of a layer rises with each number of the input, by torch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pellucid.capture import Node, capture
from pellucid.errors import UsageError
from pellucid.explain.trace import Trace

#: Numbers of an input that are given to the network at once, at most.
_TOGETHER = 1 << 20


def input_slopes(
    trace: Trace, node: Node, at: tuple[int, ...], inputs: NDArray[Any]
) -> Iterator[NDArray[np.float64]]:
    """Derivatives of a position (of the sum of its channels, if none is named) by the input.

    Args:
        trace: whose network it is.
        node: of the trace.
        at: the position, without the batch.
        inputs: (N, C, H, W).

    Yields:
        (n, C, H, W) for the next n of the N inputs.

    Raises:
        UsageError: torch cannot differentiate it.
    """
    step = max(1, _TOGETHER // max(1, inputs[0].size))
    for start in range(0, len(inputs), step):
        yield _slopes(trace, node, at, inputs[start : start + step])


def _slopes(
    trace: Trace, node: Node, at: tuple[int, ...], inputs: NDArray[Any]
) -> NDArray[np.float64]:
    watched = node.index - trace.input.index
    found: list[Tensor] = []

    def watch(made: Node, result: Tensor) -> None:
        # At once: later calls may work in place.
        if made.index == watched:
            each: Any = (slice(None), ..., *at)
            found.append(result[each].sum())

    with torch.inference_mode(False), torch.enable_grad():
        leaf = _on_network(trace, inputs).requires_grad_()
        # A copy is given to the network, since no leaf may be written in place.
        capture(trace.network, leaf.clone(), watch=watch, gradients=True)
    return _gradient(found, leaf, trace.names[node.index])


def _gradient(found: list[Tensor], leaf: Tensor, name: str) -> NDArray[np.float64]:
    if not found or not found[0].requires_grad:
        raise UsageError(f"torch cannot differentiate {name} by the input.")
    try:
        (slopes,) = torch.autograd.grad(found[0], leaf, materialize_grads=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise UsageError(f"torch cannot differentiate {name} by the input ({reason}).") from error
    return np.asarray(slopes.double().cpu().numpy(), np.float64)


def _on_network(trace: Trace, inputs: NDArray[Any]) -> Tensor:
    weight = next(trace.network.parameters(), None)
    device = torch.device("cpu") if weight is None else weight.device
    return torch.tensor(np.asarray(inputs), dtype=trace.input.dtype, device=device)
