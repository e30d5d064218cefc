"""What sharing and sparse connections save: a convolution against its unshared equivalents."""

from dataclasses import dataclass
from math import prod

from pellucid.capture.call import Call


@dataclass(frozen=True, slots=True)
class Sharing:
    """A convolution's parameters, and those of layers that map the same input to as many outputs.

    The lecture's two advantages, apart: sparse connections lead from ``connected`` to ``local``,
    parameter sharing from there to ``shared``. Of one image, the batch does not matter.

    Attributes:
        shared: of the convolution itself.
        local: if every position had filters of its own: H'·W' times as many (LeCun 1989).
        connected: if every output read every input value: C·H·W·F·H'·W', and a bias each.
    """

    shared: int
    local: int
    connected: int

    @property
    def factor(self) -> float:
        """How many times as many parameters everything connected would need."""
        return self.connected / self.shared

    @property
    def local_factor(self) -> float:
        """How many times as many parameters without sharing."""
        return self.local / self.shared


def sharing(call: Call) -> Sharing | None:
    """The comparison for a convolution; None of other nodes.

    A transposed one has, unshared, a weight for each input cell and tap.
    """
    if not call.node.operation.startswith("conv") or call.node.operation[-1] != "d":
        return None
    axes = call.axes
    inputs, outputs = call.shape("input")[-axes - 1 :], call.node.shape[-axes - 1 :]
    weights = prod(call.shape("weight"))
    biased = call.get("bias") is not None
    positions = prod(inputs[1:]) if call.transposed else prod(outputs[1:])
    each = prod(outputs) if biased else 0
    return Sharing(
        weights + (outputs[0] if biased else 0),
        weights * positions + each,
        prod(inputs) * prod(outputs) + each,
    )
