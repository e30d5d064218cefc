"""How large a trunk's feature maps are, and the least input it takes; nothing is run.

The sizes of windows come from :mod:`pellucid.geometry`; here is only which window a layer has.
"""

from bisect import bisect_left
from collections.abc import Callable

from torch import nn

from pellucid.errors import UsageError
from pellucid.geometry import window
from pellucid.geometry.padding import per_axis
from pellucid.layers.branches import Branches
from pellucid.layers.local_response_norm import LocalResponseNorm
from pellucid.layers.partial import PartialConv2d
from pellucid.layers.rescale import Rescale
from pellucid.layers.same import SameConv2d
from pellucid.layers.unshared import UnsharedConv2d

#: (height, width), in pixels.
Size = tuple[int, int]

Windowed = nn.Conv2d | PartialConv2d | nn.MaxPool2d | nn.AvgPool2d
_POINTWISE = (nn.ReLU, nn.ReLU6, nn.Tanh, nn.Identity, nn.BatchNorm2d, nn.Dropout, nn.Dropout2d)
_KEEPS_SIZE = (*_POINTWISE, LocalResponseNorm, Rescale)
#: Larger than any image: a side of the input that is not in question.
_AMPLE = 1 << 13


class _TooSmallError(Exception):
    """A layer gets fewer pixels than its window needs."""

    def __init__(self, name: str, size: Size, window_size: tuple[int, ...]) -> None:
        super().__init__(name)
        self.name, self.size, self.window_size = name, size, window_size


def output_size(trunk: nn.Module, size: Size, network: str = "the network") -> Size:
    """Height and width of a trunk's feature maps.

    Args:
        trunk: convolutions, pooling, and what keeps the size, in sequences and branches.
        size: (height, width) of the input.
        network: its name, for the error.

    Raises:
        UsageError: the input is too small; the sentence names the layer and the least input.
        TypeError: a kind of layer that this function does not know.

    >>> stem = nn.Sequential(nn.Conv2d(3, 96, 11, stride=4), nn.MaxPool2d(3, 2))
    >>> output_size(stem, (227, 227)), least_size(stem)
    ((27, 27), (19, 19))
    """
    try:
        return _walk(trunk, size, "")
    except _TooSmallError as error:
        raise too_small(trunk, size, network) from error


def too_small(trunk: nn.Module, size: Size, network: str) -> UsageError:
    """The error for an input that a trunk cannot take.

    >>> print(too_small(nn.Sequential(nn.Conv2d(1, 1, 5)), (3, 9), "net"))  # doctest: +ELLIPSIS
    net needs an input of at least 5×5 pixels, found 3×9: its layer '0' has a 5×5 window and ...
    """
    least = least_size(trunk)
    try:
        _walk(trunk, size, "")
    except _TooSmallError as error:
        return UsageError(
            f"{network} needs an input of at least {_by(least)} pixels, found {_by(size)}: its "
            f"layer '{error.name}' has a {_by(error.window_size)} window and would get "
            f"{_by(error.size)}."
        )
    raise ValueError(f"{size} is large enough")


def least_size(trunk: nn.Module) -> Size:
    """The least height and the least width that every layer of a trunk can take."""
    return _least(lambda n: _fits(trunk, (n, _AMPLE))), _least(lambda n: _fits(trunk, (_AMPLE, n)))


def _least(fits: Callable[[int], bool]) -> int:
    # A larger input never makes a smaller map, so the sizes that fit are all those from one on.
    return bisect_left(range(1, _AMPLE), True, key=fits) + 1


def _fits(trunk: nn.Module, size: Size) -> bool:
    try:
        _walk(trunk, size, "")
    except _TooSmallError:
        return False
    return True


def _walk(layer: nn.Module, size: Size, name: str) -> Size:
    if isinstance(layer, nn.Sequential):
        for child, inner in layer.named_children():
            size = _walk(inner, size, _join(name, child))
        return size
    if isinstance(layer, Branches):
        sizes = {_walk(inner, size, _join(name, c)) for c, inner in layer.named_children()}
        if len(sizes) > 1:
            raise TypeError(f"the branches of {name} make maps of several sizes: {sorted(sizes)}")
        return sizes.pop()
    if isinstance(layer, Windowed):
        return _slide(layer, size, name)
    if isinstance(layer, nn.AdaptiveAvgPool2d):
        height, width = per_axis(layer.output_size, 2, "output size")  # type: ignore[arg-type]
        return height, width
    if isinstance(layer, UnsharedConv2d):  # another size than its own it refuses itself
        return layer.output_size
    if isinstance(layer, _KEEPS_SIZE):
        return size
    raise TypeError(f"no size is known of {type(layer).__name__} ({name})")


def _slide(layer: Windowed, size: Size, name: str) -> Size:
    placed = window(
        size,
        layer.kernel_size,
        stride=layer.stride,
        dilation=getattr(layer, "dilation", 1),
        padding="same" if isinstance(layer, SameConv2d) else layer.padding,  # type: ignore[arg-type]
        ceil=getattr(layer, "ceil_mode", False),
    )
    height, width = placed.output_shape
    if not (height and width):
        raise _TooSmallError(name, size, placed.kernel_shape)
    return height, width


def _join(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer else inner


def _by(size: tuple[int, ...]) -> str:
    return "×".join(map(str, size))
