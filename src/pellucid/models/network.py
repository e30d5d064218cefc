"""What the networks have in common: a trunk that makes feature maps, a head that makes scores."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from pellucid.errors import UsageError
from pellucid.layers import Size, least_size, output_size


class Network(nn.Module):
    """A trunk and a head; maybe auxiliary heads, which help in training only.

    Shapes: (N, channels, H, W) to feature maps (N, C, H', W') to scores (N, K).

    Args:
        name: for sentences.
        channels: of the input.
        trunk: a sequence of named layers.
        head: makes scores of the last layer's maps.
        auxiliary: further heads, each on the maps of the trunk's layer of its name.

    Attributes:
        least: the least height and width of an input.

    Raises:
        UsageError: (when called) the input is no N×C×H×W tensor of these channels, or too small.
    """

    def __init__(
        self,
        name: str,
        channels: int,
        trunk: nn.Sequential,
        head: nn.Module,
        auxiliary: Mapping[str, nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.name, self.channels = name, channels
        self.trunk = trunk
        self.auxiliary = nn.ModuleDict(auxiliary)
        self.head = head  # the last: what makes the scores is found at the end
        self.least = least_size(trunk)

    def forward(self, x: Tensor) -> Tensor:
        check_input(self.name, x, self.channels, self.least, lambda: self.trunk)
        scores: Tensor = self.head(self.trunk(x))
        return scores

    def auxiliary_scores(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The scores, and those of each auxiliary head by name: each (N, K)."""
        check_input(self.name, x, self.channels, self.least, lambda: self.trunk)
        others: dict[str, Tensor] = {}
        for name, layer in self.trunk.named_children():
            x = layer(x)
            if name in self.auxiliary:
                others[name] = self.auxiliary[name](x)
        return self.head(x), others


def check_input(
    name: str, x: Tensor, channels: int, least: Size, trunk: Callable[[], nn.Module]
) -> None:
    """Refuse a tensor that a network cannot take.

    Args:
        name: of the network.
        x: should be (N, channels, H, W).
        channels: that it takes.
        least: height and width that it takes at least, as the trunk has them.
        trunk: gives the trunk, to find the layer that needs so much.

    Raises:
        UsageError: the shape does not fit.
    """
    if x.ndim != 4 or x.shape[1] != channels:
        found = "×".join(map(str, x.shape))
        raise UsageError(f"{name} takes a tensor N×{channels}×H×W, found {found}.")
    if x.shape[2] < least[0] or x.shape[3] < least[1]:
        output_size(trunk(), (int(x.shape[2]), int(x.shape[3])), name)


#: How weights start: by the rule of the network's paper, or of He 2015 (biases at 0).
INITIALISATIONS = ("paper", "he")


def check_option(name: str, option: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a word that is not among those known.

    Raises:
        UsageError: naming them.

    >>> check_option("nin", "form", "cifar", ("cifar", "imagenet"))
    """
    if value not in known:
        raise UsageError(f"{name}: {option} is one of {', '.join(known)}, not {value!r}.")


def stem_stride(height: int, width: int) -> int:
    """Stride of a small network's first layer, so that its maps have about 32 pixels a side.

    >>> [stem_stride(side, side) for side in (28, 32, 64, 96, 128, 224)]
    [1, 1, 2, 3, 4, 4]
    """
    return max(1, min(4, min(height, width) // 32))
