"""Initial weights have the deviation that their rule says."""

import math

import pytest
import torch
from torch import nn

from pellucid.layers import PartialConv2d, UnsharedConv2d
from pellucid.layers.initialise import (
    fan_in,
    initialise_gaussian,
    initialise_he,
    initialise_uniform,
)

LAYERS = {
    "grouped": (nn.Conv2d(64, 256, 3, groups=2), 32 * 9),
    "linear": (nn.Linear(300, 200), 300),
    "unshared": (UnsharedConv2d(4, 32, (12, 12), 5), 100),
}


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_fan_in_and_its_rules(name):
    layer, fan = LAYERS[name]
    torch.manual_seed(0)
    assert fan_in(layer) == fan
    initialise_he(layer)
    weight = layer.weight.detach()
    assert math.isclose(float(weight.std()), math.sqrt(2 / fan), rel_tol=0.03)
    assert not layer.bias.any()
    initialise_uniform(layer, 2.4)
    assert 0.99 < float(layer.weight.detach().abs().max()) * fan / 2.4 <= 1
    assert 0 < float(layer.bias.detach().abs().max()) * fan / 2.4 <= 1


def test_he_keeps_the_scale_through_layers_of_relu():
    torch.manual_seed(0)
    deep = nn.Sequential(*(part for _ in range(12) for part in (nn.Linear(400, 400), nn.ReLU())))
    initialise_he(deep)
    with torch.inference_mode():
        found = deep(torch.randn(200, 400))
    assert 0.3 < float(found.square().mean()) < 3


def test_partial_convolution_has_a_fan_in_for_every_map():
    torch.manual_seed(0)
    layer = PartialConv2d(40, [(0,), tuple(range(40))], 30)
    for rule, deviations in (
        (initialise_he, [math.sqrt(2 / 900), math.sqrt(2 / 36_000)]),
        (lambda part: initialise_uniform(part, 3.0), [math.sqrt(3) / 900, math.sqrt(3) / 36_000]),
    ):
        rule(layer)
        weight = layer.weight.detach()
        found = [float(weight[0].std()), float(weight[1:].std())]
        assert found == pytest.approx(deviations, rel=0.1)


def test_biases_are_one_only_where_named():
    network = nn.ModuleDict({"one": nn.Linear(2, 2), "two": nn.Linear(2, 2)})
    initialise_gaussian(network, 0.01, frozenset({"two"}))
    assert network["one"].bias.tolist() == [0, 0]
    assert network["two"].bias.tolist() == [1, 1]


def test_on_the_meta_device_nothing_is_done():
    with torch.device("meta"):
        network = nn.ModuleDict({"a": nn.Linear(2, 2), "b": PartialConv2d(2, [(0, 1)], 3)})
    for rule in (initialise_he, lambda part: initialise_uniform(part, 1.0)):
        rule(network)
    assert network["a"].weight.is_meta
