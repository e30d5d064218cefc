"""First filters computed from the images: what they answer is decorrelated and of one spread.

The filters are the principal axes of the training images' patches, each divided by the root of the
variance along it: a whitening of the patches (Coates, Ng and Lee 2011, section 3.2; as a network's
first layer: Page, "How to train your ResNet" 8, 2019). Every axis comes with both signs, since ReLU
keeps only what is positive (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds", section 3.3). There the
filters are fixed; here they learn on from that beginning.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.data.preprocessing import Preprocessing
from pellucid.training.learning.feed import Images

#: Images whose patches are looked at, evenly taken, and how many at once.
_IMAGES, _AT_ONCE = 1024, 64
#: Added to all variances, as a share of the largest: the finest patterns are mostly noise.
_FLOOR = 5e-4


@torch.no_grad()
def whiten_first_layer(network: nn.Module, images: Images, record: Preprocessing) -> None:
    """Give a network's first convolution whitening filters; those beyond two an axis stay random.

    Args:
        network: changed in place; batch norm follows its first layer, so that the scale of the
            filters, which are brought to the norm √outputs, means nothing.
        images: those to learn from are looked at.
        record: makes them the network's input.
    """
    first = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d))
    height, width = first.kernel_size
    covariance = patch_covariance(images, record, (height, width), first.stride[0])
    weight = first.weight.flatten(1).clone()  # a copy anyway where memory is channels-last
    filters = whitening_filters(covariance, len(weight) // 2).to(weight)
    weight[: 2 * len(filters)] = torch.cat([filters, -filters])
    weight *= len(weight) ** 0.5 / weight.norm()
    first.weight.copy_(weight.view_as(first.weight))


def patch_covariance(
    images: Images, record: Preprocessing, kernel: tuple[int, int], stride: int
) -> Tensor:
    """Covariance of the patches that a convolution sees in the training images.

    Args:
        images: up to 1,024 of those to learn from are looked at.
        record: makes them the network's input.
        kernel: height and width of a patch.
        stride: between patches, in pixels.

    Returns:
        (C·kh·kw, C·kh·kw) float64, in the order of a filter's weights.
    """
    step = max(1, len(images.train) // _IMAGES)
    chosen = np.sort(images.train)[::step]
    side = record.channels * kernel[0] * kernel[1]
    count, total, squares = 0, torch.zeros(side).double(), torch.zeros(side, side).double()
    for part in np.array_split(chosen, max(1, len(chosen) // _AT_ONCE)):
        batch = torch.from_numpy(record.tensor(images.at(part)[0].numpy()))
        patches = functional.unfold(batch, kernel, stride=stride).transpose(0, 1).flatten(1)
        count += patches.shape[1]
        total += patches.sum(1)
        squares += patches @ patches.T
    mean = total / count
    covariance: Tensor = squares / count - mean[:, None] * mean
    return covariance


def whitening_filters(covariance: Tensor, most: int) -> Tensor:
    """The axes of most variance, each divided by its standard deviation.

    Args:
        covariance: (n, n), symmetric.
        most: filters, at most; there are no more than n.

    Returns:
        (min(most, n), n), by falling variance v: the answers of each have the variance v / (v + ε),
        and no two are correlated. The largest number of each is positive, so that all workers of a
        training have the same.

    >>> whitening_filters(torch.diag(torch.tensor([1.0, 4.0])), 1).round(decimals=2)
    tensor([[0.0000, 0.5000]])
    """
    variances, axes = torch.linalg.eigh(covariance)
    variances, axes = variances.flip(0)[:most], axes.flip(1)[:, :most]
    largest = axes.abs().argmax(0, keepdim=True)
    axes = axes * axes.gather(0, largest).sign()
    floor = _FLOOR * variances[:1]
    filters: Tensor = (axes / torch.sqrt(variances.clamp_min(0) + floor)).T
    return filters
