"""``alexnet``: two towers, overlapping pooling, local response normalisation, dropout.

Krizhevsky, Sutskever and Hinton 2012, ImageNet classification with deep convolutional neural
networks, section 3.5 and figure 2. Input: 3×227×227. (The paper says 224, from which no 55×55
maps come without padding; with 227 they do.)

======  ==========================================================  ==========  ===========
layer   what                                                        maps        parameters
======  ==========================================================  ==========  ===========
conv1   11×11, stride 4; ReLU, response norm, 3×3 max pooling /2    96×55×55    34,944
conv2   5×5, two towers; ReLU, response norm, 3×3 max pooling /2    256×27×27   307,456
conv3   3×3, across both towers; ReLU                               384×13×13   885,120
conv4   3×3, two towers; ReLU                                       384×13×13   663,936
conv5   3×3, two towers; ReLU, 3×3 max pooling /2                   256×13×13   442,624
fc6     linear; ReLU, dropout 0.5                                   4,096       37,752,832
fc7     linear; ReLU, dropout 0.5                                   4,096       16,781,312
fc8     linear                                                      1,000       4,097,000
======  ==========================================================  ==========  ===========

60,965,224 parameters ("60 million"), 659,272 outputs of these layers ("650,000 neurons"). The
towers ran on a graphics card each; a convolution in two groups computes the same. Weights start
normal with deviation 0.01, biases at 1 in conv2, conv4, conv5, fc6 and fc7, else at 0 (section 5).

``variant="single"`` is the single tower of Krizhevsky 2014 (One weird trick for parallelizing
convolutional neural networks) in the widths that torchvision's weights have: 64, 192, 384, 256,
256 maps, no groups, no response norm, two pixels of padding at conv1 (so 224 gives 55), and an
average over 6×6 fields before fc6. (The 2014 paper has 384 maps in conv4.) torchvision applies
dropout before fc6 and fc7 instead of after, which changes training only.

Deviations: none at 227. At other sizes fc6 of the paper's variant has as many inputs as there are.
"""

from torch import nn

from pellucid.layers import ConvUnit, FullyConnected, LocalResponseNorm, named, output_size
from pellucid.layers.initialise import initialise_gaussian, initialise_he
from pellucid.models.network import INITIALISATIONS, Network, check_option
from pellucid.models.registry import Usual, register

VARIANTS = ("paper", "single")
#: Layers whose biases start at 1.
_ONES = frozenset(
    {
        "trunk.conv2.conv",
        "trunk.conv4.conv",
        "trunk.conv5.conv",
        "head.hidden.linear1",
        "head.hidden.linear2",
    }
)


@register("alexnet", usual=Usual(side=227))
def alexnet(
    classes: int,
    channels: int,
    height: int,
    width: int,
    *,
    variant: str = "paper",
    initialisation: str = "paper",
) -> Network:
    """AlexNet. Shapes: (N, channels, height, width) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input; 3 in the paper.
        height: of the input, in pixels; 227 in the paper.
        width: of the input, in pixels.
        variant: ``paper`` (two towers) or ``single`` (one tower, torchvision's weights).
        initialisation: ``paper``, or ``he``, from which it learns where data are few.

    Raises:
        UsageError: the input is too small, or a word is unknown.

    >>> import torch
    >>> with torch.device("meta"):
    ...     network = alexnet(classes=1000, channels=3, height=227, width=227)
    >>> sum(p.numel() for p in network.parameters())
    60965224
    """
    check_option("alexnet", "variant", variant, VARIANTS)
    check_option("alexnet", "initialisation", initialisation, INITIALISATIONS)
    trunk = _two_towers(channels) if variant == "paper" else _single_tower(channels)
    size = output_size(trunk, (height, width), "alexnet")
    head = FullyConnected((256, *size), classes, hidden=(4096, 4096), dropout=0.5)
    network = Network("alexnet", channels, trunk, head)
    if initialisation == "paper":
        initialise_gaussian(network, 0.01, _ONES)
    else:
        initialise_he(network)
    return network


def _two_towers(channels: int) -> nn.Sequential:
    return named(
        {
            "conv1": ConvUnit(channels, 96, 11, stride=4),
            "norm1": LocalResponseNorm(),
            "pool1": nn.MaxPool2d(3, stride=2),
            "conv2": ConvUnit(96, 256, 5, padding=2, groups=2),
            "norm2": LocalResponseNorm(),
            "pool2": nn.MaxPool2d(3, stride=2),
            "conv3": ConvUnit(256, 384, 3, padding=1),
            "conv4": ConvUnit(384, 384, 3, padding=1, groups=2),
            "conv5": ConvUnit(384, 256, 3, padding=1, groups=2),
            "pool5": nn.MaxPool2d(3, stride=2),
        }
    )


def _single_tower(channels: int) -> nn.Sequential:
    return named(
        {
            "conv1": ConvUnit(channels, 64, 11, stride=4, padding=2),
            "pool1": nn.MaxPool2d(3, stride=2),
            "conv2": ConvUnit(64, 192, 5, padding=2),
            "pool2": nn.MaxPool2d(3, stride=2),
            "conv3": ConvUnit(192, 384, 3, padding=1),
            "conv4": ConvUnit(384, 256, 3, padding=1),
            "conv5": ConvUnit(256, 256, 3, padding=1),
            "pool5": nn.MaxPool2d(3, stride=2),
            "fields": nn.AdaptiveAvgPool2d(6),
        }
    )
