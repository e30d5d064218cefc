"""MACs of a real run, counted below torch's functions: from the ATen calls and their tensors."""

from collections.abc import Mapping
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

_ATEN = torch.ops.aten


class _Counter(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.macs = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        packet = func.overloadpacket
        if packet is _ATEN.convolution:
            weight, transposed = args[1], args[6]
            ahead = weight.shape[0]  # channels of the side whose cells meet every tap
            self.macs += weight.numel() * ((args[0] if transposed else result).numel() // ahead)
        elif packet in (_ATEN.mm, _ATEN.bmm):
            self.macs += result.numel() * args[0].shape[-1]
        elif packet in (_ATEN.addmm, _ATEN.baddbmm):
            self.macs += result.numel() * args[1].shape[-1]
        elif packet in (_ATEN.mv, _ATEN.dot):
            self.macs += args[0].numel()
        return result


def real_macs(network: nn.Module, image: Tensor) -> int:
    """Multiply-adds of one forward pass in evaluation mode, run for real."""
    with torch.no_grad(), _Counter() as counter:
        network.eval()(image)
    return counter.macs


def real_parameters(network: nn.Module) -> int:
    """All parameters; a shared one once, by the place of its memory."""
    found = {parameter.data_ptr(): parameter.numel() for parameter in network.parameters()}
    assert all(prod(p.shape) == p.numel() for p in network.parameters())
    return sum(found.values())
