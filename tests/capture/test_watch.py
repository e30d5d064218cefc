"""What a capture tells while it runs, and what modules returned."""

import pytest
import torch
from torch import Tensor, nn

from pellucid.capture import Node, capture


class Shared(nn.Module):
    """Calls one module twice, another that returns two tensors, and one that does nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1)
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.same = nn.Identity()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        pooled, where = self.pool(self.same(self.conv(self.conv(x))))
        return pooled.relu_(), where


def test_watching_sees_every_result_before_it_is_overwritten() -> None:
    seen: dict[int, Tensor] = {}

    def watch(node: Node, result: Tensor) -> None:
        assert tuple(result.shape) == node.shape
        seen[node.index] = result.clone() * 1  # functions called here are no part of the network

    graph = capture(Shared(), torch.randn(1, 1, 4, 4), keep=True, watch=watch)
    operations = [node.operation for node in graph.nodes]
    assert operations == ["input", "conv2d", "conv2d", "max_pool2d", "item", "item", "relu"]
    assert seen.keys() == graph.values.keys() == {0, 1, 2, 4, 5, 6}
    assert all(torch.equal(seen[index], graph.values[index]) for index in seen)
    for result, index in zip(graph.results, (6, 5), strict=True):
        assert torch.equal(result, seen[index])


@pytest.mark.parametrize("given", [torch.randn(1, 1, 4, 4), (1, 1, 4, 4)])
def test_what_modules_returned(given: Tensor | tuple[int, ...]) -> None:
    graph = capture(Shared(), given)
    assert graph.returned == {
        ("conv", 0): 1,
        ("conv", 1): 2,
        ("same", 0): 2,
        ("pool", 0): 4,
        ("", 0): 6,
    }
    assert graph.outputs == (6, 5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_keeping_results_of_torchscript_adds_no_nodes() -> None:
    inner = torch.jit.trace(nn.ReLU(), torch.zeros(1, 2))
    graph = capture(nn.Sequential(inner, nn.Linear(2, 1)), torch.ones(1, 2), keep=True)
    assert [node.operation for node in graph.nodes] == ["input", "untraced ReLU", "linear"]
    assert graph.values.keys() == {0, 1, 2}
