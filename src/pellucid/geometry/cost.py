"""What a convolution layer costs: parameters and multiply-adds."""

from dataclasses import dataclass
from math import prod

from pellucid.errors import UsageError
from pellucid.geometry.transposed import TransposedWindow
from pellucid.geometry.whole import whole
from pellucid.geometry.window import Window


@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters of a layer, and its work on one image.

    Attributes:
        weights: weights of all filters.
        biases: one a filter, or 0.
        macs: multiply-adds as the field counts them: every tap of every output, those on the
            zeros of padding too; adding the bias is not counted.
        products: those of them that are no product with padding. (Of a transposed convolution:
            those whose output is not cropped.)
    """

    weights: int
    biases: int
    macs: int
    products: int

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def flops(self) -> int:
        """Floating-point operations: 2 a MAC."""
        return 2 * self.macs


def convolution_cost(
    window: Window, channels: int, filters: int, *, groups: int = 1, bias: bool = True
) -> Cost:
    """The cost of a convolution layer.

    weights = F·(C/groups)·kh·kw, MACs = H'·W'·weights. So the work falls with the square of the
    stride, and padding adds as many outputs as it makes room for; the parameters stay.

    Args:
        window: the window over the image, or over a series.
        channels: C, of the input.
        filters: F, channels of the output.
        groups: parts that the channels are divided into, each seen by F/groups filters.
        bias: whether each filter has a bias.

    Raises:
        UsageError: a number below 1, or groups that do not divide channels and filters.

    >>> from pellucid.geometry import window
    >>> image = (32, 32)
    >>> convolution_cost(window(image, 3), 3, 2, bias=False).parameters  # 2 filters of 3×3×3
    54
    >>> [convolution_cost(window(image, 3, stride=s, padding=1), 3, 2).macs for s in (1, 2, 4)]
    [55296, 13824, 3456]
    >>> for padding in ("valid", "same", "full"):
    ...     cost = convolution_cost(window(image, 3, padding=padding), 3, 2)
    ...     print(cost.macs, cost.products)
    48600 48600
    55296 53016
    62424 55296
    """
    weights, biases = _parameters(window.kernel_shape, channels, filters, groups, bias)
    each = weights // prod(window.kernel_shape)  # products that one tap of an output stands for
    return Cost(weights, biases, weights * prod(window.output_shape), each * window.taps_inside)


def transposed_cost(
    window: TransposedWindow, channels: int, filters: int, *, groups: int = 1, bias: bool = True
) -> Cost:
    """The cost of a transposed convolution layer: MACs = H·W·weights, of the *input's* size.

    Args:
        window: the transposed window over the image, or over a series.
        channels: C, of the input.
        filters: F, channels of the output.
        groups: parts that the channels are divided into.
        bias: whether each output channel has a bias.

    Raises:
        UsageError: a number below 1, or groups that do not divide channels and filters.

    >>> from pellucid.geometry import transposed_window
    >>> transposed_cost(transposed_window((7, 7), 4, stride=2, padding=1), 8, 4)
    Cost(weights=512, biases=4, macs=25088, products=21632)
    """
    weights, biases = _parameters(window.kernel_shape, channels, filters, groups, bias)
    each = weights // prod(window.kernel_shape)
    return Cost(weights, biases, weights * prod(window.input_shape), each * window.taps_inside)


def _parameters(
    kernel: tuple[int, ...], channels: int, filters: int, groups: int, bias: bool
) -> tuple[int, int]:
    """Weights and biases."""
    channels, filters = whole(channels, "channels", 1), whole(filters, "filters", 1)
    groups = whole(groups, "groups", 1)
    if channels % groups or filters % groups:
        raise UsageError(
            f"expected groups that divide {channels} channels and {filters} filters, "
            f"found {groups}."
        )
    return filters * (channels // groups) * prod(kernel), filters if bias else 0
