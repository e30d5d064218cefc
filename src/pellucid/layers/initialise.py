"""Initial weights, by the rule of a paper."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from pellucid.layers.partial import PartialConv2d
from pellucid.layers.unshared import UnsharedConv2d

Weighted = nn.Conv2d | nn.Linear | UnsharedConv2d


def weighted_layers(network: nn.Module) -> Iterator[tuple[str, Weighted]]:
    """Convolutions (shared or not) and linear layers with their names, in order.

    Those on the meta device are left out: they have nothing to fill, and torch's ``normal_`` would
    import its compiler for them, which takes more than a second.
    """
    for name, layer in network.named_modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear, UnsharedConv2d)) and not layer.weight.is_meta:
            yield name, layer


def fan_in(layer: Weighted) -> int:
    """Inputs of one output: channels of its group × taps of the kernel.

    >>> fan_in(nn.Conv2d(96, 256, 5, groups=2))
    1200
    """
    if isinstance(layer, UnsharedConv2d):
        return layer.weight.shape[1]
    return math.prod(layer.weight.shape[1:])


def initialise_he(network: nn.Module) -> None:
    """Normal with variance 2 / fan-in, biases 0: keeps the variance through ReLU layers.

    He et al. 2015, Delving deep into rectifiers, equation 10.
    """
    for _, layer in weighted_layers(network):
        nn.init.normal_(layer.weight, std=math.sqrt(2 / fan_in(layer)))
        _fill_bias(layer, 0.0)
    for partial in _partial_layers(network):
        pairs, _ = partial.fans_in()
        with torch.no_grad():
            partial.weight.normal_().mul_((2 / pairs).sqrt()[:, None, None])
            partial.bias.zero_()


def initialise_gaussian(network: nn.Module, std: float, ones: frozenset[str]) -> None:
    """Normal with one deviation for all layers; biases 1 in the layers named, else 0.

    Args:
        network: changed in place.
        std: of the weights.
        ones: names of layers.
    """
    for name, layer in weighted_layers(network):
        nn.init.normal_(layer.weight, std=std)
        _fill_bias(layer, 1.0 if name in ones else 0.0)


def initialise_uniform(network: nn.Module, numerator: float) -> None:
    """Uniform in ±numerator / fan-in, weights and biases (LeCun 1998, appendix A, has 2.4)."""
    for partial in _partial_layers(network):
        partial.reset_parameters(numerator)
    for _, layer in weighted_layers(network):
        bound = numerator / fan_in(layer)
        nn.init.uniform_(layer.weight, -bound, bound)
        if isinstance(layer.bias, Tensor):
            nn.init.uniform_(layer.bias, -bound, bound)


def _partial_layers(network: nn.Module) -> Iterator[PartialConv2d]:
    for layer in network.modules():
        if isinstance(layer, PartialConv2d) and not layer.weight.is_meta:
            yield layer


def _fill_bias(layer: Weighted, value: float) -> None:
    if isinstance(layer.bias, Tensor):
        nn.init.constant_(layer.bias, value)
