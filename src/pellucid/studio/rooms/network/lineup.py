"""Networks to draw and compare: one's own, and those of the papers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pellucid.ledger import Ledger

#: The network that the studio was opened with.
OWN = "own"


@dataclass(frozen=True)
class Entry:
    """A network that can be drawn without weights.

    Attributes:
        title: for people.
        name: in the registry.
        options: further arguments.
        like: whose usual input and classes it gets; empty: its own.
    """

    title: str
    name: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    like: str = ""


#: All by key. Those that are compared in the lecture stand together.
LINEUP: dict[str, Entry] = {
    OWN: Entry("Your network"),
    "googlenet": Entry("GoogLeNet, Inception with reduction", "googlenet"),
    "googlenet_naive": Entry("GoogLeNet, naive Inception", "googlenet_naive"),
    "alexnet": Entry("AlexNet, flatten and fully connected", "alexnet"),
    "alexnet_gap": Entry(
        "AlexNet with global average pooling",
        "headed",
        {"network": "alexnet", "head": "average"},
        "alexnet",
    ),
    "nin": Entry("Network in Network", "nin"),
    "lenet": Entry("LeNet-5", "lenet"),
    "compact": Entry("Pellucid's compact network", "compact"),
    "compact_flatten": Entry(
        "Compact, flatten and fully connected",
        "headed",
        {"network": "compact", "head": "flatten"},
        "compact",
    ),
    "efficientnet": Entry("EfficientNet-Lite0", "efficientnet_lite0"),
}
#: Pairs that are worth a look, with what to look for.
PAIRS: dict[str, tuple[str, str]] = {
    "Naive against reduced Inception": ("googlenet_naive", "googlenet"),
    "Flatten + fully connected against GAP": ("alexnet", "alexnet_gap"),
}


def outline(key: str) -> "Ledger":
    """The ledger of a network from the list, for its paper's input; without weights.

    >>> outline("alexnet").totals.parameters
    60965224
    """
    from pellucid.ledger import ledger
    from pellucid.models import Architecture, arguments_for, usual

    entry = LINEUP[key]
    plain = usual(entry.like or entry.name)
    side = plain.side
    arguments = arguments_for(
        entry.name, classes=plain.classes, channels=plain.channels, height=side, width=side
    )
    network = Architecture(entry.name, {**arguments, **entry.options}).outline()
    return ledger(network, (1, plain.channels, side, side))
