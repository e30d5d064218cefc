"""mlpconv: a small network that slides over the image in place of a linear filter.

Lin, Chen and Yan 2013, Network in Network, section 3.1. A linear filter followed by ReLU is a
weak model of a local patch; mlpconv puts a multilayer perceptron there, shared by all positions:

    f¹ = max(w¹ · x + b¹, 0),  f² = max(w² · f¹ + b², 0),  …   (the paper's equation 2)

The first layer is a k×k convolution, the others are 1×1 convolutions: at every pixel they mix
the channels ("cascaded cross channel parametric pooling", cccp).
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from pellucid.errors import UsageError
from pellucid.layers.unit import ConvUnit


class MlpConv(nn.Sequential):
    """A k×k convolution and 1×1 convolutions, ReLU after each; children ``conv``, ``cccp1``, ….

    Shapes: (N, inputs, H, W) to (N, widths[-1], H', W').

    Args:
        inputs: channels.
        widths: filters of the k×k convolution and of each 1×1 convolution after it.
        kernel: k, side of the first convolution's kernel.
        stride: of the first convolution.
        padding: of the first convolution, zeros on every side.
        norm: whether batch norm follows every convolution (the paper has none).

    Raises:
        UsageError: no width.

    >>> import torch
    >>> block = MlpConv(3, (192, 160, 96), 5, padding=2)  # the first of NiN for CIFAR-10
    >>> block(torch.zeros(1, 3, 8, 8)).shape, [name for name, _ in block.named_children()]
    (torch.Size([1, 96, 8, 8]), ['conv', 'cccp1', 'cccp2'])
    """

    def __init__(
        self,
        inputs: int,
        widths: Sequence[int],
        kernel: int,
        *,
        stride: int = 1,
        padding: int = 0,
        norm: bool = False,
    ) -> None:
        super().__init__()
        if not widths:
            raise UsageError("mlpconv: expected at least one width, found none.")
        self.conv = ConvUnit(inputs, widths[0], kernel, stride=stride, padding=padding, norm=norm)
        for number, (before, after) in enumerate(pairwise(widths), 1):
            self.add_module(f"cccp{number}", ConvUnit(before, after, 1, norm=norm))
