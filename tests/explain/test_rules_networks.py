"""Whole networks in float32: stand-ins for well-known ones, all of the registry, random ones."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.explain.networks import NETWORKS, random_network
from tests.ledger.plain_networks import PLAIN
from torch import nn

from pellucid.explain import Trace, account, trace_network, verify
from pellucid.explain.verify import layers
from pellucid.models import Architecture, arguments_for, registered

#: Operations of the plain networks that have no rule, and say so.
UNKNOWN = {"volume": {"conv3d", "max_pool3d"}, "attention": {"scaled_dot_product_attention"}}
#: The networks of the registry that take large images only, and how large.
LARGE = {"alexnet": 67, "googlenet": 79, "googlenet_naive": 79, "nin": 67}

#: Those that take seconds to fill with random weights.
SLOW = {"googlenet_naive", "headed", "efficientnet_lite0"}


def sampled_numbers_agree(trace: Trace, count: int = 3) -> None:
    """Each within 1e-4 of the recomputed one, where its terms do not cancel."""
    random = np.random.default_rng(0)
    for node in layers(trace):
        for _ in range(count):
            at = tuple(int(random.integers(size)) for size in node.shape)
            one = account(trace, node, at)
            assert one.agrees, (one.name, at)
            size = max(abs(one.total), 1e-2 * one.arithmetic.magnitude)
            assert abs(one.difference) <= 1e-4 * size, (one.name, at)


@pytest.mark.parametrize("name", NETWORKS)
def test_stand_ins_for_well_known_networks(name: str) -> None:
    torch.manual_seed(0)
    trace = trace_network(NETWORKS[name](), torch.randn(1, 3, 33, 32))
    found = verify(trace, all=True)
    assert found.agrees and not found.unchecked and found.checked == found.count
    sampled_numbers_agree(trace)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("name", PLAIN)
def test_plain_networks(name: str) -> None:
    build, shape = PLAIN[name]
    torch.manual_seed(0)
    found = verify(trace_network(build(), torch.randn(1, *shape[1:])), all=True)
    assert found.agrees
    assert {check.operation for check in found.unchecked} == UNKNOWN.get(name, set())


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in registered()],
)
def test_networks_of_the_registry(name: str) -> None:
    side = LARGE.get(name, 32)
    arguments = arguments_for(name, classes=4, channels=3, height=side, width=side)
    network = Architecture(name, arguments).sample(seed=0)
    trace = trace_network(network, torch.randn(1, 3, side, side))
    found = verify(trace, samples=2, all=False)
    assert found.agrees and not found.unchecked


@given(seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_random_networks(seed: int) -> None:
    trace = trace_network(random_network(seed), torch.randn(1, 3, 11, 12))
    found = verify(trace, all=True)
    assert found.agrees and not found.unchecked
    sampled_numbers_agree(trace, count=1)


def test_a_series() -> None:
    network = nn.Sequential(
        nn.Conv1d(2, 6, 5, padding=2, padding_mode="reflect"), nn.BatchNorm1d(6), nn.GELU(),
        nn.MaxPool1d(3, 2, ceil_mode=True), nn.ConvTranspose1d(6, 3, 4, 2, 1),
        nn.AdaptiveAvgPool1d(5), nn.Flatten(), nn.Linear(15, 2), nn.LogSoftmax(1),
    )  # fmt: skip
    torch.manual_seed(0)
    trace = trace_network(network, torch.randn(1, 2, 40))
    assert verify(trace, all=True).agrees
    sampled_numbers_agree(trace)
    one = account(trace, "0", (3, 0))
    assert one.arithmetic.names == ("c", "t") and one.path()[-1].name == "input"


def test_a_network_in_bfloat16() -> None:
    torch.manual_seed(0)
    network = NETWORKS["squeezenet"]().bfloat16()
    found = verify(trace_network(network, torch.randn(1, 3, 32, 32)), all=True)
    assert found.agrees and found.worst is not None and found.worst.difference > 1e-4
