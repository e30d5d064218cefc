"""Convolution by a table: each output map sees only the input maps that its row names.

LeCun et al. 1998, Gradient-based learning applied to document recognition, section II.B and table
I: LeNet-5's third layer is connected so, to break the symmetry between its maps and to have fewer
weights. (Grouped convolution is the table of blocks.)
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.errors import UsageError


class PartialConv2d(nn.Module):
    """A valid convolution with stride 1 whose maps are connected by a table.

    Shapes: (N, inputs, H, W) to (N, len(table), H − kernel + 1, W − kernel + 1).

    Args:
        inputs: channels.
        table: for each output map, the input maps that it sees, from 0 to inputs − 1.
        kernel: side of the square kernel.

    Attributes:
        weight: (pairs in the table, kernel, kernel).
        bias: (outputs,).

    Raises:
        UsageError: a row is empty, repeats a map, or names one that does not exist.

    >>> layer = PartialConv2d(3, [(0, 1), (1, 2), (0, 1, 2)], 5)
    >>> layer(torch.zeros(1, 3, 8, 8)).shape, sum(p.numel() for p in layer.parameters())
    (torch.Size([1, 3, 4, 4]), 178)
    """

    def __init__(self, inputs: int, table: Sequence[Sequence[int]], kernel: int) -> None:
        super().__init__()
        for row in table:
            if not row or len(set(row)) < len(row) or not set(row) <= set(range(inputs)):
                raise UsageError(
                    "partial convolution: a row of the table names input maps from 0 to "
                    f"{inputs - 1}, each once and at least one; found {tuple(row)}."
                )
        self.inputs, self.table = inputs, tuple(map(tuple, table))
        self.kernel_size, self.stride, self.padding = (kernel, kernel), 1, 0
        pairs = sum(map(len, table))
        self.weight = nn.Parameter(torch.empty(pairs, kernel, kernel))
        self.bias = nn.Parameter(torch.empty(len(table)))
        self.reset_parameters()

    def fans_in(self) -> tuple[Tensor, Tensor]:
        """Inputs of an output cell: by pair of the table, (pairs,), and by map, (outputs,)."""
        taps = math.prod(self.kernel_size)
        pairs = [len(row) * taps for row in self.table for _ in row]
        return torch.tensor(pairs), torch.tensor([len(row) * taps for row in self.table])

    def reset_parameters(self, numerator: float = 1.0) -> None:
        """Uniform in ±numerator / fan-in, weights and biases, map by map."""
        if self.weight.is_meta:  # nothing to fill
            return
        pairs, maps = self.fans_in()
        with torch.no_grad():
            self.weight.uniform_(-numerator, numerator).div_(pairs[:, None, None])
            self.bias.uniform_(-numerator, numerator).div_(maps)

    def forward(self, x: Tensor) -> Tensor:
        outputs = [number for number, row in enumerate(self.table) for _ in row]
        inputs = [channel for row in self.table for channel in row]
        # (outputs, inputs, k, k), zero where the table has no connection
        filters = self.weight.new_zeros(len(self.table), self.inputs, *self.kernel_size)
        filters[outputs, inputs] = self.weight
        return functional.conv2d(x, filters, self.bias)

    def extra_repr(self) -> str:
        return f"{self.inputs}, {len(self.table)}, kernel_size={self.kernel_size}"
