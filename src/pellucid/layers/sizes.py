"""How large a trunk's feature maps are, and the least input it takes; nothing is run.

The sizes of windows come from :mod:`pellucid.geometry`; here is only which window a layer has.
"""

from bisect import bisect_left
from collections.abc import Callable

from torch import nn

from pellucid.errors import UsageError
from pellucid.geometry import window
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
        raise UsageError(
            f"{network} needs an input of at least {_by(least_size(trunk))} pixels, found "
            f"{_by(size)}: its layer '{error.name}' has a {_by(error.window_size)} window and "
            f"would get {_by(error.size)}."
        ) from error


def least_size(trunk: nn.Module) -> Size:
    """The least height and the least width that every layer of a trunk can take."""
    return _least(lambda n: _fits(trunk, (n, _AMPLE))), _least(lambda n: _fits(trunk, (_AMPLE, n)))


def _least(fits: Callable[[int], bool]) -> int:
    # A larger input never makes a smaller map, so the sizes that fit are all those from one on.
    above = 1
    while not fits(above):
        above *= 2
    below = above // 2  # does not fit, or is 0
    return bisect_left(range(below + 1, above), True, key=fits) + below + 1


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
        wanted = layer.output_size
        height, width = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        return height or size[0], width or size[1]  # None keeps the side
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
