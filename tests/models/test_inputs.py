"""What the networks take and refuse, all of them alike."""

import json

import pytest
import torch
from torch import nn

from pellucid import models
from pellucid.errors import UsageError
from pellucid.models import Architecture, Network, arguments_for, googlenet, registered

#: But ``headed``, which is another of them with a head that is not its own.
OWN = [
    name
    for name in registered()
    if (hasattr(models, name) or name == "compact") and name != "headed"
]
#: The least side of each network that needs one.
LEAST = {
    "alexnet": 67,
    "alexnet_small": 15,
    "googlenet": 79,
    "googlenet_naive": 31,
    "googlenet_small": 4,
    "lenet": 28,
    "nin": 4,
    "nin_small": 4,
}
AT_28 = [name for name in OWN if LEAST.get(name, 0) <= 28]


def build(name, height, width, channels=1, device="cpu"):
    arguments = arguments_for(name, classes=3, channels=channels, height=height, width=width)
    with torch.device(device):
        return Architecture(name, arguments).build()


def test_there_are_the_networks_that_the_lecture_names():
    assert set(OWN) == set(AT_28) | {"alexnet", "googlenet", "googlenet_naive"}
    assert len(OWN) == 12


@pytest.mark.parametrize("name", AT_28)
def test_a_28_pixel_gray_image_goes_through_in_evaluation_and_in_training(name):
    network = build(name, 28, 28)
    scores = network.train()(torch.randn(2, 1, 28, 28))
    scores.square().sum().backward()
    assert scores.shape == (2, 3)
    assert torch.isfinite(network.eval()(torch.randn(1, 1, 28, 28))).all()


@pytest.mark.parametrize("name", sorted(LEAST))
def test_the_least_size_is_taken_and_less_is_refused_when_built(name):
    least = LEAST[name]
    network = build(name, least, least + 30, device="meta").eval()
    assert network(torch.empty(1, 1, least, least + 30, device="meta")).shape == (1, 3)
    for size in ((least - 1, least + 30), (least + 30, least - 1)):
        with pytest.raises(
            UsageError, match=rf"{name}.* at least \d+×\d+ pixels.* layer '"
        ) as error:
            build(name, *size, device="meta")
        assert f"found {size[0]}×{size[1]}" in str(error.value)


@pytest.mark.parametrize("name", ["alexnet", "nin", "googlenet_small", "lenet", "compact"])
def test_a_tensor_too_small_is_refused_when_it_arrives(name):
    network = build(name, 67, 67, device="meta").eval()
    with pytest.raises(UsageError, match=rf"{name} needs an input of at least .* layer '"):
        network(torch.empty(1, 1, 2, 2, device="meta"))


@pytest.mark.parametrize("name", OWN)
def test_other_channels_and_axes_are_refused(name):
    network = build(name, 96, 96, channels=3, device="meta").eval()
    for shape, found in (((1, 1, 96, 96), "1×1×96×96"), ((3, 96, 96), "3×96×96")):
        with pytest.raises(UsageError, match=f"{name} takes a tensor N×3×H×W, found {found}"):
            network(torch.empty(shape, device="meta"))


@pytest.mark.parametrize("name", ["alexnet", "fully_connected", "locally_connected", "lenet"])
def test_networks_of_one_size_refuse_another(name):
    network = build(name, 99, 99, device="meta").eval()
    with pytest.raises(UsageError, match=r"expected N×\d+×\d+×\d+.*found N×"):
        network(torch.empty(1, 1, 150, 150, device="meta"))


@pytest.mark.parametrize("name", [n for n in OWN if n not in ("alexnet", "googlenet_naive")])
@pytest.mark.parametrize(("height", "width"), [(96, 96), (128, 81)])
def test_colour_images_of_many_sizes(name, height, width):
    network = build(name, height, width, channels=3, device="meta")
    assert network(torch.empty(2, 3, height, width, device="meta")).shape == (2, 3)


@pytest.mark.parametrize("name", OWN)
def test_arguments_are_plain_and_rebuild_the_network(name):
    arguments = arguments_for(name, classes=3, channels=1, height=96, width=96)
    again = json.loads(json.dumps(arguments))
    assert again == arguments
    with torch.device("meta"):
        one, two = Architecture(name, arguments).build(), Architecture(name, again).build()
    shapes = [{k: v.shape for k, v in network.state_dict().items()} for network in (one, two)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", OWN)
def test_the_last_layer_makes_the_scores(name):
    """Calibration scales it and the optimiser leaves it alone: it must not be an auxiliary one."""
    network = build(name, 96, 96, device="meta")
    last = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))][-1]
    inside = dict(network.head.named_modules()).values()
    assert any(last is module for module in inside)
    assert len(last.weight) == 3


def test_auxiliary_scores_are_those_of_the_heads_on_the_modules_of_their_names():
    torch.manual_seed(0)
    network = googlenet(classes=3, channels=1, height=80, width=80).eval()
    maps = {}
    for name in ("inception_4a", "inception_4d"):
        layer = network.trunk.get_submodule(name)
        layer.register_forward_hook(lambda _m, _i, y, name=name: maps.update({name: y}))
    x = torch.randn(2, 1, 80, 80)
    with torch.inference_mode():
        scores, others = network.auxiliary_scores(x)
        assert torch.equal(scores, network(x))
        for name, found in others.items():
            assert torch.equal(found, network.auxiliary[name](maps[name]))
    assert list(others) == ["inception_4a", "inception_4d"]


def test_without_auxiliary_heads_googlenet_takes_less():
    network = googlenet(classes=3, channels=1, height=31, width=31, auxiliary=False)
    assert isinstance(network, Network) and len(network.auxiliary) == 0


@pytest.mark.parametrize(
    ("name", "option", "says"),
    [
        ("alexnet", {"variant": "papper"}, "variant is one of paper, single, not 'papper'"),
        ("alexnet", {"initialisation": "xavier"}, "initialisation is one of paper, he"),
        ("nin", {"form": "mnist"}, "form is one of cifar, imagenet"),
        ("googlenet", {"variant": "v3"}, "variant is one of paper, torchvision"),
        ("googlenet", {"transform_input": True}, "for 3 channels, not 1"),
        ("locally_connected", {"widths": []}, "one to 4 layers, found 0"),
    ],
)
def test_unknown_words_are_one_sentence(name, option, says):
    arguments = arguments_for(name, classes=3, channels=1, height=96, width=96)
    with torch.device("meta"), pytest.raises(UsageError, match=says):
        Architecture(name, arguments | option).build()
