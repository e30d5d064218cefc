"""Exact class activation maps: read from the graph of any head that averages maps."""

from collections.abc import Callable
from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.plain_networks import PLAIN
from torch import Tensor, nn
from torch.nn import functional as F

from pellucid.errors import UsageError
from pellucid.explain import Trace, trace_network
from pellucid.explain.maps import ClassMap, class_activation, explain_class, grad_cam
from pellucid.explain.maps.head import NoAverageHeadError
from pellucid.models import Architecture

CLASSES, MAPS = 4, 5


class Headed(nn.Module):
    """Two convolutions, and a head given as a function of their maps (N, 5, H, W)."""

    def __init__(self, head: Callable[["Headed", Tensor], Tensor]) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(2, 6, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(6, MAPS, 3, stride=2)
        )
        self.linear = nn.Linear(MAPS, CLASSES)
        self.before = nn.Linear(MAPS, MAPS, bias=False)
        self.point = nn.Conv2d(MAPS, CLASSES, 1)
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout, self.dropout2d = nn.Dropout(0.5), nn.Dropout2d(0.5)
        self.norm = nn.BatchNorm1d(MAPS)
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self, self.features(x))


Head = Callable[[Headed, Tensor], Tensor]
AVERAGE: dict[str, Head] = {
    "ResNet's": lambda n, x: n.linear(torch.flatten(n.pool(x), 1)),
    "dropout between": lambda n, x: n.linear(n.dropout(n.dropout2d(n.pool(x)).flatten(1))),
    "mean over both": lambda n, x: n.linear(x.mean((2, 3))),
    "mean over both, from behind": lambda n, x: n.linear(x.mean([-1, -2])),
    "mean over rows, then columns": lambda n, x: n.linear(x.mean(2).mean(2)),
    "mean over columns, then rows": lambda n, x: n.linear(torch.mean(torch.mean(x, 3), dim=-1)),
    "mean of flattened maps": lambda n, x: n.linear(x.flatten(2).mean(-1)),
    "average pooling over all": lambda n, x: n.linear(F.avg_pool2d(x, x.shape[2:]).view(1, -1)),
    "two linear layers": lambda n, x: n.linear(n.before(x.mean((2, 3)))),
    "convolution as classifier": lambda n, x: n.point(n.pool(x)).flatten(1),
    "convolution, shape kept": lambda n, x: n.point(x.mean((2, 3), keepdim=True)),
    "NiN's": lambda n, x: n.point(n.dropout2d(x)).relu().mean((2, 3)),
    "NiN's, pooled": lambda n, x: n.pool(n.point(x)).squeeze(3).squeeze(2),
    "softmax at the end": lambda n, x: n.linear(x.mean((2, 3))).softmax(1),
    "log softmax at the end": lambda n, x: F.log_softmax(n.linear(x.mean((2, 3))), dim=1),
    "in float64": lambda n, x: F.linear(x.mean((2, 3)).double(), n.linear.weight.double()),
}  # fmt: skip
OTHER: dict[str, Head] = {
    "maximum": lambda n, x: n.linear(F.adaptive_max_pool2d(x, 1).flatten(1)),
    "activation between": lambda n, x: n.linear(x.mean((2, 3)).relu()),
    "batch norm between": lambda n, x: n.linear(n.norm(x.mean((2, 3)))),
    "rows only": lambda n, x: F.linear(x.mean(2).flatten(1), torch.ones(CLASSES, MAPS * 4)),
    "mean over channels": lambda n, x: F.linear(x.mean(1).flatten(1), torch.ones(CLASSES, 12)),
    "dropout that is on": lambda n, x: n.linear(F.dropout(x.mean((2, 3)), 0.5, training=True)),
    "padded average": lambda n, x: n.linear(
        F.avg_pool2d(x, (3, 4), stride=9, padding=1).flatten(1)
    ),
    "another divisor": lambda n, x: n.linear(
        F.avg_pool2d(x, (3, 4), divisor_override=5).flatten(1)
    ),
    "flatten": lambda n, x: F.linear(x.flatten(1), torch.ones(CLASSES, MAPS * 12)),
    "sum of two": lambda n, x: n.linear(x.mean((2, 3))) + n.point(x).mean((2, 3)),
}


def traced(head: Head, seed: int = 0) -> Trace:
    torch.manual_seed(seed)
    network = Headed(head)
    return trace_network(network, torch.randn(1, 2, 8, 9), classes=("a", "b", "c", "d"))


@pytest.mark.parametrize("name", AVERAGE)
def test_the_map_adds_up_to_the_score_and_names_where_it_is_from(name: str) -> None:
    trace = traced(AVERAGE[name])
    for target in range(CLASSES):
        found = class_activation(trace, target)
        assert found.explained == pytest.approx(found.score, abs=2e-6)
        assert found.explained == pytest.approx(sum(part for _, part in found.sums))
        assert found.sums[0][1] == pytest.approx(found.values.mean())
        assert ("bias" in dict(found.sums)) == (not name.startswith("NiN"))
        assert found.values.shape == (3, 4) and found.at_input.shape == (8, 9)
        assert found.values.dtype == np.float64
        first = trace.node(found.layers[0])
        assert first.shape[2:] == (3, 4) and first.operation in ("conv2d", "relu")


@pytest.mark.parametrize("name", sorted(set(AVERAGE) - {"softmax at the end"}))
def test_it_is_grad_cam_times_the_number_of_positions(name: str) -> None:
    trace = traced(AVERAGE[name])
    for target, against in ((0, None), (1, 3)):
        exact, approximate = (
            method(trace, target, against) for method in (class_activation, grad_cam)
        )
        assert exact.layers[0] == approximate.layers[0]
        np.testing.assert_allclose(exact.values, approximate.values * 12, atol=1e-5)


def test_before_a_softmax_the_score_is_the_logit() -> None:
    plain, soft = (traced(AVERAGE[name]) for name in ("mean over both", "softmax at the end"))
    for method in ("cam", "grad-cam", "occlusion", "gradient", "integrated"):
        one, other = (explain_class(trace, "b", method=method) for trace in (plain, soft))  # type: ignore[arg-type]
        np.testing.assert_allclose(one.values, other.values, atol=1e-6)
        assert one.score == pytest.approx(other.score)


def test_the_values_are_those_of_the_formula() -> None:
    trace = traced(AVERAGE["ResNet's"])
    network = trace.network
    assert isinstance(network, Headed)
    with torch.no_grad():
        maps = network.features(torch.tensor(trace.value("input"))).double()[0]
    weights = network.linear.weight.detach().double()
    for target in range(CLASSES):
        naive = sum(weights[target, c] * maps[c] for c in range(MAPS))
        assert isinstance(naive, Tensor)
        np.testing.assert_allclose(class_activation(trace, target).values, naive, atol=1e-6)


@pytest.mark.parametrize("name", OTHER)
def test_other_heads_are_refused_with_a_reason_and_get_grad_cam_instead(name: str) -> None:
    trace = traced(OTHER[name])
    with pytest.raises(NoAverageHeadError, match="exact"):
        class_activation(trace)
    found = explain_class(trace)
    assert found.method == "grad-cam" and found.explained is None and found.difference is None
    assert "the last before the scores" in found.words and "exact" in found.words
    compared = explain_class(trace, "b", "d")
    assert (compared.target, compared.against) == ("b", "d")
    if name != "dropout that is on":
        np.testing.assert_allclose(compared.values, grad_cam(trace, 1, 3).values)


def test_one_class_against_another_is_the_difference_of_their_maps() -> None:
    trace = traced(AVERAGE["ResNet's"])
    one, other, both = (class_activation(trace, *pair) for pair in (("a",), ("c",), ("a", "c")))
    np.testing.assert_allclose(both.values, one.values - other.values, atol=1e-12)
    assert both.score == pytest.approx(one.score - other.score, abs=1e-6)
    assert both.explained == pytest.approx(both.score, abs=2e-6)
    assert (both.target, both.against) == ("a", "c") and "a rather than c" in both.words


def test_without_a_target_it_is_the_class_with_the_highest_score() -> None:
    trace = traced(AVERAGE["ResNet's"])
    best = "abcd"[int(trace.value(trace.output).argmax())]
    assert class_activation(trace).target == best
    assert class_activation(trace, best).score == max(
        class_activation(trace, one).score for one in range(CLASSES)
    )


@pytest.mark.parametrize(
    ("target", "against", "sentence"),
    [
        ("e", None, "unknown class 'e'"),
        (4, None, "a class from 0 to 3, found 4"),
        (-1, None, "a class from 0 to 3, found -1"),
        (True, None, "a class from 0 to 3, found True"),
        ("a", 0, "two different classes"),
    ],
)
def test_a_class_that_is_none(target: int | str, against: int | None, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        explain_class(traced(AVERAGE["ResNet's"]), target, against)


def test_names_are_asked_for_only_where_there_are_some() -> None:
    trace = trace_network(Headed(AVERAGE["ResNet's"]), torch.zeros(1, 2, 8, 9))
    assert explain_class(trace, 2).target == "2"
    with pytest.raises(UsageError, match="have no names"):
        explain_class(trace, "a")


def test_a_near_name_is_offered() -> None:
    trace = trace_network(
        Headed(AVERAGE["ResNet's"]), torch.zeros(1, 2, 8, 9), classes=("coat", "bag", "shoe", "hat")
    )
    with pytest.raises(UsageError, match="did you mean 'coat'"):
        explain_class(trace, "cot")


@pytest.mark.parametrize("name", ["compact", "nin_small", "googlenet_small"])
def test_our_networks(name: str) -> None:
    arguments: dict[str, object] = {"classes": 3, "channels": 1}
    if name == "compact":
        arguments["widths"] = [8, 16]
    else:
        arguments |= {"height": 32, "width": 32}
    torch.manual_seed(0)
    network = Architecture(name, arguments).build()
    for each in network.parameters():
        nn.init.normal_(each, std=0.1)
    found: ClassMap = explain_class(trace_network(network, torch.randn(1, 1, 32, 32)), 1)
    assert found.method == "cam"
    assert found.difference == pytest.approx(0, abs=1e-5 * max(1, abs(found.score)))


@settings(max_examples=25, deadline=None)
@given(
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda size: size != (1, 1)),
    maps=st.integers(1, 6),
    classes=st.integers(2, 5),
    seed=st.integers(0, 1000),
)
def test_any_number_of_maps_of_any_size(
    size: tuple[int, int], maps: int, classes: int, seed: int
) -> None:
    torch.manual_seed(seed)
    network = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(maps, classes))
    picture = torch.randn(1, maps, *size)
    found = class_activation(trace_network(network, picture))
    # Here the maps are the picture itself, and each position alone can be asked about.
    weights = network[2].weight.detach().double().numpy()  # type: ignore[union-attr,operator]
    best = int(network(picture).argmax())
    for y in range(size[0]):
        for x in range(size[1]):
            expected = weights[best] @ picture[0, :, y, x].double().numpy()
            assert found.values[y, x] == pytest.approx(expected, abs=1e-6)
    assert found.difference == pytest.approx(0, abs=1e-5)


#: Of the plain networks that give class scores, those whose head averages maps.
AVERAGING = {"residual", "tied"}


@pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")
@pytest.mark.parametrize("name", PLAIN)
def test_plain_networks_are_explained_or_refused_in_a_sentence(name: str) -> None:
    build, shape = PLAIN[name]
    torch.manual_seed(0)
    network = build()
    trace = trace_network(network, torch.rand(1, *shape[1:]))
    if len(shape) != 4 or trace.output.count != prod(trace.output.shape[:2]):
        with pytest.raises(UsageError, match=r"expected a (network that gives|trace of a picture)"):
            explain_class(trace)
        return
    found = explain_class(trace, 0)
    assert found.method == ("cam" if name in AVERAGING else "grad-cam")
    if found.difference is not None:
        assert found.difference == pytest.approx(0, abs=1e-5 * max(1, abs(found.score)))


def test_a_mean_over_channels_is_not_taken_for_one_over_as_many_positions() -> None:
    class Confusing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(x.flatten(2).mean(1))

    trace = trace_network(Confusing(), torch.randn(1, 4, 2, 2))
    with pytest.raises(NoAverageHeadError):
        class_activation(trace)
