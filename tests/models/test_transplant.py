"""Weights for other classes, and batch norm folded, against the plain way."""

import pytest
import torch
from torch import nn

from pellucid.errors import BundleError, UsageError
from pellucid.models import (
    Architecture,
    class_tensors,
    efficientnet_lite0,
    folded,
    register,
    transplant,
)

SIZE = {"channels": 3, "height": 32, "width": 32}


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("lenet", {"head.scores.weight", "head.scores.bias"}),
        ("nin_small", {"head.maps.weight", "head.maps.bias"}),
    ],
)
def test_only_the_layers_of_the_scores_follow_from_the_classes(name: str, new: set[str]) -> None:
    arguments = {"classes": 4, **SIZE}
    assert class_tensors(Architecture(name, arguments)) == new


def test_everything_but_the_scores_is_taken() -> None:
    old = Architecture("lenet", {"classes": 7, **SIZE}).sample(1).state_dict()
    new = Architecture("lenet", {"classes": 3, **SIZE})
    network = transplant(new, old, "here", seed=2)
    assert not network.training
    fresh = new.sample(2).state_dict()
    for name, value in network.state_dict().items():
        assert torch.equal(value, (fresh if name.startswith("head.scores") else old)[name]), name


def test_what_does_not_fit_is_named() -> None:
    architecture = Architecture("lenet", {"classes": 3, **SIZE})
    tensors = architecture.sample(0).state_dict()
    del tensors["trunk.conv1.weight" if "trunk.conv1.weight" in tensors else min(tensors)]
    with pytest.raises(BundleError, match=r"here does not fit lenet: of its .* 1 are missing"):
        transplant(architecture, tensors, "here", seed=0)


def test_a_network_without_classes_is_refused() -> None:
    @register("classless")
    def classless() -> nn.Module:
        return nn.Linear(1, 1)

    with pytest.raises(UsageError, match="'classless' does not say how many classes"):
        class_tensors(Architecture("classless"))


def test_folding_changes_no_score() -> None:
    torch.manual_seed(0)
    network = efficientnet_lite0(classes=5, channels=3).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
    nn.init.normal_(network.head.scores.weight)
    x = torch.randn(2, 3, 65, 64)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with torch.inference_mode():
        expected, found = network(x), folded(network)(x)
    assert expected.abs().max() > 0.1
    assert torch.allclose(found, expected, rtol=1e-3, atol=1e-4 * expected.abs().max())
    assert not any(isinstance(m, nn.BatchNorm2d) for m in folded(network).modules())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_folding_leaves_a_norm_alone_that_follows_no_convolution() -> None:
    network = nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 2, 1), nn.ReLU(), nn.BatchNorm2d(2))
    assert [type(layer) for layer in folded(network)] == [type(layer) for layer in network]
