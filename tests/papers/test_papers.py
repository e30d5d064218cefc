"""Published figures: every row is there, the recounts are right, and a wrong network is seen."""

import math
import re
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from pellucid.errors import UsageError
from pellucid.models import Architecture
from pellucid.papers import (
    PAPERS,
    Figure,
    Paper,
    alexnet_paper,
    googlenet_paper,
    inception_paper,
    nin_paper,
    recount,
)
from pellucid.papers.figure import printed, rounds_to
from pellucid.papers.table import COLUMNS, TABLE, printed_total


def outline(name: str, side: int, classes: int = 1000, **options: object) -> nn.Module:
    arguments = {"classes": classes, "channels": 3, "height": side, "width": side, **options}
    return Architecture(name, arguments).outline().eval()


@pytest.fixture(scope="module")
def googlenet() -> Paper:
    return googlenet_paper()


def by_place(paper: Paper) -> dict[tuple[str, str], Figure]:
    found = {(each.row, each.column): each for each in paper.figures}
    assert len(found) == len(paper.figures)
    return found


def run(network: nn.Module, side: int) -> tuple[dict[str, int], dict[str, tuple[int, ...]]]:
    """Multiply-adds and output shape of every module, as torch itself counts them."""
    shapes: dict[str, tuple[int, ...]] = {}

    def keep(path: str) -> object:
        def hook(module: nn.Module, args: object, result: Tensor) -> None:
            shapes[path] = tuple(result.shape)

        return hook

    for path, module in network.named_modules():
        module.register_forward_hook(keep(path))  # type: ignore[arg-type]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.empty(1, 3, side, side, device="meta"))
    root = type(network).__name__
    macs = {
        path.removeprefix(f"{root}."): sum(kinds.values()) // 2
        for path, kinds in counter.get_flop_counts().items()
    }
    return macs, shapes


def test_every_row_and_column_of_the_table_is_there(googlenet: Paper) -> None:
    found = by_place(googlenet)
    assert len(TABLE) == 19
    for row in TABLE:
        columns = ["output size"]
        columns += [name for name, many in zip(COLUMNS, row.filters, strict=False) if many]
        columns += ["params", "ops"] if row.params else []
        columns += ["depth"] if row.depth is not None and row.name != "softmax" else []
        for column in columns:
            assert found[row.name, column].printed is not None


def test_the_table_was_copied_rightly() -> None:
    # What the table says of itself: stacked maps, pooling that halves, sums.
    modules = [row for row in TABLE if row.name.startswith("inception")]
    assert len(modules) == 9
    for row in modules:
        one, _, three, _, five, project = row.filters
        assert sum(each or 0 for each in (one, three, five, project)) == row.maps
    assert sum(row.depth or 0 for row in TABLE) == 22
    assert (printed_total("params"), printed_total("ops")) == (6_797_700, 1_502_000_000)
    known = {row.name: (row.params, row.ops) for row in TABLE}
    assert known["convolution 1"] == ("2.7K", "34M")
    assert known["inception (3a)"] == ("159K", "128M")
    assert known["inception (4c)"] == ("463K", "100M")


def test_googlenet_rows_against_torch(googlenet: Paper) -> None:
    network = outline("googlenet", 224)
    macs, shapes = run(network, 224)
    found = by_place(googlenet)
    for row in TABLE:
        if not row.params:
            continue
        weights = sum(
            parameter.numel()
            for name, parameter in network.named_parameters()
            if name.endswith("weight") and name.startswith(tuple(f"{p}." for p in row.paths))
        )
        assert found[row.name, "params"].recount == weights
        assert found[row.name, "ops"].recount == sum(macs[path] for path in row.paths)
        _, channels, height, width = (*shapes[row.paths[-1]], 1, 1)[:4]
        assert found[row.name, "output size"].recount == (height, width, channels)
    assert found["whole network", "multiply-adds"].recount == macs["Network"] == 1_582_671_872
    used = sum(p.numel() for part in (network.trunk, network.head) for p in part.parameters())  # type: ignore[union-attr]
    ratio = found["whole network", "times fewer than AlexNet"].recount
    assert ratio == pytest.approx(60_965_224 / used)


def test_googlenet_agrees_but_for_what_is_known(googlenet: Paper) -> None:
    found = by_place(googlenet)
    disagree = {place for place, each in found.items() if each.agrees is False}
    params = {(row.name, "params") for row in TABLE if row.params}
    ops = {(name, "ops") for name in ("convolution 1", "inception (4a)", "inception (5a)")}
    whole = ("sum of params", "sum of ops", "multiply-adds", "times fewer than AlexNet")
    assert disagree == params | ops | {("whole network", column) for column in whole}
    assert all(each.why and "No reason" not in each.why for each in googlenet.disagreements)
    assert found["whole network", "depth"].recount == 22
    assert found["whole network", "depth with pooling"].recount == 27
    assert found["auxiliary 4d", "pooled"].recount == (4, 4, 528)


def test_alexnet_against_torch() -> None:
    network = outline("alexnet", 227)
    _, shapes = run(network, 227)
    found = by_place(alexnet_paper())
    layers = {
        path: module
        for path, module in network.named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    }
    names = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")
    counts = [math.prod(shapes[path]) for path in layers]
    assert [found[name, "neurons"].recount for name in names] == counts
    assert found["whole network", "neurons"].recount == sum(counts) == 659_272
    assert found["whole network", "parameters"].recount == 60_965_224
    assert sum(parameter.numel() for parameter in network.parameters()) == 60_965_224
    for name, layer in zip(names, layers.values(), strict=True):
        if isinstance(layer, nn.Conv2d):
            kernels = (layer.out_channels, *layer.kernel_size, layer.in_channels // layer.groups)
            assert found[name, "kernels"].recount == kernels
            assert found[name, "kernels"].agrees
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.empty(1, 3, 227, 227, device="meta"))
    macs = found["whole network", "multiply-adds"].recount
    assert macs == counter.get_total_flops() // 2 == 724_406_816
    wrong = {place for place, each in found.items() if each.agrees is False}
    assert wrong == {("whole network", "neurons"), ("input", "values"), ("conv1", "neurons")}


def test_nin_against_torch() -> None:
    found = by_place(nin_paper())
    for row, side, classes, form in (
        ("CIFAR-10", 32, 10, "cifar"),
        ("ImageNet", 224, 1000, "imagenet"),
    ):
        network = outline("nin", side, classes, form=form)
        macs, _ = run(network, side)
        total = sum(parameter.numel() for parameter in network.parameters())
        assert found[row, "parameters"].recount == total
        assert found[row, "multiply-adds"].recount == macs["Network"]
        widths = [m.out_channels for m in network.modules() if isinstance(m, nn.Conv2d)]
        for number, at in enumerate(range(0, len(widths), 3), 1):
            assert found[row, f"mlpconv{number} filters"].recount == tuple(widths[at : at + 3])
    megabytes = found["ImageNet", "snapshot, MB"].recount
    assert megabytes == pytest.approx(7_595_176 * 4 / 2**20)
    assert nin_paper().disagreements == ()


def test_inception_by_hand() -> None:
    found = by_place(inception_paper())
    inside = 28 * 28
    naive = (192 * 64 + 192 * 128 * 9 + 192 * 32 * 25) * inside
    reduced = 192 * (64 + 96 + 16 + 32) + 96 * 128 * 9 + 16 * 32 * 25
    assert found["naive", "multiply-adds"].recount == naive == 303_464_448
    assert found["with reduction", "multiply-adds"].recount == reduced * inside == 128_049_152
    assert found["naive", "output size"].recount == (28, 28, 416)
    assert found["with reduction", "output size"].recount == (28, 28, 256)


def test_the_lecture() -> None:
    first, biased = recount("lecture").figures
    assert first.recount == 2 * 3 * 3 * 3 == 54 and first.agrees
    assert biased.recount == 56 and biased.agrees is None


def test_a_wrong_googlenet_is_seen() -> None:
    wrong = outline("googlenet", 224)
    branch = wrong.trunk.inception_3a.three  # type: ignore[union-attr]
    with torch.device("meta"):
        branch.reduce.conv = nn.Conv2d(192, 97, 1)  # type: ignore[union-attr]
        branch.conv.conv = nn.Conv2d(97, 128, 3, padding=1)  # type: ignore[union-attr]
    paper = googlenet_paper(wrong)
    found = by_place(paper)
    assert found["inception (3a)", "#3×3 reduce"].agrees is False
    for column in ("#3×3 reduce", "params", "ops"):
        assert found["inception (3a)", column].why.startswith("No reason is known")
    assert found["whole network", "sum of ops"].why.startswith("No reason is known")
    good = by_place(googlenet_paper())
    changed = {place for place in found if found[place] != good[place]}
    assert {row for row, _ in changed} == {"inception (3a)", "whole network"}


def test_another_variant_is_seen() -> None:
    # torchvision's has 3×3 kernels in the place of 5×5.
    found = by_place(googlenet_paper(outline("googlenet", 224, variant="torchvision")))
    assert "No reason" in found["inception (4c)", "params"].why
    assert found["inception (4c)", "ops"].agrees is False
    single = by_place(alexnet_paper(outline("alexnet", 227, variant="single")))
    assert single["conv1", "kernels"].agrees is False
    assert "No reason" in single["conv1", "neurons"].why
    nin = by_place(nin_paper(outline("nin", 32, 100)))
    assert nin["CIFAR-10", "class maps"].agrees is False


def test_a_network_without_these_layers_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no layer trunk\.conv1"):
        alexnet_paper(outline("fully_connected", 227))


@pytest.mark.parametrize("name", PAPERS)
def test_the_sums_in_the_reasons_are_right(name: str) -> None:
    # 364K·1,024 is 364·1,024: what the table's K stands for there.
    numbers = r"\d[\d,]*(?:\.\d+)?K?"
    pattern = rf"(?<![/)] )\b({numbers}(?: ?[·+] ?{numbers})+) = ([\d,]+(?:\.\d+)?)(M?)(?![\d·])"
    checked = 0
    for each in recount(name).disagreements:
        for left, right, unit in re.findall(pattern, each.why):
            plain = left.replace(",", "").replace("K", "")
            total = sum(math.prod(map(int, term.split("·"))) for term in plain.split("+"))
            digits = len(right.partition(".")[2])
            scale = 1e6 if unit else 1
            assert round(total / scale, digits) == float(right.replace(",", "")), each.why
            checked += 1
        for weights, thousands in re.findall(r"([\d,]+) weights are ([\d.]+)K", each.why):
            assert round(int(weights.replace(",", "")) / 1024, 1) == float(thousands), each.why
            checked += 1
    assert checked >= {"googlenet": 13, "alexnet": 3}.get(name, 0)


@given(st.integers(0, 10**9), st.integers(1, 9999), st.sampled_from((1, 10, 1000, 100_000)))
def test_rounding_is_half_up(recounted: int, steps: int, unit: int) -> None:
    published = printed(str(steps * unit), unit=unit)
    nearest = math.floor(Fraction(recounted, unit) + Fraction(1, 2))
    assert rounds_to(recounted, published) == (nearest == steps)
    assert rounds_to(steps * unit, published)


def test_printed_forms() -> None:
    assert printed("1000K") == printed("1000K", unit=1000)
    assert (printed("2.7K").value, printed("2.7K").unit) == (2700, 100)
    assert printed("64,896").value == 64896
    assert rounds_to((28, 28, 256), printed("28×28×256"))
    assert not rounds_to((28, 256, 28), printed("28×28×256"))
    assert not rounds_to(94_08, printed("2.7K"))


def test_unknown_paper() -> None:
    with pytest.raises(UsageError, match="did you mean 'nin'"):
        recount("nim")
