"""Captured graphs against what really ran, and against what was there before."""

import threading
from contextlib import suppress
from typing import Any

import pytest
import torch
from tests.ledger.plain_networks import PLAIN, Calls
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules import module as hooks

from pellucid.capture import Constant, Graph, Result, capture, weightless
from pellucid.errors import UsageError

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")


def steps(graph: Graph) -> list[tuple[Any, ...]]:
    return [
        (node.operation, node.module, node.call, node.inputs, node.shape, node.dtype)
        for node in graph.nodes
    ]


@pytest.mark.parametrize("name", PLAIN)
def test_shapes_alone_give_the_graph_of_a_real_run(name: str) -> None:
    """Every shape rule is checked here against what torch made."""
    build, shape = PLAIN[name]
    network = build()
    real = capture(network, torch.rand(shape), keep=True)
    assert steps(capture(network, shape)) == steps(real)
    for index, value in real.values.items():
        assert tuple(value.shape) == real.nodes[index].shape


@pytest.mark.parametrize("name", PLAIN)
def test_without_weights_the_graph_is_the_same(name: str) -> None:
    build, shape = PLAIN[name]
    with weightless():
        outline = build()
    assert all(parameter.is_meta for parameter in outline.parameters())
    assert steps(capture(outline, shape)) == steps(capture(build(), shape))


@pytest.mark.parametrize("name", PLAIN)
def test_the_run_computes_what_it_computed_before(name: str) -> None:
    build, shape = PLAIN[name]
    network, image = build().eval(), torch.rand(shape)
    with torch.no_grad():
        expected = network(image)
    graph = capture(network, image, keep=True)
    [output] = graph.outputs
    assert torch.equal(graph.values[output], expected)


def test_values_are_those_of_the_moment() -> None:
    """Work in place afterwards does not change what was kept."""

    def forward(net: Calls, x: Tensor) -> Tensor:
        y = x * 2
        part = y[:, :1]
        y.relu_()
        part.add_(5)
        return y + part

    graph = capture(Calls(forward), torch.tensor([[-1.0, 3.0]]), keep=True)
    found = [(node.operation, graph.values[node.index].tolist()) for node in graph.nodes]
    assert found == [
        ("input", [[-1.0, 3.0]]),
        ("mul", [[-2.0, 6.0]]),
        ("getitem", [[-2.0]]),
        ("relu", [[0.0, 6.0]]),
        ("rewritten", [[0.0]]),
        ("add", [[5.0]]),
        ("rewritten", [[5.0, 6.0]]),
        ("add", [[10.0, 11.0]]),
    ]
    assert graph.nodes[4].inputs == (2, 3) and graph.nodes[6].inputs == (3, 5)
    assert graph.nodes[-1].inputs == (6, 5)


def test_only_the_nodes_asked_for_are_kept() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    graph = capture(network, torch.rand(1, 1, 5, 5), keep={1})
    assert list(graph.values) == [1]


def test_branches_parts_and_constants() -> None:
    def forward(net: Calls, x: Tensor) -> Tensor:
        one, two = torch.split(x, 2, dim=1)
        ramp = torch.arange(4.0)
        return one * ramp + two - net.bias(two)

    graph = capture(Calls(forward, bias=nn.Identity()), (1, 4, 4))
    assert [node.operation for node in graph.nodes] == [
        "input", "split", "item", "item", "mul", "add", "sub",
    ]  # fmt: skip
    product = graph.nodes[4]
    assert product.inputs == (2,) and isinstance(product.arguments["other"], Constant)
    assert graph.nodes[3].arguments == {"input": Result(1), "index": 1}
    assert graph.nodes[6].inputs == (5, 3)
    assert graph.users()[3] == (5, 6)


def test_places_of_shared_and_nested_modules() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Sequential(nn.Linear(3, 3), nn.Tanh())

        def forward(self, x: Tensor) -> Tensor:
            return functional.relu(self.layer(self.layer(x)))

    graph = capture(nn.Sequential(Twice()), (2, 3))
    found = [(node.operation, node.module, node.call) for node in graph.nodes]
    assert found == [
        ("input", "", 0), ("linear", "0.layer.0", 0), ("tanh", "0.layer.1", 0),
        ("linear", "0.layer.0", 1), ("tanh", "0.layer.1", 1), ("relu", "0", 0),
    ]  # fmt: skip
    assert [stored.name for stored in graph.nodes[3].stored] == [
        "0.layer.0.weight", "0.layer.0.bias",
    ]  # fmt: skip
    assert graph.modules["0.layer"] == "Sequential"


def test_memory_is_counted_where_it_is_taken() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU(inplace=True), nn.Flatten(), nn.ReLU())
    fresh = [node.fresh for node in capture(network, (1, 1, 3, 3)).nodes]
    assert fresh == [36, 72, 0, 0, 72]
    assert [node.fresh for node in capture(network, torch.rand(1, 1, 3, 3)).nodes] == fresh


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (1, 4, 8, 8)])  # taken, and refused
def test_everything_is_left_as_it_was(shape: tuple[int, ...]) -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout()).train()
    network[2].eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    counts = len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)
    for given in (shape, torch.rand(shape)):
        try:
            capture(network, given)
        except UsageError:
            assert shape[1] == 4
    assert [module.training for module in network] == [True, True, False] and network.training
    after = network.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert (len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)) == counts
    assert torch.is_grad_enabled()


def test_other_threads_are_not_captured() -> None:
    other, done = nn.Linear(2, 2), threading.Event()

    def forward(net: Calls, x: Tensor) -> Tensor:
        thread = threading.Thread(target=lambda: (other(torch.rand(1, 2)), done.set()))
        thread.start()
        thread.join()
        return net.own(x)

    graph = capture(Calls(forward, own=nn.Linear(2, 3)), (1, 2))
    assert done.is_set()
    assert [node.module for node in graph.nodes] == ["", "own"]


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_what_torch_does_not_show_is_named() -> None:
    scripted = torch.jit.trace(nn.Linear(2, 2), torch.rand(1, 2))
    graph = capture(nn.Sequential(nn.ReLU(), scripted), torch.rand(1, 2))
    assert graph.nodes[-1].operation.startswith("untraced")


@pytest.mark.parametrize("question", [lambda x: x.sum() > 0, lambda x: x.max().item() > 0])
def test_a_way_that_depends_on_values_is_refused(question: Any) -> None:
    def forward(net: Calls, x: Tensor) -> Tensor:
        return net.up(x) if question(x) else x

    network = Calls(forward, up=nn.Linear(3, 3))
    with pytest.raises(UsageError, match="asks for the value of a tensor"):
        capture(network, (1, 3))
    assert len(capture(network, torch.ones(1, 3)).nodes) > 2


@pytest.mark.parametrize("given", [(1, 3, 4, 4), torch.rand(1, 3, 4, 4)])
def test_an_input_too_small_names_the_layer(given: Any) -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(nn.Conv2d(4, 4, 3)))
    with pytest.raises(
        UsageError, match=r"Sequential does not take an input of 1×3×4×4: .*in 1\.0"
    ):
        capture(network, given)


def test_shapes_have_no_values() -> None:
    with pytest.raises(UsageError, match="expected a tensor"):
        capture(nn.ReLU(), (1, 3), keep=True)


def test_inference_mode_around_it() -> None:
    with torch.inference_mode():
        graph = capture(nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU(True)), torch.rand(1, 1, 2, 2))
    assert [node.operation for node in graph.nodes] == ["input", "conv2d", "relu"]


def test_several_inputs_and_nested_outputs() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(3, 4), nn.Linear(5, 4)

        def forward(self, x: Tensor, y: Tensor) -> dict[str, Any]:
            return {"sum": self.a(x) + self.b(y), "more": [self.a(x)]}

    graph = capture(Two(), (1, 3), (1, 5))
    assert graph.inputs == (0, 1) and graph.outputs == (4, 5)
    assert graph.nodes[4].inputs == (2, 3) and graph.nodes[5].call == 1


def test_a_parameter_that_is_returned_is_a_node() -> None:
    class Constantly(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = nn.Parameter(torch.ones(2))

        def forward(self, x: Tensor) -> Tensor:
            return self.bias

    graph = capture(Constantly(), (1, 3))
    assert [node.operation for node in graph.nodes] == ["input", "stored"]
    assert graph.nodes[1].stored[0].name == "bias"


@pytest.mark.parametrize(
    ("network", "shape", "operation"),
    [
        (nn.LSTM(4, 3, bidirectional=True), (5, 2, 4), "lstm"),
        (nn.MultiheadAttention(8, 2), None, "multi_head_attention_forward"),
        (nn.LocalResponseNorm(3), (1, 4, 5, 5), "local_response_norm"),
    ],
)
def test_functions_that_call_others_are_one_node(
    network: nn.Module, shape: tuple[int, ...] | None, operation: str
) -> None:
    shapes = [(5, 2, 8)] * 3 if shape is None else [shape]
    for given in (shapes, [torch.rand(one) for one in shapes]):
        calls = [node.operation for node in capture(network, *given).nodes]
        assert [name for name in calls if name not in ("input", "item")] == [operation]


def test_what_cannot_be_captured() -> None:
    with pytest.raises(UsageError, match="expected a torch module, found int"):
        capture(3, (1, 3))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="has lazy modules"):
        capture(nn.Sequential(nn.LazyLinear(3)), (1, 3))


def test_a_module_that_fails_inside_and_is_caught_leaves_the_places_right() -> None:
    def forward(net: Calls, x: Tensor) -> Tensor:
        with suppress(RuntimeError):
            net.wrong(x)
        return functional.relu(net.right(x))

    network = Calls(forward, wrong=nn.Sequential(nn.Linear(9, 2)), right=nn.Linear(3, 2))
    graph = capture(network, (1, 3))
    assert [(node.operation, node.module) for node in graph.nodes[1:]] == [
        ("linear", "right"),
        ("relu", ""),
    ]


def test_results_are_seen_as_they_are_made_with_gradients_where_asked_for() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True))
    picture = torch.rand(1, 1, 4, 4, requires_grad=True)
    for gradients in (False, True):
        seen: list[tuple[str, bool]] = []
        capture(
            network,
            picture,
            watch=lambda node, result, seen=seen: seen.append(  # type: ignore[misc]
                (node.operation, result.requires_grad)
            ),
            gradients=gradients,
        )
        assert seen == [("input", True), ("conv2d", gradients), ("relu", gradients)]
    assert torch.is_grad_enabled() and network[0].weight.grad is None
