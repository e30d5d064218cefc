"""Traces of plain torch networks, against what torch itself makes of them."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from tests.explain.traced_networks import NETWORKS
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules import module as hooks

from pellucid.errors import UsageError
from pellucid.explain import Trace, store, trace_image, trace_network
from pellucid.explain.given import on_network
from pellucid.explain.tracing import Keep

IMAGE = torch.linspace(-1, 1, 3 * 16 * 16).reshape(1, 3, 16, 16)


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(0)
    return NETWORKS[request.param]()


def modules_results(network: nn.Module, image: Tensor) -> dict[str, list[Tensor]]:
    """What each module returned at each of its calls, by torch's own hooks, copied at once."""
    found: dict[str, list[Tensor]] = {}
    network = copy.deepcopy(network).eval()
    for path, module in network.named_modules():

        def note(_: nn.Module, args: Any, result: Tensor, path: str = path) -> None:
            found.setdefault(path, []).append(result.detach().clone())

        module.register_forward_hook(note)
    with torch.no_grad():
        network(image.clone())
    return found


@pytest.mark.parametrize("keep", ["auto", "all", "none"])
def test_every_module_has_the_value_that_torch_saw(network: nn.Module, keep: Keep) -> None:
    """By the modules' names, also of parts with work in place, kept or computed again."""
    trace = trace_network(network, IMAGE, keep=keep)
    expected = modules_results(network, IMAGE)
    for path, results in expected.items():
        for call, result in enumerate(results):
            name = path if not call else f"{path}#{call + 1}"
            where = trace.output if not path else name
            assert np.array_equal(trace.value(where), result.numpy()), name


def test_what_is_computed_again_equals_what_was_kept(network: nn.Module) -> None:
    kept, again = (trace_network(network, IMAGE, keep=keep) for keep in ("all", "none"))
    assert again.names == kept.names and again.memory_bytes < kept.memory_bytes
    for index in (*range(len(kept.nodes))[::-1], 0, len(kept.nodes) // 2):
        assert np.array_equal(again.value(index), kept.value(index))
        assert again.value(index).shape == kept.nodes[index].shape


def test_names_stay_and_lead_back(network: nn.Module) -> None:
    trace = trace_network(network, IMAGE)
    assert len(set(trace.names)) == len(trace.names)
    assert [trace.node(name).index for name in trace.names] == list(range(len(trace.nodes)))
    assert trace_network(network.train(), IMAGE * 0.5, keep="none").names == trace.names
    rows = trace.to_frame()
    assert list(rows["name"]) == list(trace.names)
    assert [row.shape for row in trace.layers] == [node.shape for node in trace.nodes]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("residual", "layer1.0.add layer1.1.short layer1.1.relu#2 flatten fc"),
        ("dense", "layers.0 relu cat relu#3 cat#3 out"),
        ("inception", "inception3a.reduce5 inception3a.cat inception3b.cat drop mean"),
        ("shared", "block.0 act block.0#2 block.1#2 sub act#2"),
        ("halves", "conv chunk[0] chunk[1] clamp rewritten"),
    ],
)
def test_names_are_readable(name: str, expected: str) -> None:
    names = trace_network(NETWORKS[name](), IMAGE).names
    assert [each for each in names if each in expected.split()] == expected.split()


def test_a_module_with_parts_means_what_it_returned() -> None:
    trace = trace_network(NETWORKS["shared"](), IMAGE)
    assert trace.names[trace.node("block").index] == "block.1"
    assert trace.names[trace.node("block#2").index] == "block.1#2"
    residual = trace_network(NETWORKS["residual"](), IMAGE)
    assert residual.node("layer1.0") == residual.node("layer1.0.relu#2")


def test_names_of_modules_cannot_hide_one_another() -> None:
    network = Again()
    network.add_module("relu#2", nn.ReLU())
    assert trace_network(network, IMAGE).names == ("input", "relu#2", "relu", "relu#3")


class Again(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(functional.relu(self.get_submodule("relu#2")(x)))


def state(network: nn.Module) -> list[Any]:
    tensors = [*network.parameters(), *network.buffers()]
    return [
        [module.training for module in network.modules()],
        [len(module._forward_hooks) for module in network.modules()],
        [(one.requires_grad, one.device, one.grad is None, one._version) for one in tensors],
        (len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)),
        (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
    ]


@pytest.mark.parametrize("fails", [False, True])
def test_the_network_is_left_as_it_was(network: nn.Module, fails: bool) -> None:
    network.train()
    next(network.children()).eval()
    next(network.parameters()).requires_grad_(False)
    image, seed = IMAGE.clone(), torch.get_rng_state()
    before = state(network)
    if fails:
        with pytest.raises(UsageError, match="does not take an input of 1×7×16×16"):
            trace_network(network, torch.zeros(1, 7, 16, 16))
    else:
        trace = trace_network(network, image, keep="none")
        trace.value(len(trace.nodes) // 2)
    assert state(network) == before
    assert torch.equal(image, IMAGE) and torch.equal(torch.get_rng_state(), seed)


def test_traces_within_inference_mode_and_of_inputs_that_require_gradients() -> None:
    network = NETWORKS["residual"]()
    expected = trace_network(network, IMAGE).value("fc")
    with torch.inference_mode():
        trace = trace_network(network, IMAGE * 1, keep="none")
        assert np.array_equal(trace.value("layer1"), trace.value("layer1.1.relu#2"))
        assert torch.is_inference_mode_enabled()
    assert np.array_equal(trace.value("fc"), expected)
    watched = IMAGE.clone().requires_grad_()
    assert np.array_equal(trace_network(network, watched).value("fc"), expected)


class TestMemory:
    """What is in memory is what was asked for, and never more than the bounds."""

    def test_layers_by_name(self) -> None:
        network = NETWORKS["residual"]()
        trace = trace_network(network, IMAGE, keep={"layer1.0", "stem", "input"})
        kept = {row.name for row in trace.layers if row.kept}
        assert kept == {"input", "stem", "layer1.0.relu#2", "fc"}
        full = trace_network(network, IMAGE)
        for name in kept:
            assert np.array_equal(trace.value(name), full.value(name))
        with pytest.raises(UsageError, match="unknown layer 'layer9'; did you mean 'layer"):
            trace_network(network, IMAGE, keep={"layer9"})

    def test_counted(self) -> None:
        trace = trace_network(nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU()), IMAGE)
        assert trace.memory_bytes == sum(node.count * 4 for node in trace.nodes)
        half = trace_network(nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU()), IMAGE, half=True)
        image, conv, relu = (node.count for node in half.nodes)
        assert half.memory_bytes == 4 * image + 2 * conv + 4 * relu  # input and scores in full

    def test_bounds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pellucid.explain.tracing.KEPT_BYTES", 10_000)
        monkeypatch.setattr(store, "RECENT_BYTES", 20_000)
        network = nn.Sequential(*(nn.Conv2d(3, 3, 1) for _ in range(20)))  # 3,072 bytes each
        trace = trace_network(network, IMAGE)
        kept = [row.kept for row in trace.layers]
        assert kept == [True] * 4 + [False] * 16 + [True]  # three fit; input and output besides
        full = trace_network(network, IMAGE, keep="all")
        for index in (19, 4, 12, 11, 4, 19, 0):
            assert np.array_equal(trace.value(index), full.value(index))
            assert trace.memory_bytes <= 5 * 3_072 + 20_000

    def test_few_passes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Asking for all results in turn takes far fewer passes than there are results."""
        monkeypatch.setattr(store, "RECENT_BYTES", 20 * 3_072)
        passes = Counted(*(nn.Conv2d(3, 3, 1) for _ in range(30)))
        trace = trace_network(passes, IMAGE, keep="none")
        for index in (*range(31), *range(31)[::-1]):
            trace.value(index)
        assert 2 < passes.count <= 10

    def test_half(self) -> None:
        network = NETWORKS["inception"]()
        full, half = (trace_network(network, IMAGE, half=each) for each in (False, True))
        for node in full.nodes:
            found, exact = half.value(node), full.value(node)
            assert found.dtype == exact.dtype == np.float32
            assert np.allclose(found, exact, rtol=2**-11, atol=2**-25)
        inner = full.value("inception3a.three")
        assert not np.array_equal(half.value("inception3a.three"), inner)
        assert np.array_equal(half.value(half.output), full.value(full.output))

    def test_half_does_not_overflow(self) -> None:
        network = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU(), nn.Sigmoid())
        trace = trace_network(network, IMAGE * 1e6, half=True)
        full = trace_network(network, IMAGE * 1e6)
        assert np.abs(full.value("0")).max() > 70_000
        assert np.array_equal(trace.value("0"), full.value("0"))

    def test_read_only(self) -> None:
        trace = trace_network(NETWORKS["dense"](), IMAGE)
        for values in (trace.value(0), trace.value("cat"), trace.value("out")):
            with pytest.raises(ValueError, match="read-only"):
                values[...] = 0


class Counted(nn.Sequential):
    count = 0

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        return super().forward(x)


class Random(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return (x + torch.randn(1, 3, 16, 16)).relu().mean((2, 3))


def test_random_numbers_are_the_same_when_computed_again() -> None:
    trace = trace_network(Random(), IMAGE, keep="none")
    torch.randn(5)
    assert np.allclose(trace.value("relu").mean((2, 3)), trace.value(trace.output))
    assert not np.array_equal(trace_network(Random(), IMAGE).value("add"), trace.value("add"))


def test_a_network_that_changed_is_noticed() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    trace = trace_network(network, IMAGE, keep={"1"})
    [weight] = [stored for stored in trace.node("0").stored if stored.name == "0.weight"]
    assert np.array_equal(trace.read(weight), network[0].weight.detach().numpy())
    with torch.no_grad():
        network[0].weight.mul_(1.5)
    with pytest.raises(UsageError, match=r"new 0\.weight since it was traced: trace it again"):
        trace.read(weight)
    with pytest.raises(UsageError, match="other results than when it was traced"):
        trace.value("0")
    assert trace.value("1").shape == (1, 4, 14, 14)  # what was kept is still what it was


class Branching(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.relu() if x.sum() > 0 else x.neg().sqrt()


def test_a_way_that_depends_on_values_is_traced_as_it_ran() -> None:
    assert trace_network(Branching(), torch.ones(1, 1, 2, 2)).names[-1] == "relu"
    assert trace_network(Branching(), -torch.ones(1, 1, 2, 2)).names[-2:] == ("neg", "sqrt")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_torch_does_not_show_is_named() -> None:
    inner = torch.jit.trace(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), IMAGE)
    network = nn.Sequential(nn.Conv2d(3, 3, 1), inner, nn.Flatten())
    trace = trace_network(network, IMAGE)
    assert trace.names == ("input", "0", "1", "2")
    assert trace.node("1").operation == "untraced Sequential"
    assert np.array_equal(trace.value("1"), inner(network[0](IMAGE)).detach().numpy())
    assert "not traced inside: 1" in str(trace)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_types_than_float32(dtype: torch.dtype) -> None:
    network = NETWORKS["dense"]().to(dtype)
    trace = trace_network(network, IMAGE)
    with torch.no_grad():
        expected = network(IMAGE.to(dtype))
    found = trace.value(trace.output)
    assert trace.output.dtype == dtype
    assert found.dtype == (np.float32 if dtype == torch.bfloat16 else np.dtype(str(dtype)[6:]))
    assert torch.equal(torch.tensor(found, dtype=dtype), expected)


def test_the_input_goes_where_the_weights_are_and_in_their_layout() -> None:
    """Of other devices there is only the one without memory on every machine."""
    assert on_network(IMAGE, nn.Conv2d(3, 2, 3, device="meta")).is_meta
    network = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    placed = on_network(IMAGE, network)
    assert placed.is_contiguous(memory_format=torch.channels_last)
    assert on_network(IMAGE, nn.Conv2d(3, 4, 3)).is_contiguous()
    assert placed.data_ptr() != IMAGE.data_ptr()
    viewing = nn.Sequential(nn.Conv2d(3, 4, 3), Viewed())
    assert trace_network(viewing, IMAGE).output.shape == (1, 4 * 14 * 14)


class Viewed(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.view(x.size(0), -1)


def test_scores() -> None:
    network = NETWORKS["residual"]()
    trace = trace_network(network, IMAGE, classes=("a", "b", "c", "d", "e"))
    with torch.no_grad():
        scores = network.eval()(IMAGE)
    assert [each.name for each in trace.scores] == ["a", "b", "c", "d", "e"]
    assert [each.score for each in trace.scores] == scores[0].tolist()
    chances = scores.double().softmax(1)[0].tolist()
    assert [each.probability for each in trace.scores] == pytest.approx(chances, abs=1e-6)
    softened = trace_network(NETWORKS["depthwise"](), IMAGE).scores
    assert [each.name for each in softened] == ["0", "1", "2", "3"]
    assert all(each.score == each.probability for each in softened)
    with pytest.raises(UsageError, match="expected names for 5 scores, found 2 classes"):
        trace_network(network, IMAGE, classes=("a", "b"))
    with pytest.raises(UsageError, match=r"returns scores \(1, K\), found an output of 1×3×16×16"):
        _ = trace_network(nn.ReLU(), IMAGE).scores


def test_a_sample_of_a_batch() -> None:
    network, batch = NETWORKS["inception"](), torch.rand(3, 3, 16, 16)
    trace = trace_network(network, batch, sample=1)
    assert trace.input.shape == (1, 3, 16, 16)
    alone = trace_network(network, batch[1:2])
    assert np.array_equal(trace.value("mean"), alone.value("mean"))


@pytest.mark.parametrize(
    ("given", "arguments", "message"),
    [
        (torch.zeros(0, 3, 8, 8), {}, "at least one picture in it, found 0×3×8×8"),
        (torch.zeros(2, 3, 8, 8), {}, "found a batch of 2 .*sample=0 to 1"),
        (torch.zeros(3, 8, 8), {}, r"C×H×W, give it as values\[None\]"),
        (torch.zeros(2, 3, 8, 8), {"sample": 2}, "a sample from 0 to 1, found 2"),
        (torch.zeros(1, 3, 8, 8), {"keep": "conv"}, "auto, all, none or names of layers"),
        (torch.zeros(1, 1, 8, 8), {}, "does not take an input of 1×1×8×8: it fails in 0"),
        (torch.zeros(1, 3, 2, 2), {}, "does not take an input of 1×3×2×2: it fails in 0"),
        (np.zeros((8, 8, 3), np.uint8), {}, "give preprocessing="),
        (np.zeros((8, 8, 3)), {}, "a picture as uint8"),
        ([[1.0]], {}, "found list"),
    ],
)
def test_errors_are_sentences(given: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        trace_image(nn.Sequential(nn.Conv2d(3, 2, 3)), given, **arguments)


def test_errors_on_nodes() -> None:
    trace = trace_network(NETWORKS["residual"](), IMAGE)
    with pytest.raises(
        UsageError, match=r"unknown layer 'layer1.0.ad'; did you mean 'layer1.0.add'"
    ):
        trace.node("layer1.0.ad")
    for place in (-1, len(trace.nodes)):
        with pytest.raises(UsageError, match=f"a node from 0 to {len(trace.nodes) - 1}, found"):
            trace.node(place)
    with pytest.raises(UsageError, match=r"a node's index or name, found 1\.5"):
        trace.node(1.5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="Conv2d has no weights"):
        trace_network(nn.Conv2d(3, 2, 3, device="meta"), IMAGE)
    with pytest.raises(UsageError, match="expected a torch module, found str"):
        trace_network("network", IMAGE)  # type: ignore[arg-type]


def shown(trace: Trace) -> tuple[str, str, str]:
    return repr(trace), str(trace), trace._repr_html_()


def test_it_shows_itself() -> None:
    network = nn.Sequential()
    network.add_module("<b>\n", nn.Conv2d(3, 2, 16))
    network.add_module("flat", nn.Flatten())
    trace = trace_network(network, IMAGE, classes=("[red]", "<i>"), keep="none")
    line, text, html = shown(trace)
    assert line.startswith("<Trace of Sequential: 3 nodes from input 3×16×16")
    assert "<b>\\n" in text and "on request" in text and "2 of 3 results kept" in text
    assert "<b>\n" not in html and "&lt;i&gt;" in html and "&lt;b&gt;\\n" in html
