"""Convolution with ``same`` padding at any stride: ceil(n / s) outputs, the odd cell far away."""

from torch import Tensor, nn
from torch.nn import functional

from pellucid.geometry import window


class SameConv2d(nn.Conv2d):
    """A convolution without bias whose zeros around the input follow from the input's size.

    With stride 2, an even side and an odd kernel, the far side gets one zero more than the near
    one (TensorFlow's ``SAME``), which no fixed padding of torch's convolution does.

    Shapes: (N, inputs, H, W) to (N, outputs, ceil(H / stride), ceil(W / stride)).

    Args:
        inputs: channels.
        outputs: filters.
        kernel: side of the square kernel.
        stride: pixels from one window to the next.
        groups: parts of the channels that do not see each other.

    >>> import torch
    >>> SameConv2d(3, 8, 3, stride=2)(torch.zeros(1, 3, 224, 7)).shape
    torch.Size([1, 8, 112, 4])
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride=stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        size = (int(x.shape[2]), int(x.shape[3]))
        placed = window(size, self.kernel_size, stride=self.stride, padding="same")
        (top, bottom), (left, right) = placed.padding
        if (top, left) == (bottom, right):  # the convolution pads faster than a copy does
            return functional.conv2d(
                x, self.weight, self.bias, self.stride, (top, left), self.dilation, self.groups
            )
        padded = functional.pad(x, (left, right, top, bottom))
        return super().forward(padded)
