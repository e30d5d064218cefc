"""Modules after one another, each with a name."""

from collections import OrderedDict
from collections.abc import Mapping

from torch import nn


def named(layers: Mapping[str, nn.Module]) -> nn.Sequential:
    """A sequence whose children have names: errors, ledgers and weight files then use them.

    >>> named({"conv1": nn.Conv2d(1, 2, 3), "pool1": nn.MaxPool2d(2)}).pool1.kernel_size
    2
    """
    return nn.Sequential(OrderedDict(layers))
