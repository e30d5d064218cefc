"""Parameters and MACs equal those of an instrumented real run, exactly."""

import pytest
import torch
from tests.ledger.plain_networks import PLAIN
from tests.ledger.real_run import real_macs, real_parameters
from torch.nn.attention import SDPBackend, sdpa_kernel

from pellucid.ledger import ledger


@pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")
@pytest.mark.parametrize("name", PLAIN)
def test_plain_networks(name: str) -> None:
    build, shape = PLAIN[name]
    network = build()
    account = ledger(network, shape)
    with sdpa_kernel(SDPBackend.MATH):  # attention as matrix products, which the run can see
        assert account.totals.macs == real_macs(network, torch.rand(shape))
    assert account.totals.parameters == real_parameters(network)
    assert account.unknown == ()
