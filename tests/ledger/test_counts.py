"""Parameters and MACs equal those of an instrumented real run, exactly."""

import math

import pytest
import torch
from tests.ledger.plain_networks import PLAIN, Calls
from tests.ledger.real_run import real_macs, real_parameters
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from pellucid.errors import UsageError
from pellucid.ledger import Work, ledger
from pellucid.models import Architecture, arguments_for, registered


@pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")
@pytest.mark.parametrize("name", PLAIN)
def test_plain_networks(name: str) -> None:
    build, shape = PLAIN[name]
    network, image = build(), torch.rand(shape)
    account = ledger(network, shape)
    with sdpa_kernel(SDPBackend.MATH):  # attention as matrix products, which the run can see
        assert account.totals.macs == real_macs(network, image)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(image)
    assert account.totals.flops == counter.get_total_flops()
    assert account.totals.parameters == real_parameters(network)
    assert account.unknown == ()


@pytest.mark.parametrize("name", registered())
def test_registered_networks(name: str) -> None:
    """Every network of ours, at the smallest usual size that it takes."""
    for side in (32, 64, 96, 128, 224):
        arguments = arguments_for(name, classes=5, channels=3, height=side, width=side)
        architecture = Architecture(name, arguments)
        shape = (1, 3, side, side)
        try:
            account = ledger(architecture.outline(), shape)
        except UsageError:
            continue  # too small for it
        network = architecture.build()
        assert account.totals.macs == real_macs(network, torch.rand(shape))
        assert account.totals.parameters == real_parameters(network)
        assert account.unknown == ()
        return
    raise AssertionError(f"{name} takes no usual size")


def test_a_batch_does_so_often_the_work_with_the_same_parameters() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    one, four = (ledger(network, (count, 3, 8, 8)).totals for count in (1, 4))
    for kind in ("macs", "products", "additions", "pooling", "operations"):
        assert getattr(four.work, kind) == 4 * getattr(one.work, kind) > 0
    assert four.parameters == one.parameters
    assert ledger(network, (4, 3, 8, 8)).rows[1].work.formula == "4 × 4 × (3·3·3) × 8·8"


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")
def test_formulas_work_out(name: str) -> None:
    """The formula's numbers multiply to the MACs."""
    build, shape = PLAIN[name]
    for row in ledger(build(), shape).rows:
        if row.work.macs:
            text = row.work.formula.replace("×", "*").replace("·", "*")
            assert eval(text) == row.work.macs  # only digits, products and sums
        else:
            assert not row.work.formula


def _products_by_hand(kernel: int, stride: int, padding: int, length: int) -> int:
    """Taps of one axis that meet an input cell."""
    outputs = (length + 2 * padding - kernel) // stride + 1
    return sum(
        0 <= output * stride - padding + tap < length
        for output in range(outputs)
        for tap in range(kernel)
    )


def test_products_leave_out_the_padding() -> None:
    found = ledger(nn.Conv2d(4, 6, 5, 2, 2, groups=2), (3, 4, 9, 11)).totals.work
    across = _products_by_hand(5, 2, 2, 9) * _products_by_hand(5, 2, 2, 11)
    assert found.products == 3 * 6 * 2 * across < found.macs


def test_other_work_by_kind() -> None:
    """Sums by hand: every operation in the column that the conventions name."""
    network = nn.Sequential(
        nn.Conv2d(2, 4, 3),  # 4×6×6: additions of biases
        nn.BatchNorm2d(4),  # 2 a value
        nn.ReLU(),  # 1
        nn.LocalResponseNorm(5),  # 5 + 4
        nn.GroupNorm(2, 4),  # 7
        nn.AvgPool2d(3, 1),  # 4×4×4: 9 cells each
        nn.AdaptiveMaxPool2d(3),  # windows of 2 cells a side, 3×3 of them
        nn.Softmax(1),  # 3
        nn.Dropout(),
    )
    work = ledger(network, (1, 2, 8, 8)).totals.work
    assert work == Work(
        macs=4 * 18 * 36,
        products=4 * 18 * 36,
        additions=4 * 36,
        pooling=4 * 16 * 9 + 4 * 9 * 4,
        operations=4 * 36 * (2 + 1 + 9 + 7) + 3 * 4 * 9,
    )


def test_unknown_operations_are_named_and_not_zero_in_silence() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(2), nn.LSTM(36, 5))
    account = ledger(network, (1, 1, 8, 8))
    assert {(row.name, row.node.operation) for row in account.unknown} == {("2", "lstm")}
    assert account.totals.parameters == sum(p.numel() for p in network.parameters())
    assert [(one["name"], one["operation"]) for one in account.to_json()["unknown"]] == [
        ("2", "lstm")
    ]
    assert "lstm" in account._repr_html_()


def test_weights_and_biases_apart_and_parameters_that_are_not_used() -> None:
    class Spare(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.spare = nn.Linear(3, 2), nn.Linear(5, 7)
            self.register_buffer("mean", torch.zeros(11))

        def forward(self, x: Tensor) -> Tensor:
            return functional.relu(self.used(x))

    account = ledger(Spare(), (1, 3))
    totals = account.totals
    assert (totals.weights, totals.biases, totals.unused) == (6, 2, 42)
    assert totals.parameters == 50
    assert (totals.weight_bytes, totals.buffer_bytes) == (200, 44)
    assert [stored.name for stored in account.unused] == ["spare.weight", "spare.bias"]


def test_a_shared_weight_counts_once_and_works_each_time() -> None:
    conv = nn.Conv2d(2, 2, 3, padding=1)
    account = ledger(nn.Sequential(conv, nn.ReLU(), conv), (1, 2, 5, 5))
    rows = [row for row in account.rows if row.node.operation == "conv2d"]
    assert [row.weights + row.biases for row in rows] == [38, 0]
    assert [bool(row.reused) for row in rows] == [False, True]
    assert [row.work.macs for row in rows] == [36 * 25, 36 * 25]
    assert rows[1].name == "0 (call 2)"


def test_half_precision_takes_half_the_bytes() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    full, half = (ledger(net, (1, 1, 6, 6)).totals for net in (network, network.half()))
    assert full.macs == half.macs
    # ``half`` changes the network itself, so both were counted in 16 bits unless copied.
    assert half.weight_bytes == 2 * half.parameters
    assert half.activation_bytes == 2 * (36 + 2 * 32)


@pytest.mark.parametrize("shape", [None, (1, 0, 3), (1, 3.5, 8, 8), "abc"])
def test_a_shape_is_needed(shape: object) -> None:
    with pytest.raises(UsageError, match="expected the shape of the network's input"):
        ledger(nn.ReLU(), shape)  # type: ignore[arg-type]


def test_neurons_are_the_outputs_of_weighted_layers() -> None:
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 5))
    assert ledger(network, (1, 1, 8, 8)).totals.neurons == 3 * 36 + 5


def test_einsum_of_three_is_unknown_and_a_sum_is_no_product() -> None:
    three = Calls(lambda net, x: torch.einsum("ab,bc,cd->ad", x, x, x))
    assert [row.node.operation for row in ledger(three, (4, 4)).unknown] == ["einsum"]
    total = Calls(lambda net, x: torch.einsum("ab->a", x))
    assert ledger(total, (4, 3)).totals.work == Work(operations=12)
    outer = ledger(Calls(lambda net, x: torch.einsum("a,b->ab", x, x)), (4,)).totals.work
    assert outer == Work(operations=math.prod((4, 4)))
