"""Unshared ("locally connected") convolution: every position has filters of its own.

The windows are a convolution's, but nothing is shared between positions: what is learnt at one
place is not known at another. LeCun 1989, Generalization and network design strategies (Net-3),
compares the two; Taigman et al. 2014, DeepFace, section 2.2, uses it on aligned faces.

    y[o, i, j] = b[o, i, j] + Σ w[o, c, u, v; i, j] · x[c, i·s + u − p, j·s + v − p]

An H'×W' output has H'·W' times a convolution's parameters, and the same multiply-adds.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.errors import UsageError
from pellucid.geometry import Padding, window


class UnsharedConv2d(nn.Module):
    """A convolution without weight sharing, for inputs of one size.

    Shapes: (N, inputs, H, W) to (N, outputs, H', W').

    Args:
        inputs: C, channels.
        outputs: O, filters at every position.
        size: (H, W) of the input, in pixels.
        kernel: side of the square window.
        stride: pixels from one window to the next.
        padding: zeros around the input, in any way that :func:`pellucid.geometry.window` takes.
        bias: whether every output has a bias of its own.

    Attributes:
        weight: (H'·W', C·kernel·kernel, O): a matrix for each position, row by row.
        bias: (H'·W', 1, O), or None.
        window: of the kernel over the input.

    Raises:
        UsageError: the window does not fit into the input.

    >>> layer = UnsharedConv2d(3, 8, (6, 6), 3)
    >>> layer(torch.zeros(2, 3, 6, 6)).shape, layer.weight.shape  # 4×4 positions, 3·3·3 inputs
    (torch.Size([2, 8, 4, 4]), torch.Size([16, 27, 8]))
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: tuple[int, int],
        kernel: int,
        *,
        stride: int = 1,
        padding: Padding = "valid",
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.inputs, self.outputs, self.stride = inputs, outputs, stride
        self.window = window(size, kernel, stride=stride, padding=padding)
        positions, taps = math.prod(self.output_size), inputs * kernel * kernel
        if not positions:
            raise UsageError(
                f"unshared convolution: a {kernel}×{kernel} window does not fit into "
                f"{size[0]}×{size[1]} pixels."
            )
        self.weight = nn.Parameter(torch.empty(positions, taps, outputs))
        self.bias = nn.Parameter(torch.empty(positions, 1, outputs)) if bias else None
        self.reset_parameters()

    @property
    def output_size(self) -> tuple[int, int]:
        """(H', W')."""
        height, width = self.window.output_shape
        return height, width

    def reset_parameters(self) -> None:
        """Uniform in ±1/√(C·kernel·kernel), weights and biases: as torch's convolution."""
        bound = 1 / math.sqrt(self.weight.shape[1])
        nn.init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        self._check(x)
        (top, bottom), (left, right) = self.window.padding
        padded = functional.pad(x, (left, right, top, bottom))
        patches = functional.unfold(padded, self.window.kernel_shape, stride=self.stride)
        each = patches.permute(2, 0, 1)  # (N, C·k·k, H'·W') to (H'·W', N, C·k·k)
        maps = torch.bmm(each, self.weight)  # (H'·W', N, O)
        if self.bias is not None:
            maps = maps + self.bias
        return maps.permute(1, 2, 0).reshape(x.shape[0], self.outputs, *self.output_size)

    def _check(self, x: Tensor) -> None:
        expected = (self.inputs, *self.window.input_shape)
        if tuple(x.shape[1:]) != expected:
            found = "×".join(map(str, x.shape[1:]))
            raise UsageError(
                f"unshared convolution: expected N×{'×'.join(map(str, expected))}, found "
                f"N×{found}: its weights belong to the positions of one size of input."
            )

    def extra_repr(self) -> str:
        return (
            f"{self.inputs}, {self.outputs}, size={self.window.input_shape}, "
            f"kernel={self.window.kernel_shape}, stride={self.stride}"
        )
