"""Lines folded by module: nothing is lost, at any depth."""

import json

import pytest
import torch
from tests.ledger.plain_networks import PLAIN
from torch import Tensor, nn
from torch.nn import functional

from pellucid.ledger import ledger


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.inner = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.conv(x) + self.inner(x))


def names(depth: int) -> list[tuple[str, str]]:
    network = nn.Sequential(nn.Sequential(Block(), Block()), nn.Flatten())
    return [(group.name, group.kind) for group in ledger(network, (1, 3, 4, 4)).fold(depth)]


def test_depths() -> None:
    assert names(1) == [("0", "Sequential"), ("1", "flatten")]
    assert names(2) == [("0.0", "Block"), ("0.1", "Block"), ("1", "flatten")]
    assert names(3)[:4] == [
        ("0.0.conv", "conv2d"), ("0.0.inner", "Sequential"), ("0.0", "add"), ("0.0", "relu"),
    ]  # fmt: skip
    assert names(9) == names(4)


@pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")
@pytest.mark.parametrize("depth", [1, 2, None])
@pytest.mark.parametrize("name", PLAIN)
def test_the_lines_sum_to_the_totals(name: str, depth: int | None) -> None:
    build, shape = PLAIN[name]
    account = ledger(build(), shape)
    groups, totals = account.fold(depth), account.totals
    assert sum(group.work.macs for group in groups) == totals.macs
    assert sum(group.work.operations for group in groups) == totals.work.operations
    assert sum(group.parameters for group in groups) + totals.unused == totals.parameters
    assert sum(group.weight_bytes for group in groups) <= totals.weight_bytes
    inputs = sum(account.rows[index].node.fresh for index in account.graph.inputs)
    assert sum(group.activation_bytes for group in groups) + inputs == totals.activation_bytes
    if totals.macs:
        assert sum(group.share for group in groups) == pytest.approx(1)


def test_without_a_depth_there_are_about_thirty_lines() -> None:
    deep = nn.Sequential(*(nn.Sequential(*(nn.ReLU() for _ in range(8))) for _ in range(5)))
    assert len(ledger(deep, (1, 3)).fold()) == 5
    assert len(ledger(deep[0], (1, 3)).fold()) == 8


@pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")
@pytest.mark.parametrize("name", PLAIN)
def test_records(name: str) -> None:
    build, shape = PLAIN[name]
    account = ledger(build(), shape)
    record = json.loads(json.dumps(account.to_json(), allow_nan=False))
    assert record["totals"]["macs"] == account.totals.macs == sum(r["macs"] for r in record["rows"])
    assert record["inputs"] == [list(shape)]
    frame = account.to_frame()
    assert frame["macs"].sum() == account.totals.macs and len(frame) == len(account.rows)
    assert f"{account.totals.macs:,}" in account._repr_html_()


def test_names_in_notebooks_are_escaped() -> None:
    network = nn.Sequential()
    network.add_module("<b>", nn.Linear(2, 2))
    page = ledger(network, (1, 2))._repr_html_()
    assert "&lt;b&gt;" in page and "<td><b>" not in page
    assert torch.is_grad_enabled()
