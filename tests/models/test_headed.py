"""Another head on a network's trunk."""

import pytest
import torch

from pellucid.errors import UsageError
from pellucid.models import HEADS, Architecture

SIZE = {"classes": 7, "channels": 3, "height": 28, "width": 32}


@pytest.mark.parametrize("network", ["compact", "nin_small", "googlenet_small", "alexnet_small"])
@pytest.mark.parametrize("head", HEADS)
def test_any_trunk_takes_any_head(network: str, head: str) -> None:
    built = Architecture("headed", {**SIZE, "network": network, "head": head}).build().eval()
    images = torch.zeros(2, 3, 28, 32)
    assert built(images).shape == (2, 7)
    assert list(built._modules)[-1] == "head", "the layer that makes the scores stays the last"


def test_heads_share_the_trunk_and_differ_in_parameters() -> None:
    built = [Architecture("headed", {**SIZE, "head": head}).build() for head in HEADS]
    trunks = [
        {name: tuple(value.shape) for name, value in one.named_parameters() if "head" not in name}
        for one in built
    ]
    assert trunks[0] == trunks[1] == trunks[2] != {}
    counts = [sum(p.numel() for p in one.head.parameters()) for one in built]
    maps, rows, columns = 128, 3, 4
    hidden = (maps * rows * columns + 1) * 128 + 129 * 7
    assert counts == [hidden, (maps + 1) * 7, (maps + 1) * 7]


def test_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="head is one of flatten, average, linear"):
        Architecture("headed", {**SIZE, "head": "gap"}).build()
    with pytest.raises(UsageError, match="unknown model 'nix'"):
        Architecture("headed", {**SIZE, "network": "nix"}).build()
