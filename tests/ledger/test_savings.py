"""What sharing, 1×1 reductions and pooling save: against layers that were really built."""

import pytest
import torch
from tests.ledger.plain_networks import Calls
from tests.ledger.real_run import real_macs
from torch import Tensor, nn

from pellucid.ledger import ledger


def parameters(*layers: nn.Module) -> int:
    return sum(p.numel() for layer in layers for p in layer.parameters())


@pytest.mark.parametrize("bias", [True, False])
def test_the_fully_connected_equivalent_is_a_linear_layer(bias: bool) -> None:
    conv = nn.Conv2d(4, 6, 3, 2, 1, groups=2, bias=bias)
    output = conv(torch.rand(1, 4, 7, 9))
    found = ledger(conv, (1, 4, 7, 9)).rows[1].sharing
    assert found is not None
    assert found.connected == parameters(nn.Linear(4 * 7 * 9, output.numel(), bias))
    positions = output.shape[2] * output.shape[3]  # each with a convolution of its own
    assert found.local == positions * parameters(conv)
    assert found.shared == parameters(conv)
    assert found.factor == found.connected / found.shared
    assert found.local_factor == positions


def test_the_lectures_two_filters() -> None:
    found = ledger(nn.Conv2d(3, 2, 3, bias=False), (1, 3, 6, 6)).rows[1].sharing
    assert found is not None and (found.shared, found.local) == (54, 54 * 16)


def test_reductions_against_the_network_without_them() -> None:
    def build(reduced: bool) -> list[nn.Module]:
        first = [nn.Conv2d(12, 3, 1), nn.BatchNorm2d(3), nn.ReLU()] if reduced else []
        return [*first, nn.Conv2d(3 if reduced else 12, 8, 5, padding=2)]

    account = ledger(nn.Sequential(*build(True)), (1, 12, 7, 7))
    [found] = account.reductions
    image = torch.rand(1, 12, 7, 7)
    one, *_, larger = build(True)
    [alone] = build(False)
    assert (found.name, found.larger, found.channels) == ("0", "3", (12, 3))
    assert found.macs == real_macs(nn.Sequential(*build(True)), image)
    assert found.macs_without == real_macs(alone, image)
    assert found.parameters == parameters(one, larger)
    assert found.parameters_without == parameters(alone)
    assert found.factor == found.macs_without / found.macs > 1


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Conv2d(4, 8, 1), nn.Conv2d(8, 4, 3)],  # widens
        [nn.Conv2d(8, 4, 1), nn.Conv2d(4, 4, 1)],  # nothing larger follows
        [nn.Conv2d(8, 4, 1), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3)],  # the maps differ
        [nn.Conv2d(8, 4, 3, padding=1), nn.Conv2d(4, 4, 3)],
    ],
)
def test_what_is_no_reduction(layers: list[nn.Module]) -> None:
    assert ledger(nn.Sequential(*layers), (1, layers[0].in_channels, 9, 9)).reductions == ()


def _pooled(net: Calls, x: Tensor) -> Tensor:
    return net.score(net.conv(x).mean((2, 3)))


@pytest.mark.parametrize(
    ("network", "actual"),
    [
        (Calls(_pooled, conv=nn.Conv2d(1, 6, 3), score=nn.Linear(6, 4)), 28),
        (nn.Sequential(nn.Conv2d(1, 6, 3), nn.Flatten(), nn.Linear(216, 4)), 868),
        (
            nn.Sequential(
                nn.Conv2d(1, 6, 3), nn.Conv2d(6, 4, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()
            ),
            28,
        ),
    ],
)
def test_heads(network: nn.Module, actual: int) -> None:
    head = ledger(network, (1, 1, 8, 8)).head
    assert head is not None
    assert (head.trunk, head.classes, head.actual) == ((6, 6, 6), 4, actual)
    assert head.flatten == parameters(nn.Linear(216, 4))
    assert head.pooled == parameters(nn.Linear(6, 4)) == parameters(nn.Conv2d(6, 4, 1))


@pytest.mark.parametrize("network", [nn.Conv2d(1, 2, 3), nn.Sequential(nn.Flatten(), nn.ReLU())])
def test_what_has_no_head(network: nn.Module) -> None:
    assert ledger(network, (1, 1, 8, 8)).head is None
