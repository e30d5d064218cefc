"""``googlenet``: nine Inception modules, an average for a head, two auxiliary heads to train by.

Szegedy et al. 2015, Going deeper with convolutions, table 1 and figure 3. Input: 3×224×224.

=============  ===========================================  ===========  ==========  =========
layer          what                                         maps         parameters  M MACs
=============  ===========================================  ===========  ==========  =========
conv1          7×7, stride 2; ReLU                          64×112×112   9,472       118.0
pool1, norm1   3×3 max /2; response norm                    64×56×56
reduce2        1×1; ReLU                                    64×56×56     4,160       12.8
conv2, norm2   3×3; ReLU, response norm                     192×56×56    110,784     346.8
pool2          3×3 max /2                                   192×28×28
inception_3a   see :data:`WIDTHS`                           256×28×28    163,696     128.0
inception_3b                                                480×28×28    388,736     304.3
pool3          3×3 max /2                                   480×14×14
inception_4a                                                512×14×14    376,176     73.6
inception_4b                                                512×14×14    449,160     87.9
inception_4c                                                512×14×14    510,104     99.9
inception_4d                                                528×14×14    605,376     118.5
inception_4e                                                832×14×14    868,352     170.0
pool4          3×3 max /2                                   832×7×7
inception_5a                                                832×7×7      1,043,456   51.1
inception_5b                                                1024×7×7     1,444,080   70.7
head           mean of each map, dropout 0.4, linear        1,000        1,025,000   1.0
=============  ===========================================  ===========  ==========  =========

6,998,552 parameters, 1,583 million multiply-adds. Pooling rounds up: 112, 56, 28, 14, 7.

The auxiliary heads ``4a`` and ``4d`` (section 5) stand on those modules' outputs: 5×5 average
pooling with stride 3, a 1×1 convolution to 128 maps, a hidden layer of 1,024 units, dropout 0.7,
scores. In training their losses count 0.3 each; a prediction does not use them.

``variant="torchvision"`` is the network of torchvision's weights: batch norm (ε = 0.001) and no
bias in every convolution, no response norm, 3×3 kernels where the paper has 5×5, 2×2 windows in
pool4, auxiliary heads that average to 4×4, dropout 0.2. Its weights expect pixels normalised by
mean and deviation 0.5; ``transform_input=True`` converts those normalised by ImageNet's, as
torchvision does by default with these weights. (Its auxiliary heads came without training, and
some of its versions return the two in the wrong order; here they have names.)

Deviations of the paper's variant: the paper gives no numbers for response norm (AlexNet's are
used) and none for the initial weights (He's rule). At other sizes the auxiliary heads have as many
inputs as there are.
"""

from collections.abc import Callable

from torch import nn

from pellucid.errors import UsageError
from pellucid.layers import (
    ConvUnit,
    FullyConnected,
    GlobalAverageLinear,
    Inception,
    InceptionWidths,
    LocalResponseNorm,
    Rescale,
    Size,
    named,
    output_size,
)
from pellucid.layers.initialise import initialise_he
from pellucid.models.network import Network, check_option
from pellucid.models.registry import register

VARIANTS = ("paper", "torchvision")
#: Table 1's filters: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection.
WIDTHS = {
    "3a": InceptionWidths(64, 96, 128, 16, 32, 32),
    "3b": InceptionWidths(128, 128, 192, 32, 96, 64),
    "4a": InceptionWidths(192, 96, 208, 16, 48, 64),
    "4b": InceptionWidths(160, 112, 224, 24, 64, 64),
    "4c": InceptionWidths(128, 128, 256, 24, 64, 64),
    "4d": InceptionWidths(112, 144, 288, 32, 64, 64),
    "4e": InceptionWidths(256, 160, 320, 32, 128, 128),
    "5a": InceptionWidths(256, 160, 320, 32, 128, 128),
    "5b": InceptionWidths(384, 192, 384, 48, 128, 128),
}
#: Trunk layers with an auxiliary head, and their feature maps.
TAPS = {"inception_4a": 512, "inception_4d": 528}
#: The normalisation that torchvision's callers apply.
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_TORCHVISION_EPS = 0.001

Layers = dict[str, nn.Module]
#: Makes the Inception module of a name for so many inputs; gives it and its outputs.
Maker = Callable[[str, int], tuple[nn.Module, int]]


@register("googlenet")
def googlenet(
    classes: int,
    channels: int,
    height: int,
    width: int,
    *,
    variant: str = "paper",
    auxiliary: bool = True,
    transform_input: bool = False,
) -> Network:
    """GoogLeNet. Shapes: (N, channels, height, width) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input; 3 in the paper.
        height: of the input, in pixels; 224 in the paper.
        width: of the input, in pixels.
        variant: ``paper``, or ``torchvision`` for its weights.
        auxiliary: whether there are auxiliary heads, for training.
        transform_input: convert channels normalised by ImageNet's mean and deviation.

    Raises:
        UsageError: the input is too small, or the variant is unknown.

    >>> import torch
    >>> with torch.device("meta"):
    ...     network = googlenet(classes=1000, channels=3, height=224, width=224)
    >>> sum(p.numel() for part in (network.trunk, network.head) for p in part.parameters())
    6998552
    """
    check_option("googlenet", "variant", variant, VARIANTS)
    layers: Layers = {"rescale": _rescale(channels)} if transform_input else {}
    if variant == "paper":
        layers |= paper_stem(channels)
        maps = add_modules(layers, _module)
        heads = _auxiliary_heads(layers, (height, width), classes) if auxiliary else {}
        head = GlobalAverageLinear(maps, classes, dropout=0.4)
    else:
        layers |= _torchvision_stem(channels)
        maps = add_modules(layers, _torchvision_module, nn.MaxPool2d(2, stride=2, ceil_mode=True))
        heads = _torchvision_heads(classes) if auxiliary else {}
        head = GlobalAverageLinear(maps, classes, dropout=0.2)
    return assemble("googlenet", channels, (height, width), layers, head, auxiliary=heads)


def assemble(
    name: str,
    channels: int,
    size: Size,
    layers: Layers,
    head: nn.Module,
    *,
    auxiliary: Layers | None = None,
) -> Network:
    """The network of a trunk's layers, a head and auxiliary heads, with He's initial weights.

    Raises:
        UsageError: the input is too small.
    """
    trunk = named(layers)
    output_size(trunk, size, name)
    network = Network(name, channels, trunk, head, auxiliary)
    initialise_he(network)
    return network


def paper_stem(channels: int) -> Layers:
    """What comes before the first Inception module: (N, channels, H, W) to (N, 192, H/8, W/8)."""
    return {
        "conv1": ConvUnit(channels, 64, 7, stride=2, padding=3),
        "pool1": overlapping_pool(),
        "norm1": LocalResponseNorm(),
        "reduce2": ConvUnit(64, 64, 1),
        "conv2": ConvUnit(64, 192, 3, padding=1),
        "norm2": LocalResponseNorm(),
        "pool2": overlapping_pool(),
    }


def add_modules(layers: Layers, make: Maker, pool4: nn.Module | None = None) -> int:
    """Add the nine modules, and the pooling before 4a and 5a, to the layers of a stem.

    Returns:
        Feature maps of the last one.
    """
    maps = 192
    for name in WIDTHS:
        if name == "4a":
            layers["pool3"] = overlapping_pool()
        if name == "5a":
            layers["pool4"] = pool4 or overlapping_pool()
        layers[f"inception_{name}"], maps = make(name, maps)
    return maps


def overlapping_pool() -> nn.MaxPool2d:
    """3×3 max pooling with stride 2 that rounds up: 112 to 56, 56 to 28, 28 to 14, 14 to 7."""
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


def _module(name: str, inputs: int) -> tuple[nn.Module, int]:
    return Inception(inputs, WIDTHS[name]), WIDTHS[name].outputs


def _auxiliary_heads(layers: Layers, size: Size, classes: int) -> Layers:
    """The paper's auxiliary heads by the layer that they stand on, for one size of input."""
    heads: Layers = {}
    before: Layers = {}
    for name, layer in layers.items():
        before[name] = layer
        if name in TAPS:
            pool = nn.AvgPool2d(5, stride=3)
            to_pool = named({**before, f"auxiliary_{name}_pool": pool})
            pooled = output_size(to_pool, size, "googlenet with auxiliary heads")
            heads[name] = _auxiliary(pool, ConvUnit(TAPS[name], 128, 1), pooled, classes)
    return heads


def _auxiliary(pool: nn.Module, conv: ConvUnit, size: Size, classes: int) -> nn.Module:
    """Pool, 128 maps, 1,024 hidden units, scores: (N, C, H, W) to (N, classes)."""
    full = FullyConnected((128, *size), classes, hidden=(1024,), dropout=0.7)
    return named({"pool": pool, "conv": conv, "full": full})


def _torchvision_stem(channels: int) -> Layers:
    return {
        "conv1": _normed(channels, 64, 7, stride=2, padding=3),
        "pool1": overlapping_pool(),
        "reduce2": _normed(64, 64, 1),
        "conv2": _normed(64, 192, 3, padding=1),
        "pool2": overlapping_pool(),
    }


def _torchvision_module(name: str, inputs: int) -> tuple[nn.Module, int]:
    module = Inception(inputs, WIDTHS[name], norm=True, eps=_TORCHVISION_EPS, five=3)
    return module, WIDTHS[name].outputs


def _torchvision_heads(classes: int) -> Layers:
    return {
        name: _auxiliary(nn.AdaptiveAvgPool2d(4), _normed(maps, 128, 1), (4, 4), classes)
        for name, maps in TAPS.items()
    }


def _normed(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, padding: int = 0
) -> ConvUnit:
    return ConvUnit(
        inputs, outputs, kernel, stride=stride, padding=padding, norm=True, eps=_TORCHVISION_EPS
    )


def _rescale(channels: int) -> Rescale:
    """From (x − mean) / std with ImageNet's mean and deviation to (x − 0.5) / 0.5."""
    if channels != len(_MEAN):
        raise UsageError(f"googlenet: transform_input is for 3 channels, not {channels}.")
    gain = [std / 0.5 for std in _STD]
    return Rescale(gain, [(mean - 0.5) / 0.5 for mean in _MEAN])
