"""The networks against their papers' figures, counted independently and without weights.

Parameters are summed over tensors, multiply-adds are what torch's own counter sees in a forward
pass on meta tensors, sizes are those of the maps that really come out.
"""

import math
import sys

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from pellucid.layers import Inception, LocalResponseNorm, NaiveInception, PartialConv2d
from pellucid.models import (
    alexnet,
    alexnet_small,
    efficientnet_lite0,
    fully_connected,
    googlenet,
    googlenet_naive,
    googlenet_small,
    lenet,
    locally_connected,
    nin,
    nin_small,
)
from pellucid.models.googlenet import WIDTHS
from pellucid.models.lenet import TABLE


def meta(builder, *, side, channels=3, classes=1000, **options):
    if builder is not efficientnet_lite0:
        options |= {"height": side, "width": side}
    with torch.device("meta"):
        return builder(classes=classes, channels=channels, **options).eval()


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def weights(module):
    return sum(p.numel() for p in module.parameters() if p.ndim > 1)


def macs(module, *shape):
    with FlopCounterMode(display=False) as counter:
        module(torch.empty(shape, device="meta"))
    return counter.get_total_flops() // 2


def shapes(network, *shape):
    """Output (C, H, W) of each layer of the trunk, by name."""
    x = torch.empty(shape, device="meta")
    found = {}
    for name, layer in network.trunk.named_children():
        x = layer(x)
        found[name] = tuple(x.shape[1:])
    return found


def outputs_of_weighted_layers(network, *shape):
    counts = []
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.register_forward_hook(lambda _m, _i, y: counts.append(y[0].numel()))
    network(torch.empty(shape, device="meta"))
    return counts


def test_alexnet_has_60_million_parameters_and_650_thousand_neurons():
    network = meta(alexnet, side=227)
    assert parameters(network) == 60_965_224
    counts = outputs_of_weighted_layers(network, 1, 3, 227, 227)
    assert counts == [290_400, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]
    assert sum(counts) == 659_272
    assert macs(network, 1, 3, 227, 227) == 724_406_816


def test_alexnet_layers():
    network = meta(alexnet, side=227)
    sizes = shapes(network, 1, 3, 227, 227)
    assert sizes["conv1"] == (96, 55, 55) and sizes["pool1"] == (96, 27, 27)
    assert sizes["conv2"] == (256, 27, 27) and sizes["pool2"] == (256, 13, 13)
    assert sizes["pool5"] == (256, 6, 6)
    told = sys.modules[alexnet.__module__].__doc__
    for name in ("conv1", "conv2", "conv3", "conv4", "conv5"):
        assert f"{parameters(network.trunk.get_submodule(name)):,}" in told
    assert list(network.trunk)[1].k == 2  # response norm follows the first ReLU, then pooling


def test_alexnet_of_one_tower():
    network = meta(alexnet, side=224, variant="single")
    assert parameters(network) == 61_100_840
    assert shapes(network, 1, 3, 224, 224)["conv1"] == (64, 55, 55)
    assert not any("norm" in name for name, _ in network.named_modules())


def test_alexnet_starts_as_the_paper_says():
    torch.manual_seed(0)
    network = alexnet(classes=10, channels=3, height=67, width=67)
    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    for layer in layers[1:7]:
        assert math.isclose(float(layer.weight.detach().std()), 0.01, rel_tol=0.02)
        assert abs(float(layer.weight.detach().mean())) < 1e-4
    assert [set(layer.bias.tolist()) for layer in layers] == [
        {float(b)} for b in (0, 1, 0, 1, 1, 1, 1, 0)
    ]


def test_lenet_has_60_000_trainable_parameters_below_its_output():
    network = meta(lenet, side=32, channels=1, classes=10)
    parts = [network.trunk.get_submodule(name) for name in ("c1", "s2", "c3", "s4", "c5")]
    counts = [*map(parameters, parts), parameters(network.head.hidden)]
    assert counts == [156, 12, 1_516, 32, 48_120, 10_164]
    assert sum(counts) == 60_000
    assert shapes(network, 1, 1, 32, 32) == {
        "c1": (6, 28, 28),
        "s2": (6, 14, 14),
        "c3": (16, 10, 10),
        "s4": (16, 5, 5),
        "c5": (120, 1, 1),
        "tanh5": (120, 1, 1),
    }


def test_lenets_table_is_the_papers():
    """Rows with 3, 4 and 6 maps, and ten of the sixteen C3 maps see each S2 map (table I)."""
    assert [len(row) for row in TABLE] == [3] * 6 + [4] * 9 + [6]
    assert [sum(channel in row for row in TABLE) for channel in range(6)] == [10] * 6
    assert TABLE[4] == (0, 4, 5) and TABLE[11] == (0, 1, 2, 5) and TABLE[12] == (0, 1, 3, 4)


def test_lenet_starts_uniform_in_2_4_by_fan_in():
    torch.manual_seed(0)
    network = lenet(classes=10, channels=1, height=32, width=32)
    c3 = network.trunk.c3
    assert isinstance(c3, PartialConv2d)
    fans = [len(row) * 25 for row in TABLE for _ in row]
    share = c3.weight.detach().abs().amax((1, 2)) * torch.tensor(fans) / 2.4
    assert share.max() <= 1 and share.min() > 0.5
    assert 0.95 < float(network.trunk.c5.weight.detach().abs().max()) * 400 / 2.4 <= 1


@pytest.mark.parametrize(
    ("form", "side", "classes", "total", "last"),
    [("cifar", 32, 10, 966_986, (192, 8, 8)), ("imagenet", 224, 1000, 7_595_176, (1024, 6, 6))],
)
def test_nin(form, side, classes, total, last):
    network = meta(nin, side=side, classes=classes, form=form)
    assert parameters(network) == total
    sizes = shapes(network, 1, 3, side, side)
    assert list(sizes.values())[-1] == last
    assert f"{total:,}" in sys.modules[nin.__module__].__doc__
    if form == "cifar":
        assert sizes["pool1"] == (96, 16, 16) and sizes["pool2"] == (192, 8, 8)


def test_nins_scores_are_never_below_zero():
    network = nin(classes=4, channels=1, height=28, width=28).eval()
    scores = network(torch.randn(4, 1, 28, 28))
    assert scores.min() >= 0 < scores.max()


#: Table 1 of the paper: maps of each row, and its recounted weights and multiply-adds.
GOOGLENET = {
    "conv1": ((64, 112, 112), 9_408, 118_013_952),
    "pool1": ((64, 56, 56), 0, 0),
    "conv2": ((192, 56, 56), 110_592, 346_816_512),
    "pool2": ((192, 28, 28), 0, 0),
    "inception_3a": ((256, 28, 28), 163_328, 128_049_152),
    "inception_3b": ((480, 28, 28), 388_096, 304_267_264),
    "pool3": ((480, 14, 14), 0, 0),
    "inception_4a": ((512, 14, 14), 375_552, 73_608_192),
    "inception_4b": ((512, 14, 14), 448_512, 87_908_352),
    "inception_4c": ((512, 14, 14), 509_440, 99_850_240),
    "inception_4d": ((528, 14, 14), 604_672, 118_515_712),
    "inception_4e": ((832, 14, 14), 867_328, 169_996_288),
    "pool4": ((832, 7, 7), 0, 0),
    "inception_5a": ((832, 7, 7), 1_042_432, 51_079_168),
    "inception_5b": ((1024, 7, 7), 1_442_816, 70_697_984),
}


def test_googlenet_row_by_row():
    network = meta(googlenet, side=224)
    sizes = shapes(network, 1, 3, 224, 224)
    before = (3, 224, 224)
    told = sys.modules[googlenet.__module__].__doc__
    for name, layer in network.trunk.named_children():
        if name in GOOGLENET:
            shape, count, products = GOOGLENET[name]
            assert (sizes[name], weights(layer)) == (shape, count), name
            assert macs(layer, 1, *before) == products, name
            assert not count or f"{parameters(layer):,}" in told
        before = sizes[name]


def test_googlenet_in_all():
    network = meta(googlenet, side=224)
    assert macs(network, 1, 3, 224, 224) == 1_582_671_872
    assert parameters(network.trunk) + parameters(network.head) == 6_998_552
    assert list(network.auxiliary) == ["inception_4a", "inception_4d"]
    for name, maps in (("inception_4a", 512), ("inception_4d", 528)):
        expected = (maps + 1) * 128 + (4 * 4 * 128 + 1) * 1024 + 1025 * 1000
        assert parameters(network.auxiliary[name]) == expected
    kernels = {m.kernel_size for m in network.trunk.modules() if isinstance(m, nn.Conv2d)}
    assert kernels == {(1, 1), (3, 3), (5, 5), (7, 7)}


def test_the_naive_module_costs_more_than_twice_the_reduced_one():
    with torch.device("meta"):
        reduced, naive = Inception(192, WIDTHS["3a"]), NaiveInception(192, WIDTHS["3a"])
    image = (1, 192, 28, 28)
    assert macs(reduced, *image) == 128_049_152
    assert macs(naive, *image) == 303_464_448
    assert reduced(torch.empty(image, device="meta")).shape[1] == 256
    assert naive(torch.empty(image, device="meta")).shape[1] == 416


def test_googlenet_naive_grows_as_its_table_says():
    network = meta(googlenet_naive, side=224)
    sizes = shapes(network, 1, 3, 224, 224)
    maps = [sizes[f"inception_{name}"][0] for name in WIDTHS]
    assert maps == [416, 832, 1280, 1728, 2176, 2640, 3344, 4048, 4944]
    told = sys.modules[googlenet_naive.__module__].__doc__
    assert all(f"{count:,}" in told for count in maps)


def test_efficientnet_lite0_row_by_row():
    network = meta(efficientnet_lite0, side=224)
    assert parameters(network) == 4_652_008
    sizes = shapes(network, 1, 3, 224, 224)
    stages = {
        0: (16, 112),
        2: (24, 56),
        4: (40, 28),
        7: (80, 14),
        10: (112, 14),
        14: (192, 7),
        15: (320, 7),
    }
    told = sys.modules[efficientnet_lite0.__module__].__doc__
    first = 0
    for last, (maps, side) in stages.items():
        assert sizes[f"block{last}"] == (maps, side, side)
        blocks = [network.trunk.get_submodule(f"block{n}") for n in range(first, last + 1)]
        assert f"{sum(map(parameters, blocks)):,}" in told
        first = last + 1


@pytest.mark.parametrize("builder", [fully_connected, locally_connected])
def test_without_sharing_every_weight_makes_one_product(builder):
    network = meta(builder, side=28, channels=1, classes=10)
    biases = [p for name, p in network.named_parameters() if name.endswith("bias")]
    assert macs(network, 1, 1, 28, 28) == parameters(network) - sum(b.numel() for b in biases)


@pytest.mark.parametrize("builder", [alexnet_small, nin_small, googlenet_small])
def test_small_forms_keep_the_idea_and_their_norm_is_optional(builder):
    for norm in (True, False):
        network = meta(builder, side=64, classes=10, norm=norm)
        normed = any(isinstance(m, nn.BatchNorm2d) for m in network.modules())
        response = any(isinstance(m, LocalResponseNorm) for m in network.modules())
        assert normed is norm
        assert response is (not norm and builder is alexnet_small)
        assert shapes(network, 1, 3, 64, 64)[next(iter(network.trunk._modules))][1:] == (32, 32)
    groups = [m.groups for m in network.trunk.modules() if isinstance(m, nn.Conv2d)]
    assert builder is not alexnet_small or groups == [1, 2, 1, 2, 2]
