"""Layers as torch modules, one idea a file: the parts of which the networks are made."""

from pellucid.layers.branches import Branches
from pellucid.layers.heads import FullyConnected, GlobalAverage, GlobalAverageLinear
from pellucid.layers.inception import Inception, InceptionWidths, NaiveInception
from pellucid.layers.local_response_norm import LocalResponseNorm, local_response_norm
from pellucid.layers.mlpconv import MlpConv
from pellucid.layers.named import named
from pellucid.layers.partial import PartialConv2d
from pellucid.layers.rescale import Rescale
from pellucid.layers.residual import Residual
from pellucid.layers.same import SameConv2d
from pellucid.layers.sizes import Size, least_size, output_size
from pellucid.layers.unit import ConvUnit
from pellucid.layers.unshared import UnsharedConv2d

__all__ = [
    "Branches",
    "ConvUnit",
    "FullyConnected",
    "GlobalAverage",
    "GlobalAverageLinear",
    "Inception",
    "InceptionWidths",
    "LocalResponseNorm",
    "MlpConv",
    "NaiveInception",
    "PartialConv2d",
    "Rescale",
    "Residual",
    "SameConv2d",
    "Size",
    "UnsharedConv2d",
    "least_size",
    "local_response_norm",
    "named",
    "output_size",
]
