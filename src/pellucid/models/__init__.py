"""Networks and the registry that rebuilds any of them by name and plain arguments."""

from pellucid.models.alexnet import alexnet
from pellucid.models.alexnet_small import alexnet_small
from pellucid.models.compact import Compact
from pellucid.models.efficientnet_lite0 import efficientnet_lite0
from pellucid.models.fold import folded
from pellucid.models.foreign import (
    EFFICIENTNET_LITE0,
    TORCHVISION_ALEXNET,
    TORCHVISION_GOOGLENET,
)
from pellucid.models.fully_connected import fully_connected
from pellucid.models.googlenet import googlenet
from pellucid.models.googlenet_naive import googlenet_naive
from pellucid.models.googlenet_small import googlenet_small
from pellucid.models.headed import HEADS, headed
from pellucid.models.lenet import lenet
from pellucid.models.locally_connected import locally_connected
from pellucid.models.network import Network
from pellucid.models.nin import nin
from pellucid.models.nin_small import nin_small
from pellucid.models.registry import (
    Architecture,
    Usual,
    arguments_for,
    channels_last,
    home,
    register,
    registered,
    usual,
)
from pellucid.models.transplant import check_fit, class_tensors, transplant
from pellucid.models.weights import load_weights

__all__ = [
    "EFFICIENTNET_LITE0",
    "HEADS",
    "TORCHVISION_ALEXNET",
    "TORCHVISION_GOOGLENET",
    "Architecture",
    "Compact",
    "Network",
    "Usual",
    "alexnet",
    "alexnet_small",
    "arguments_for",
    "channels_last",
    "check_fit",
    "class_tensors",
    "efficientnet_lite0",
    "folded",
    "fully_connected",
    "googlenet",
    "googlenet_naive",
    "googlenet_small",
    "headed",
    "home",
    "lenet",
    "load_weights",
    "locally_connected",
    "nin",
    "nin_small",
    "register",
    "registered",
    "transplant",
    "usual",
]
