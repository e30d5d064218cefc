"""Every rule against torch, which computes the same in float64 by code of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from tests.explain.operations import OPERATIONS
from tests.ledger.plain_networks import PLAIN, Calls
from torch.overrides import TorchFunctionMode

from pellucid.capture import Node
from pellucid.errors import UsageError
from pellucid.explain import Trace, account, trace_network
from pellucid.explain.rules import Case, rule_of
from pellucid.explain.verify import layers

#: What reading a tensor takes.
READING = {"detach", "cpu", "numpy", "resolve_conj", "resolve_neg", "is_inference", "__get__"}


class WithoutTorch(TorchFunctionMode):
    """Refuses torch's functions, but those that read a tensor."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        assert func.__name__ in READING, func
        return func(*args, **(kwargs or {}))


def traced(name: str) -> Trace:
    build, shape = OPERATIONS[name]
    torch.manual_seed(0)
    return trace_network(build().double(), torch.randn(shape, dtype=torch.float64))


def checked(trace: Trace) -> Iterator[Node]:
    """The layers that have a rule; the place of a maximum has none."""
    for node in layers(trace):
        if node.operation != "item" or node.dtype.is_floating_point:
            yield node


@pytest.mark.parametrize("name", OPERATIONS)
def test_all_of_it_is_what_torch_computes(name: str) -> None:
    trace = traced(name)
    for node in checked(trace):
        case, found = Case.of(trace, node), trace.value(node)
        with WithoutTorch():
            made = rule_of(case).whole(case)
        assert made.values.dtype == np.float64 and made.values.shape == found.shape
        close = 1e-12 if node.dtype == torch.float64 else 1e-6
        size = max(1.0, np.abs(made.values).max())
        np.testing.assert_allclose(found, made.values, rtol=0, atol=close * size)
        allowed = made.steps * case.epsilon * made.scale
        assert np.all(np.abs(found - made.values) <= allowed), node.operation


@pytest.mark.parametrize("name", OPERATIONS)
def test_one_of_it_is_made_of_what_its_terms_say(name: str) -> None:
    trace = traced(name)
    random = np.random.default_rng(0)
    for node in checked(trace):
        whole = rule_of(Case.of(trace, node)).whole(Case.of(trace, node)).values
        for _ in range(4):
            at = tuple(int(random.integers(size)) for size in node.shape)
            with WithoutTorch():
                one = account(trace, node, at)
            assert one.agrees
            assert one.total == pytest.approx(whole[at], rel=1e-9, abs=1e-12)
            for number, source in enumerate(one.sources):
                if isinstance(source, int):
                    assert one.down(number).found == one.terms[number].value
            for number, partner in enumerate(one.made.partners):
                if partner is not None and node.operation not in ("div", "addmm", "baddbmm"):
                    below = one.down(number, weight=True)
                    assert below.found == one.terms[number].weight


def test_volumes_and_running_sums_are_named_as_unknown() -> None:
    volume = trace_network(PLAIN["volume"][0](), torch.ones(1, 1, 8, 8, 8))
    with pytest.raises(UsageError, match=r"0 cannot be accounted for: .* not of volumes"):
        account(volume, "0", (0, 0, 0, 0))
    network = Calls(lambda net, x: x.cumsum(1))
    with pytest.raises(UsageError, match="there is no rule for the operation 'cumsum'"):
        account(trace_network(network, torch.ones(1, 3, 4, 4)), "cumsum", (0, 0, 0))
