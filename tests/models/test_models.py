"""The registry and the default network."""

import numpy as np
import pytest
import torch
from torch import nn

from pellucid.errors import UsageError
from pellucid.models import Architecture, Compact, arguments_for, register, registered
from pellucid.models.compact import stage_widths


def test_a_name_and_arguments_rebuild_the_network() -> None:
    spec = Architecture("compact", {"classes": 3, "channels": 1, "widths": [4, 8]})
    torch.manual_seed(0)
    one = spec.build()
    torch.manual_seed(0)
    two = spec.build()
    assert one.state_dict().keys() == two.state_dict().keys()
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_an_unknown_name_is_met_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'compact'"):
        Architecture("compat").build()


def test_wrong_arguments_are_one_sentence() -> None:
    with pytest.raises(UsageError, match="'compact' does not take"):
        Architecture("compact", {"depth": 3}).build()


def test_a_taken_name_is_refused() -> None:
    with pytest.raises(UsageError, match="taken by pellucid"):

        @register("compact")
        class Other(nn.Module):
            pass

    assert "compact" in registered()


@pytest.mark.parametrize(("side", "stages"), [(8, 1), (12, 2), (28, 3), (64, 4), (128, 5)])
def test_stages_follow_the_size(side: int, stages: int) -> None:
    widths = stage_widths(4, side, side)
    assert len(widths) == stages
    network = Compact(classes=2, channels=3, widths=widths).eval()
    assert network(torch.zeros(1, 3, side, side)).shape == (1, 2)


def test_scores_are_the_means_of_the_class_maps() -> None:
    """Which makes the class activation map exact; recomputed in float64 from the features."""
    torch.manual_seed(0)
    network = Compact(classes=3, channels=1, widths=[4, 8]).eval()
    nn.init.normal_(network.head.maps.weight)
    image = torch.randn(2, 1, 20, 20)
    features = network.stages(network.stem(image)).detach().double().numpy()
    weight = network.head.maps.weight.detach().double().numpy()[:, :, 0, 0]
    expected = np.einsum("kc,nchw->nk", weight, features) / features.shape[2] / features.shape[3]
    assert np.allclose(network(image).detach().numpy(), expected, rtol=1e-4, atol=1e-5)


def test_arguments_follow_the_signature() -> None:
    @register("test-only-a-size")
    def sized(classes: int, channels: int, height: int, width: int, depth: int = 2) -> nn.Module:
        return nn.Linear(height * width * channels * depth, classes)

    @register("test-needs-more", suited=lambda height, width: {"cells": height * width})
    def needy(classes: int, cells: int, colour: str) -> nn.Module:
        return nn.Linear(cells, classes)

    size = {"classes": 5, "channels": 3, "height": 8, "width": 6}
    assert arguments_for("test-only-a-size", **size) == size
    assert arguments_for("compact", **size) == {"classes": 5, "channels": 3, "widths": [32]}
    with pytest.raises(UsageError, match="'test-needs-more' needs colour, which"):
        arguments_for("test-needs-more", **size)
    with pytest.raises(UsageError, match="did you mean 'alexnet'"):
        arguments_for("alexnett", **size)
