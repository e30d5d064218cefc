"""The account of one number: its terms, what is below them, and how it is shown."""

import io
from math import erf, exp, sqrt

import numpy as np
import pytest
import torch
from rich.console import Console
from tests.ledger.plain_networks import Calls
from torch import Tensor, nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.explain import Account, Trace, account, trace_network, trace_picture
from pellucid.images import read_image


@pytest.fixture
def trace() -> Trace:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.GELU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32, 4), nn.Softmax(1),
    )  # fmt: skip
    network[1].running_mean.uniform_()
    return trace_network(network, torch.randn(1, 3, 8, 8), classes=("a", "b", "c", "d"))


def test_a_convolution_is_the_sum_that_its_definition_says(trace: Trace) -> None:
    one = account(trace, "0", (5, 0, 2))
    layer, image = trace.network[0], trace.value("input")[0]
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    expected = float(bias[5])
    for c in range(3):
        for u in range(3):
            for v in range(3):
                y, x = u - 1, 2 * 2 + v - 1
                if y >= 0:
                    expected += float(weight[5, c, u, v]) * float(image[c, y, x])
    assert one.total == pytest.approx(expected, rel=1e-14)
    assert len(one.terms) == 27 and sum(term.role == "padding" for term in one.terms) == 9
    assert one.sources.count(None) == 9 and one.sources.count(0) == 18
    assert one.agrees and abs(one.difference) < 1e-6 and one.found == trace.value("0")[0, 5, 0, 2]


def test_functions_are_what_their_formulas_say(trace: Trace) -> None:
    one = account(trace, "2", (1, 1, 1))
    x = one.terms[0].value
    assert one.total == pytest.approx(x * (1 + erf(x / sqrt(2))) / 2, rel=1e-14)
    assert one.formula.startswith("GELU(") and one.arithmetic.operation == "GELU"
    scores = trace.value("5")[0].astype(np.float64)
    last = account(trace, "6", 2)
    assert last.total == pytest.approx(exp(scores[2]) / sum(map(exp, scores)), rel=1e-13)
    assert last.formula.count("exp(") == 5 and last.formula.endswith(f"= {last.total:.6g}")
    norm = account(trace, "1", (3, 0, 0))
    mean, variance = (
        float(getattr(trace.network[1], name)[3]) for name in ("running_mean", "running_var")
    )
    value = norm.terms[0].value
    assert norm.total == pytest.approx((value - mean) / sqrt(variance + 1e-5), rel=1e-13)
    assert "√(1 + 1e-05)" in norm.formula


def test_maximum_has_a_winner(trace: Trace) -> None:
    one = account(trace, "3", (0, 1, 1))
    [winner] = [term for term in one.terms if term.role == "kept"]
    assert one.total == winner.value == max(term.value for term in one.terms)
    assert one.tolerance == 0 and one.difference == 0 and one.sentence == ""
    assert one.path()[1].at[1:] == winner.at


def test_down_and_the_path(trace: Trace) -> None:
    scores = account(trace, "5", 1)
    ordered = scores.sorted()
    sizes = [abs(term.product) for term in ordered.terms]
    assert sizes == sorted(sizes, reverse=True) and ordered.total == scores.total
    below = ordered.down(0)
    assert below.name == "4" and below.found == ordered.terms[0].value
    names = [step.name for step in scores.path()]
    assert names == ["5", "4", "3", "2", "1", "0", "input"]
    for upper, lower in zip(scores.path(), scores.path()[1:], strict=False):
        assert lower.found in [term.value for term in upper.terms]


def test_the_path_of_a_picture_ends_at_a_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (12, 20, 3), np.uint8)
    picture = read_image(b"P6 20 12 255 " + pixels.tobytes())
    record = Preprocessing("rgb", 6, 6, (0.5,) * 3, (0.25,) * 3, resize="crop")
    torch.manual_seed(0)
    trace = trace_picture(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), picture, record)
    path = account(trace, "0", (2, 1, 1)).path()
    assert [step.name for step in path] == ["0", "normalise", "resize", "crop", "pixels"]
    c, y, x = path[-1].arithmetic.at
    assert path[-1].found == pixels[y, x, c] and all(step.agrees for step in path)


def test_share_and_its_sentence() -> None:
    network = nn.Linear(4, 1, bias=False)
    network.weight.data.copy_(torch.tensor([[100.0, 1, 1, 1]]))
    one = account(trace_network(network, torch.ones(1, 4)), "linear", 0)
    assert one.share() == 1 and one.share(1.0) == 4
    assert one.sentence == "this 1 of 4 terms makes 90% of it"
    assert "these 4 of 4 terms make 90% of it" not in str(one)


def test_a_gate_has_two_ways_down() -> None:
    network = Calls(lambda net, x: x * torch.sigmoid(x.mean((2, 3), keepdim=True)))
    one = account(trace_network(network, torch.randn(1, 2, 3, 3)), "mul", (1, 2, 0))
    assert one.down(0).node.operation == "input"
    gate = one.down(0, weight=True)
    assert gate.node.operation == "sigmoid" and gate.found == one.terms[0].weight


def test_stored_numbers_end_the_way_down() -> None:
    class Token(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.token = nn.Parameter(torch.ones(1, 1, 3))

        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([self.token, x], 1)

    trace = trace_network(Token(), torch.zeros(1, 2, 3))
    one = account(trace, "cat", (0, 1))
    assert one.sources == ("token",) and one.total == 1 and len(one.path()) == 1
    with pytest.raises(UsageError, match=r"whose value is stored \(token\): nothing is below"):
        one.down(0)
    with pytest.raises(UsageError, match="expected a term from 0 to 0, found 3"):
        one.down(3)
    with pytest.raises(UsageError, match="whose weight is given"):
        one.down(0, weight=True)


@pytest.mark.parametrize("at", [(8, 0, 0), (0, 0), (0, 0, -1), (0, 0, 0.5), 3, (1, 0, 0, 0)])
def test_positions_out_of_range(trace: Trace, at: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="expected a position in 0, which is 8 × 4 × 4"):
        account(trace, "0", at)


def test_bad_places(trace: Trace) -> None:
    assert account(trace, "0", (0, 5, 0, 2)).total == account(trace, "0", (5, 0, 2)).total
    with pytest.raises(UsageError, match="unknown layer"):
        account(trace, "conv", 0)
    network = Calls(lambda net, x: x.chunk(2, 1)[1])
    with pytest.raises(UsageError, match="chunk has several results"):
        account(trace_network(network, torch.zeros(1, 2, 3, 3)), "chunk", (0, 0, 0))


def test_a_reused_module_has_an_account_for_each_call() -> None:
    layer = nn.Conv2d(2, 2, 1)
    network = nn.Sequential(layer, nn.ReLU(inplace=True), layer)
    trace = trace_network(network, torch.randn(1, 2, 2, 2))
    first, second = (account(trace, where, (0, 0, 0)) for where in (1, 3))
    assert first.sources == (0, 0) and second.sources == (2, 2)
    assert first.agrees and second.agrees and first.total != second.total


def test_values_stored_as_float16_are_allowed_their_rounding() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Conv2d(4, 2, 3))
    trace = trace_network(network, torch.randn(1, 3, 8, 8), half=True)
    one = account(trace, "2", (0, 1, 1))
    assert one.agrees and 1e-6 < abs(one.difference) < one.tolerance


def shown(one: Account) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(one)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_it_is_shown(trace: Trace) -> None:
    one = account(trace, "5", 0)
    for text in (str(one), shown(one)):
        assert "5 at c 0: linear layer" in text and "32 terms, the 16 largest shown" in text
        assert one.sentence in text and "the network has" in text and "NOT within" not in text
    html = one._repr_html_()
    assert html.count("<tr>") == 17 and "<b>5 at c 0" in html


def test_names_are_escaped() -> None:
    network = nn.Sequential()
    network.add_module("<b>[red]x", nn.Linear(2, 1))
    one = account(trace_network(network, torch.ones(1, 2)), 1, 0)
    assert "<b>[red]x" not in one._repr_html_() and "[red]x" in shown(one)


def test_a_frame_has_a_row_a_term(trace: Trace) -> None:
    one = account(trace, "0", (5, 0, 2))
    frame = one.to_frame()
    assert list(frame.columns) == [
        "source", "c", "y", "x", "tap", "value", "weight", "product", "role",
    ]  # fmt: skip
    assert len(frame) == 27 and frame["x"].isna().sum() == 9
    total = frame["product"].sum() + one.arithmetic.bias
    assert total == pytest.approx(one.total, rel=1e-12)
