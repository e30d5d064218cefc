"""Shift in, shift out: measured on trunks whose answer is known."""

import pytest
import torch
from tests.ledger.plain_networks import Calls
from torch import nn
from torch.nn import functional

from pellucid.capture import weightless
from pellucid.errors import UsageError
from pellucid.ledger import equivariance


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_without_strides_every_shift_is_passed_on() -> None:
    trunk = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 1, 1))
    found = equivariance(trunk, (1, 12, 12))
    assert found.stride == (1, 1) and len(found.phases) == 1
    assert found.on_grid < 1e-5 and found.off_grid == 0


def test_strides_pass_on_whole_strides_only() -> None:
    trunk = nn.Sequential(nn.Conv2d(2, 3, 3, stride=(2, 3), padding=1), nn.ReLU())
    found = equivariance(trunk, (2, 17, 19))
    assert found.stride == (2, 3) and len(found.phases) == 6
    assert {each.phase for each in found.phases} == {(y, x) for y in (0, 1) for x in (0, 1, 2)}
    assert found.on_grid < 1e-5 and found.off_grid > 0.01


def test_the_error_is_that_of_a_shifted_picture() -> None:
    """One phase recounted from the definition, on the same picture of noise."""
    trunk = nn.Conv2d(1, 1, 3, stride=2, bias=False)
    found = equivariance(trunk, (1, 9, 9))
    picture = torch.rand(1, 1, 11, 11, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        still, moved = trunk(picture[..., 2:, 2:])[0, 0], trunk(picture[..., 1:10, 2:])[0, 0]
    difference = (moved[1:] - still[:-1]).abs().max() / still[:-1].abs().max()
    [phase] = [each for each in found.phases if each.shift == (1, 2)]
    # (1, 2): half a stride down, a whole stride to the right.
    with torch.no_grad():
        both = trunk(picture[..., 1:10, 0:9])[0, 0]
    expected = (both[1:, 1:] - still[:-1, :-1]).abs().max() / still[:-1, :-1].abs().max()
    assert phase.largest == pytest.approx(expected.item(), rel=1e-5)
    assert difference > 0


def test_position_dependent_layers_are_caught() -> None:
    """A layer that adds something to every place is not equivariant at any shift."""
    ramp = torch.linspace(0, 1, 144).reshape(1, 1, 12, 12)
    trunk = Calls(lambda net, x: net.conv(x) + ramp, conv=nn.Conv2d(1, 1, 3, padding=1))
    assert equivariance(trunk, (1, 12, 12)).on_grid > 0.01


def test_the_layer_can_be_chosen() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.Conv2d(2, 2, 3, 2), nn.ReLU()))
    assert equivariance(network, (1, 16, 16)).layer == "1.1"
    assert equivariance(network, (1, 16, 16), layer="0").stride == (1, 1)
    with pytest.raises(UsageError, match="unknown layer '2'"):
        equivariance(network, (1, 16, 16), layer="2")


def test_heads_are_passed_over() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2)
    )
    assert equivariance(network, (1, 8, 8)).layer == "0"
    with pytest.raises(UsageError, match="not 3 has them"):
        equivariance(network, (1, 8, 8), layer="3")


def test_pooling_everything_has_no_maps() -> None:
    with pytest.raises(UsageError, match="no layer has them"):
        equivariance(nn.Sequential(nn.Flatten(), nn.Linear(64, 2)), (1, 8, 8))


def test_weights_are_needed() -> None:
    with weightless():
        network = nn.Conv2d(1, 1, 3)
    with pytest.raises(UsageError, match="expected a network with weights"):
        equivariance(network, (1, 8, 8))


def test_records() -> None:
    found = equivariance(nn.Conv2d(1, 2, 3, stride=2), (1, 9, 9))
    assert len(found.to_frame()) == len(found.to_json()["phases"]) == 4
    assert functional.relu(torch.tensor(found.on_grid)) < 1e-5
