"""``googlenet_naive``: GoogLeNet with naive Inception modules, to see what the reductions save.

Szegedy et al. 2015, Going deeper with convolutions, figure 2a: "even a modest number of 5×5
convolutions can be prohibitively expensive", and once pooled maps are stacked as they are, every
module has more outputs than inputs. The paper draws this module and does not train it. Here it
stands in the nine places of table 1 with the table's 1×1, 3×3 and 5×5 filters:

=====  ======  ============  =============
part   inputs  feature maps  with reduction
=====  ======  ============  =============
3a     192     416           256
3b     416     832           480
4a     832     1,280         512
4b     1,280   1,728         512
4c     1,728   2,176         512
4d     2,176   2,640         528
4e     2,640   3,344         832
5a     3,344   4,048         832
5b     4,048   4,944         1,024
=====  ======  ============  =============

Stem and head are those of :mod:`pellucid.models.googlenet`; there are no auxiliary heads.
"""

from torch import nn

from pellucid.layers import GlobalAverageLinear, NaiveInception
from pellucid.models.googlenet import WIDTHS, add_modules, assemble, paper_stem
from pellucid.models.network import Network
from pellucid.models.registry import register


@register("googlenet_naive")
def googlenet_naive(classes: int, channels: int, height: int, width: int) -> Network:
    """GoogLeNet without reductions. Shapes: (N, channels, H, W) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input.
        height: of the input, in pixels; only checked: larger inputs are taken too.
        width: of the input, in pixels; likewise.

    Raises:
        UsageError: the input is too small.
    """
    layers = paper_stem(channels)
    maps = add_modules(layers, _module)
    head = GlobalAverageLinear(maps, classes, dropout=0.4)
    return assemble("googlenet_naive", channels, (height, width), layers, head)


def _module(name: str, inputs: int) -> tuple[nn.Module, int]:
    return NaiveInception(inputs, WIDTHS[name]), WIDTHS[name].naive_outputs(inputs)
