"""``lenet``: LeNet-5, the convolutional network that read cheques.

LeCun, Bottou, Bengio and Haffner 1998, Gradient-based learning applied to document recognition,
section II.B and figure 2. Input: 32×32 pixels, a 28×28 digit with a frame.

======  =================================================  ==========  ==========
layer   what                                               maps        parameters
======  =================================================  ==========  ==========
C1      5×5 convolution                                    6×28×28     156
S2      mean of 2×2, times a weight, plus a bias; tanh     6×14×14     12
C3      5×5 convolution, each map seeing 3, 4 or all 6     16×10×10    1,516
        (table I); most of a filter bank is left out
S4      as S2                                              16×5×5      32
C5      5×5 convolution on 5×5: one cell a map; tanh       120×1×1     48,120
F6      linear; tanh                                       84          10,164
output  linear                                             10          (850)
======  =================================================  ==========  ==========

The paper's 60,000 trainable parameters are those above the last row. Deviations:

* The output is a linear layer. The paper has the squared distance to ten fixed 7×12 drawings of
  the digits (no parameters), which is a code for digits only.
* The tanh is plain, the paper's is 1.7159·tanh(2/3·x).
* S2 takes the mean where the paper has the sum; the weight makes up for it.
* Inputs below 32 pixels get the frame here: two pixels of zeros around C1's input. Larger inputs
  make C5's maps larger, and F6 connects to all their cells.

Initial weights are the paper's: uniform in ±2.4 / fan-in (appendix A). From these the signal
fades towards the output, and some thousand steps pass before much is learnt: with a few thousand
images ``initialisation="he"`` does better.
"""

from torch import nn

from pellucid.layers import FullyConnected, PartialConv2d, named, output_size
from pellucid.layers.initialise import initialise_he, initialise_uniform
from pellucid.models.network import INITIALISATIONS, Network, check_option
from pellucid.models.registry import Usual, register

#: Table I: which maps of S2 each map of C3 sees.
TABLE = (
    *(tuple(sorted((first + step) % 6 for step in range(3))) for first in range(6)),
    *(tuple(sorted((first + step) % 6 for step in range(4))) for first in range(6)),
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)
#: The side that the paper's network takes without a frame.
_FIELD = 32


@register("lenet", usual=Usual(10, 1, 32))
def lenet(
    classes: int, channels: int, height: int, width: int, *, initialisation: str = "paper"
) -> Network:
    """LeNet-5. Shapes: (N, channels, height, width) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input; 1 in the paper.
        height: of the input, in pixels.
        width: of the input, in pixels.
        initialisation: ``paper``, or ``he``, from which it learns where data are few.

    Raises:
        UsageError: the input is too small, or the word is unknown.

    >>> network = lenet(classes=10, channels=1, height=32, width=32)
    >>> sum(p.numel() for p in network.parameters()) - 850
    60000
    """
    check_option("lenet", "initialisation", initialisation, INITIALISATIONS)
    frame = 2 if min(height, width) < _FIELD else 0
    trunk = named(
        {
            "c1": nn.Conv2d(channels, 6, 5, padding=frame),
            "s2": _subsampling(6),
            "c3": PartialConv2d(6, TABLE, 5),
            "s4": _subsampling(16),
            "c5": nn.Conv2d(16, 120, 5),
            "tanh5": nn.Tanh(),
        }
    )
    size = output_size(trunk, (height, width), "lenet")
    head = FullyConnected((120, *size), classes, hidden=(84,), activation=nn.Tanh)
    network = Network("lenet", channels, trunk, head)
    if initialisation == "paper":
        initialise_uniform(network, 2.4)
    else:
        initialise_he(network)
    return network


def _subsampling(maps: int) -> nn.Sequential:
    """Half the resolution; one weight and one bias a map, then tanh."""
    return named(
        {
            "mean": nn.AvgPool2d(2),
            "weigh": nn.Conv2d(maps, maps, 1, groups=maps),
            "tanh": nn.Tanh(),
        }
    )
