"""Effective receptive fields: torch's gradients, Luo et al.'s formula, a network left alone."""

import numpy as np
import pytest
import torch
from tests.ledger.plain_networks import Calls
from torch import Tensor, nn
from torch.nn import functional

from pellucid.errors import UsageError
from pellucid.explain import effective_field, trace_network


def small() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(True), nn.Conv2d(4, 3, 3)
    )


def test_the_gradient_is_torchs() -> None:
    network, values = small().eval(), torch.randn(3, 2, 9, 11)
    trace = trace_network(network, values[:1])
    for at, chosen in (((1, 3, 4), np.s_[:, 1, 3, 4]), ((3, 4), np.s_[:, :, 3, 4])):
        leaf = values.clone().requires_grad_()
        network(leaf)[chosen].sum().backward()
        expected = leaf.grad.abs().sum(1).mean(0).double().numpy()
        found = effective_field(trace, "3", at, values.numpy())
        np.testing.assert_allclose(found.gradient, expected, rtol=1e-5, atol=1e-9)
        assert found.inputs == 3
        assert not found.gradient[~found.field.input.mask].any()
    own = effective_field(trace, "3", (3, 4))
    np.testing.assert_allclose(
        own.gradient, effective_field(trace, "3", (3, 4), values[:1].numpy()).gradient
    )


def test_results_that_are_overwritten_later_have_their_own_gradient() -> None:
    network = small().eval()
    trace = trace_network(network, torch.randn(1, 2, 9, 9))
    leaf = torch.tensor(trace.value(trace.input)).requires_grad_()
    network[:2](leaf)[0, 2, 4, 4].backward()
    found = effective_field(trace, "1", (2, 4, 4))  # the ReLU works in place on it
    np.testing.assert_allclose(found.gradient, leaf.grad[0].abs().sum(0), rtol=1e-5)
    with torch.inference_mode():
        again = effective_field(trace, "1", (2, 4, 4))
    np.testing.assert_array_equal(found.gradient, again.gradient)


def test_networks_that_write_into_their_input() -> None:
    network = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(1, 1, 3))
    trace = trace_network(network, torch.ones(1, 1, 3, 3))
    found = effective_field(trace, "1", (0, 0, 0))
    expected = network[1].weight.detach().abs()[0, 0].numpy()
    np.testing.assert_allclose(found.gradient, expected)


@pytest.mark.parametrize("layers", [2, 4, 8])
def test_equal_weights_spread_as_luo_and_others_compute(layers: int) -> None:
    """Section 2.1: of n convolutions with equal weights of k taps, variance n·(k² − 1) / 12."""
    parts = [nn.Conv2d(1, 1, 3, padding=1, bias=False) for _ in range(layers)]
    for part in parts:
        nn.init.constant_(part.weight, 1 / 9)
    network = nn.Sequential(*parts).double()
    trace = trace_network(network, torch.zeros(1, 1, 31, 31))
    found = effective_field(trace, trace.output.index, (15, 15))
    assert found.total == pytest.approx(1)
    assert found.deviation == pytest.approx((np.sqrt(layers * 8 / 12),) * 2)
    sums = [found.gradient[15 - r : 16 + r, 15 - r : 16 + r].sum() for r in range(16)]
    for part in (0.5, 0.95, 0.99):
        assert found.side(part) == 2 * int(np.argmax(np.array(sums) >= part)) + 1
    assert found.side(1) == 2 * layers + 1
    assert found.square(1).count == found.field.input.count
    assert [row["part"] for row in found.squares()] == [0.5, 0.8, 0.9, 0.95, 0.99]
    assert found.to_frame()["share_of_field"].is_monotonic_increasing


def test_squares_of_a_field_with_its_centre_between_cells() -> None:
    network = nn.Conv2d(1, 1, 4, bias=False)
    nn.init.constant_(network.weight, 1.0)
    found = effective_field(trace_network(network, torch.zeros(1, 1, 8, 8)), "conv2d", (2, 3))
    assert (found.side(4 / 16), found.side(4.1 / 16), found.side(1)) == (2, 4, 4)
    assert found.square(0.25).box == (3, 5, 4, 6)


def state(network: nn.Module) -> list[object]:
    return [
        [module.training for module in network.modules()],
        [each.requires_grad for each in network.parameters()],
        [None if each.grad is None else each.grad.clone() for each in network.parameters()],
        {name: each.clone() for name, each in network.state_dict().items()},
    ]


def same(one: object, other: object) -> bool:
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return all(same(one[name], other[name]) for name in one)
    return torch.equal(one, other) if isinstance(one, Tensor) else one == other


def test_the_network_is_left_as_it_was() -> None:
    network = small().train()
    network[1].eval()
    network[0].weight.requires_grad_(False)
    network[3].weight.grad = torch.ones_like(network[3].weight)
    before = state(network)
    trace = trace_network(network, torch.randn(1, 2, 9, 9))
    effective_field(trace, "3", (0, 0))
    assert same(state(network), before)
    handle = network[3].register_forward_pre_hook(_fails)
    with pytest.raises(UsageError, match="does not take"):
        effective_field(trace, "3", (0, 0))
    handle.remove()
    assert same(state(network), before)
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


def _fails(module: nn.Module, given: object) -> None:
    raise RuntimeError("out of order")


def test_what_has_no_gradient() -> None:
    dead = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU())
    nn.init.constant_(dead[0].bias, -100.0)
    found = effective_field(trace_network(dead, torch.zeros(1, 1, 5, 5)), "1", (0, 0))
    assert (found.side(), found.total, found.deviation) == (0, 0.0, (0.0, 0.0))
    assert "the gradient is 0 everywhere" in str(found)
    assert found._repr_png_().startswith(b"\x89PNG")
    cut = Calls(lambda net, x: net.conv(x.detach()), conv=nn.Conv2d(1, 1, 3))
    trace = trace_network(cut, torch.zeros(1, 1, 5, 5))
    for parameter in cut.parameters():
        parameter.requires_grad_(False)
    with pytest.raises(UsageError, match="torch cannot differentiate conv by the input"):
        effective_field(trace, "conv", (0, 0))


def test_wrong_calls() -> None:
    trace = trace_network(Calls(lambda net, x: functional.relu(x)), torch.ones(1, 2, 5, 5))
    with pytest.raises(UsageError, match="expected inputs of N×2×5×5, found 1×1×5×5"):
        effective_field(trace, "relu", (0, 0), np.zeros((1, 1, 5, 5)))
    with pytest.raises(UsageError, match="expected a part above 0 and up to 1, found 0"):
        effective_field(trace, "relu", (0, 0)).side(0)
