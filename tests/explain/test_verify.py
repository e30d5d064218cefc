"""Verification names the layer that computes something else than it says."""

import io
import json
import sys
from typing import Any

import pytest
import torch
from rich.console import Console
from tests.ledger.plain_networks import Calls
from torch import Tensor, nn
from torch.overrides import handle_torch_function, has_torch_function

from pellucid import api
from pellucid.errors import UsageError
from pellucid.explain import Trace, Verification, trace_network, verify


def conv2d(input: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A kernel of one's own that has a slip: the last filter's bias is a little too large."""
    if has_torch_function((input, weight, bias)):
        made: Tensor = handle_torch_function(conv2d, (input, weight, bias), input, weight, bias)
        return made
    slip = torch.zeros_like(bias)
    slip[-1] = 1e-4
    return torch.conv2d(input, weight, bias + slip)


def relu(input: Tensor) -> Tensor:
    """One that forgets a single value of the map."""
    if has_torch_function((input,)):
        made: Tensor = handle_torch_function(relu, (input,), input)
        return made
    result = torch.relu(input)
    result[0, 1, 2, 3] = result[0, 1, 2, 3] + 1
    return result


class Slipped(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        assert self.bias is not None
        return conv2d(x, self.weight, self.bias)


class Forgets(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return relu(x)


def network(**changed: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    parts: dict[str, nn.Module] = {
        "first": nn.Conv2d(1, 4, 3), "act": nn.ReLU(inplace=True), "pool": nn.MaxPool2d(2),
        "second": nn.Conv2d(4, 6, 3), "norm": nn.BatchNorm2d(6), "flat": nn.Flatten(),
        "scores": nn.Linear(6 * 4 * 4, 3),
    }  # fmt: skip
    made = nn.Sequential()
    for name, part in {**parts, **changed}.items():
        made.add_module(name, part)
    return made


def traced(**changed: nn.Module) -> Trace:
    torch.manual_seed(1)
    image = torch.randn(1, 1, 14, 14)
    return trace_network(network(**changed), image)


def test_a_right_network_is_right_to_the_last_number() -> None:
    found = verify(traced())
    assert found.agrees and found.all and found.checked == found.count and not found.unchecked
    assert [check.name for check in found.checks][:3] == ["first", "act", "pool"]
    moved = {check.name: check.difference for check in found.checks}
    assert moved["act"] == moved["pool"] == moved["flat"] == 0
    worst = found.worst
    assert worst is not None and 0 < worst.of_allowed < 1 and 0 < worst.relative < 1e-3


def test_a_wrong_bias_is_named() -> None:
    found = verify(traced(second=Slipped(4, 6, 3)), all=True)
    [wrong] = found.wrong
    assert wrong.name == "second" and wrong.at[0] == 5 and not found.agrees
    assert wrong.found - wrong.recomputed == pytest.approx(1e-4, rel=0.02)
    assert found.worst is wrong and wrong.of_allowed > 1


def test_a_single_wrong_number_is_found_and_named() -> None:
    found = verify(traced(act=Forgets()), all=True)
    [wrong] = found.wrong
    assert wrong.name == "act" and wrong.at == (1, 2, 3) and wrong.difference == pytest.approx(1)
    assert wrong.relative > 0 and wrong.checked == 4 * 12 * 12


def test_samples() -> None:
    found = verify(traced(second=Slipped(4, 6, 3)), all=False, samples=40)
    assert [check.name for check in found.wrong] == ["second"]
    assert {check.checked for check in found.checks} == {40, 3} and not found.all
    again = verify(traced(second=Slipped(4, 6, 3)), all=False, samples=40)
    assert again == found
    other = verify(traced(second=Slipped(4, 6, 3)), all=False, samples=40, seed=1)
    assert other != found


def test_large_passes_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["pellucid.explain.verify"]
    monkeypatch.setattr(module, "WHOLE_UP_TO", 100)
    assert not verify(traced()).all


def test_what_has_no_rule_is_said_and_never_fine() -> None:
    made = trace_network(Calls(lambda net, x: x.cumsum(1) * 2), torch.randn(1, 2, 3, 3))
    found = verify(made)
    [check] = found.unchecked
    assert check.operation == "cumsum" and not check.agrees and check.checked == 0
    assert "no rule for the operation 'cumsum'" in check.reason
    assert "NOT CHECKED: cumsum: there is no rule" in str(found)
    assert found.checked == 18 and found.count == 36


def test_numbers_that_are_none() -> None:
    class Breaks(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.log(x) + 1

    values = torch.tensor([[-1.0, 0.0, 1.0, float("inf")]])
    found = verify(trace_network(Breaks(), values))
    assert found.agrees and found.checked == 8
    json.dumps(found.to_json(), allow_nan=False)


def test_results_come_in_every_form() -> None:
    found = verify(traced(second=Slipped(4, 6, 3)), all=True)
    record: dict[str, Any] = found.to_json()
    assert record["wrong"] == ["second"] and record["agrees"] is False
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    frame = found.to_frame()
    assert len(frame) == len(found.checks)
    assert frame.loc[~frame["agrees"], "name"].tolist() == ["second"]
    assert "WRONG: second (conv2d) at 5, " in str(found) and "WRONG: second" in shown(found)
    html = found._repr_html_()
    assert html.count("<tr") == len(found.checks) + 1 and "color:#b00" in html


def shown(found: Verification) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(found)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_bad_calls() -> None:
    with pytest.raises(UsageError, match="expected samples as a number of at least 1, found 0"):
        verify(traced(), samples=0)
    halved = trace_network(network(), torch.randn(1, 1, 14, 14), half=True)
    with pytest.raises(UsageError, match="full precision, found one with half=True"):
        verify(halved)


def test_the_api_counts_layers_and_takes_samples() -> None:
    counted: list[int] = []
    found = api.verify(traced(), samples=2, advance=counted.append)
    assert sum(counted) == len(found.checks) and not found.all
    assert api.verify(traced()).all
