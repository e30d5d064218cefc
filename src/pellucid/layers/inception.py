"""The Inception module: several kernel sizes side by side on the same feature maps.

Szegedy et al. 2015, Going deeper with convolutions, section 4 and figure 2. A detail may be small
or large, so the module looks with 1×1, 3×3 and 5×5 kernels at once, takes the maximum of each 3×3
neighbourhood too, and stacks what they find.

Figure 2a, naive: all kernels see all channels. The pooled maps are stacked as they are, so every
module has more outputs than inputs, and the next one costs the more.

Figure 2b, with dimension reduction: 1×1 convolutions before the 3×3 and the 5×5 kernels, and after
the pooling, mix the channels into fewer. That is where most of the multiply-adds go.
"""

from dataclasses import dataclass

from torch import nn

from pellucid.layers.branches import Branches
from pellucid.layers.named import named
from pellucid.layers.unit import ConvUnit


@dataclass(frozen=True, slots=True)
class InceptionWidths:
    """Filters of a module, in the order of the paper's table 1.

    Attributes:
        one: of the 1×1 convolution.
        reduce_three: of the 1×1 reduction before the 3×3 convolution.
        three: of the 3×3 convolution.
        reduce_five: of the 1×1 reduction before the 5×5 convolution.
        five: of the 5×5 convolution.
        project: of the 1×1 projection after the pooling.
    """

    one: int
    reduce_three: int
    three: int
    reduce_five: int
    five: int
    project: int

    @property
    def outputs(self) -> int:
        """Feature maps of the module with dimension reduction.

        >>> InceptionWidths(64, 96, 128, 16, 32, 32).outputs  # 3a
        256
        """
        return self.one + self.three + self.five + self.project

    def naive_outputs(self, inputs: int) -> int:
        """Feature maps of the naive module: the pooled inputs are stacked as they are.

        >>> InceptionWidths(64, 96, 128, 16, 32, 32).naive_outputs(192)  # 3a
        416
        """
        return self.one + self.three + self.five + inputs


class Inception(Branches):
    """The module with dimension reduction (figure 2b).

    Children: ``one``; ``three`` and ``five`` (each ``reduce``, ``conv``); ``pool`` (``pool``,
    ``project``). ReLU after every convolution, "including those inside the Inception modules"
    (section 5).

    Shapes: (N, inputs, H, W) to (N, widths.outputs, H, W).

    Args:
        inputs: channels.
        widths: filters of each convolution.
        norm: whether batch norm follows every convolution (the paper has none).
        eps: batch norm's.
        five: side of the third branch's kernel: 5 in the paper, 3 in torchvision's variant.

    >>> import torch
    >>> module = Inception(192, InceptionWidths(64, 96, 128, 16, 32, 32))  # 3a of GoogLeNet
    >>> module(torch.zeros(1, 192, 7, 7)).shape, sum(p.numel() for p in module.parameters())
    (torch.Size([1, 256, 7, 7]), 163696)
    """

    def __init__(
        self,
        inputs: int,
        widths: InceptionWidths,
        *,
        norm: bool = False,
        eps: float = 1e-5,
        five: int = 5,
    ) -> None:
        def unit(before: int, after: int, kernel: int) -> ConvUnit:
            return ConvUnit(before, after, kernel, padding=kernel // 2, norm=norm, eps=eps)

        w = widths
        three = {
            "reduce": unit(inputs, w.reduce_three, 1),
            "conv": unit(w.reduce_three, w.three, 3),
        }
        wide = {"reduce": unit(inputs, w.reduce_five, 1), "conv": unit(w.reduce_five, w.five, five)}
        pool = {"pool": _neighbourhood(), "project": unit(inputs, w.project, 1)}
        super().__init__(
            {
                "one": unit(inputs, w.one, 1),
                "three": named(three),
                "five": named(wide),
                "pool": named(pool),
            }
        )


class NaiveInception(Branches):
    """The naive module (figure 2a). Children: ``one``, ``three``, ``five``, ``pool``.

    Shapes: (N, inputs, H, W) to (N, widths.naive_outputs(inputs), H, W).

    Args:
        inputs: channels.
        widths: filters of each convolution; those of the reductions are not used.
        norm: whether batch norm follows every convolution (the paper has none).

    >>> import torch
    >>> module = NaiveInception(192, InceptionWidths(64, 96, 128, 16, 32, 32))
    >>> module(torch.zeros(1, 192, 7, 7)).shape
    torch.Size([1, 416, 7, 7])
    """

    def __init__(self, inputs: int, widths: InceptionWidths, *, norm: bool = False) -> None:
        super().__init__(
            {
                "one": ConvUnit(inputs, widths.one, 1, norm=norm),
                "three": ConvUnit(inputs, widths.three, 3, padding=1, norm=norm),
                "five": ConvUnit(inputs, widths.five, 5, padding=2, norm=norm),
                "pool": _neighbourhood(),
            }
        )


def _neighbourhood() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=1, padding=1)
