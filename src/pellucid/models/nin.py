"""``nin``: Network in Network, small perceptrons for filters and class maps for a head.

Lin, Chen and Yan 2013, Network in Network, section 3.3 and figure 2: mlpconv layers with max
pooling and dropout between them; the last mlpconv makes one map per class, whose mean is the
class's score (section 3.2). The paper leaves the widths to the authors' published definitions,
which are these (each mlpconv: k×k, then two 1×1 convolutions, ReLU after each):

==========  =========================  ==========  ===============================  ==========
layer       ``cifar``, 32×32           maps        ``imagenet``, 224×224            maps
==========  =========================  ==========  ===============================  ==========
mlpconv1    5×5: 192, 160, 96          96×32×32    11×11, stride 4: 96, 96, 96      96×54×54
pool1       3×3 max /2, dropout 0.5    96×16×16    3×3 max /2                       96×27×27
mlpconv2    5×5: 192, 192, 192         192×16×16   5×5: 256, 256, 256               256×27×27
pool2       3×3 max /2, dropout 0.5    192×8×8     3×3 max /2                       256×13×13
mlpconv3    3×3: 192, 192, K           K×8×8       3×3: 384, 384, 384               384×13×13
pool3                                              3×3 max /2, dropout 0.5          384×6×6
mlpconv4                                           3×3: 1024, 1024, K               K×6×6
head        mean of each class map     K           mean of each class map           K
parameters  966,986 for K = 10                     7,595,176 for K = 1,000
==========  =========================  ==========  ===============================  ==========

The last 1×1 convolution belongs to the head here (``head.maps``), its ReLU included. Pooling
rounds up, so that it halves 32 to 16 as the paper says. Deviations: the published definition for
CIFAR-10 has average pooling in pool2, the paper says max; the paper does not say how the weights
start ("manually"), here it is He's rule.
"""

from torch import nn

from pellucid.layers import GlobalAverage, MlpConv, named, output_size
from pellucid.layers.initialise import initialise_he
from pellucid.models.network import Network, check_option
from pellucid.models.registry import SMALL_IMAGES, register

FORMS = ("cifar", "imagenet")


@register("nin", usual=SMALL_IMAGES)
def nin(classes: int, channels: int, height: int, width: int, *, form: str = "cifar") -> Network:
    """Network in Network. Shapes: (N, channels, H, W) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input; 3 in the paper.
        height: of the input, in pixels; only checked: larger inputs are taken too.
        width: of the input, in pixels; likewise.
        form: ``cifar`` or ``imagenet``.

    Raises:
        UsageError: the input is too small, or the form is unknown.

    >>> network = nin(classes=10, channels=3, height=32, width=32)
    >>> sum(p.numel() for p in network.parameters())
    966986
    """
    check_option("nin", "form", form, FORMS)
    trunk, maps = _cifar(channels) if form == "cifar" else _imagenet(channels)
    output_size(trunk, (height, width), "nin")
    network = Network("nin", channels, trunk, GlobalAverage(maps, classes, rectify=True))
    initialise_he(network)
    return network


def _cifar(channels: int) -> tuple[nn.Sequential, int]:
    return named(
        {
            "mlpconv1": MlpConv(channels, (192, 160, 96), 5, padding=2),
            "pool1": _pool(),
            "dropout1": nn.Dropout(0.5),
            "mlpconv2": MlpConv(96, (192, 192, 192), 5, padding=2),
            "pool2": _pool(),
            "dropout2": nn.Dropout(0.5),
            "mlpconv3": MlpConv(192, (192, 192), 3, padding=1),
        }
    ), 192


def _imagenet(channels: int) -> tuple[nn.Sequential, int]:
    return named(
        {
            "mlpconv1": MlpConv(channels, (96, 96, 96), 11, stride=4),
            "pool1": _pool(),
            "mlpconv2": MlpConv(96, (256, 256, 256), 5, padding=2),
            "pool2": _pool(),
            "mlpconv3": MlpConv(256, (384, 384, 384), 3, padding=1),
            "pool3": _pool(),
            "dropout3": nn.Dropout(0.5),
            "mlpconv4": MlpConv(384, (1024, 1024), 3, padding=1),
        }
    ), 1024


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)
