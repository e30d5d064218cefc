"""A convolution with what follows it: optional batch norm, then ReLU."""

from torch import nn


class ConvUnit(nn.Sequential):
    """Convolution, optional batch norm, ReLU; children ``conv``, ``norm`` (if any), ``relu``.

    Batch norm (Ioffe and Szegedy 2015) brings its own offset, so the convolution has a bias only
    without it. The papers of 2012 to 2014 have none; small networks learn faster with it.

    Shapes: (N, inputs, H, W) to (N, outputs, H', W').

    Args:
        inputs: channels.
        outputs: filters.
        kernel: side of the square kernel, in pixels.
        stride: pixels from one window to the next.
        padding: rows and columns of zeros on every side.
        groups: parts of the channels that do not see each other (AlexNet's towers are two).
        norm: whether batch norm follows the convolution.
        eps: batch norm's, added to the variance.

    >>> import torch
    >>> unit = ConvUnit(3, 8, 3, padding=1, norm=True)
    >>> unit(torch.zeros(1, 3, 5, 5)).shape, unit.conv.bias is None
    (torch.Size([1, 8, 5, 5]), True)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        norm: bool = False,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            inputs,
            outputs,
            kernel,
            stride=stride,
            padding=padding,
            groups=groups,
            bias=not norm,
        )
        if norm:
            self.norm = nn.BatchNorm2d(outputs, eps=eps)
        self.relu = nn.ReLU(inplace=True)
