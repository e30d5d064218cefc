"""Szegedy et al. 2015, Going deeper with convolutions: table 1, and what the text says."""

from torch import nn

from pellucid.ledger import Ledger, ledger
from pellucid.models import Architecture, Network
from pellucid.papers.alexnet import alexnet_parameters
from pellucid.papers.figure import Figure, Paper, because, figure, printed, size
from pellucid.papers.part import Part, filters, part
from pellucid.papers.reasons import ops_reason, params_reason
from pellucid.papers.table import COLUMNS, TABLE, TableRow, printed_total

TITLE = "Szegedy et al. 2015, Going deeper with convolutions"
_TABLE = "table 1"
_WHOLE = "whole network"
#: What the reasons about the totals are about: weights, multiply-adds, weights and biases.
_WEIGHTS, _MACS, _PARAMETERS = 6_990_272, 1_582_671_872, 6_998_552


def googlenet_paper(network: nn.Module | None = None) -> Paper:
    """The paper's figures beside a recount.

    Args:
        network: GoogLeNet for 1,000 classes of 3×224×224 images, its layers named as in
            :mod:`pellucid.models.googlenet`; ours by default.

    Raises:
        UsageError: it has no layer of such a name.
    """
    if network is None:
        arguments = {"classes": 1000, "channels": 3, "height": 224, "width": 224}
        network = Architecture("googlenet", arguments).outline()
    account = ledger(network, (1, 3, 224, 224))
    figures: list[Figure] = []
    inputs = 3
    for row in TABLE:
        figures += _row(row, _part(account, row), inputs)
        inputs = row.maps
    figures += _totals(account)
    figures += _auxiliary(network)
    return Paper(
        "GoogLeNet",
        TITLE,
        tuple(figures),
        (
            "Sizes are written H×W×C, as in the table. Params: weights without biases, K = 1,000. "
            "Ops: multiply-adds of one image, M = 1,000,000.",
            "The network here ends in scores; the softmax, which keeps their size, is not in it. "
            "The table leaves out response normalisation, which has no parameters.",
        ),
    )


def _part(account: Ledger, row: TableRow) -> Part:
    if row.name == "avg pool":
        head = part(account, ["head"]).rows
        return Part(tuple(each for each in head if each.node.operation == "mean"))
    return part(account, row.paths) if row.paths else Part(account.rows[-1:])


def _row(row: TableRow, found: Part, inputs: int) -> list[Figure]:
    """The comparisons of a row: output size, depth, filters, params, ops."""
    figures = [
        figure(row.name, "output size", _TABLE, printed(row.output), size(found.output)),
    ]
    if row.depth is not None and row.name != "softmax":
        figures.append(figure(row.name, "depth", _TABLE, printed(str(row.depth)), found.depth))
    for column, many in zip(COLUMNS, row.filters, strict=False):
        if many is not None:
            own = _filters(found, column)
            figures.append(figure(row.name, column, _TABLE, printed(str(many)), own))
    if row.params:
        fits = found.weights == row.implied_weights(inputs)
        why = params_reason(row, found.weights) if fits else ""
        figures.append(
            figure(row.name, "params", _TABLE, row.printed_params, found.weights, why=why)
        )
        why = ops_reason(row, found.weights, found.macs) if fits else ""
        figures.append(figure(row.name, "ops", _TABLE, row.printed_ops, found.macs, why=why))
    return figures


def _filters(found: Part, column: str) -> int:
    """Filters of the layer in a column of the table; 0 where there is none."""
    ends = {
        "#1×1": ".one",
        "#3×3 reduce": ".three.reduce",
        "#3×3": ".three.conv",
        "#5×5 reduce": ".five.reduce",
        "#5×5": ".five.conv",
        "pool proj": ".pool.project",
    }
    stem = {"#3×3 reduce": "trunk.reduce2", "#3×3": "trunk.conv2"}
    for row in found.weighted:
        unit = row.node.module.removesuffix(".conv")
        if unit.endswith(ends[column]) or unit == stem.get(column):
            return filters(row)[0]
    return 0


def _totals(account: Ledger) -> list[Figure]:
    """What the text says of the whole network, and the sums of the table's columns."""
    whole = Part(account.rows)
    depths = (("depth", "22", whole.depth), ("depth with pooling", "27", whole.depth_with_pooling))
    return [
        *(figure(_WHOLE, what, "section 5", printed(text), own) for what, text, own in depths),
        *_parameters(account),
        *_multiply_adds(account),
    ]


def _parameters(account: Ledger) -> list[Figure]:
    weights = account.totals.weights
    parameters = weights + account.totals.biases
    total, other = printed_total("params"), alexnet_parameters()
    ratio = other / parameters
    sum_reason = (
        f"The rows add up to {total / 1e6:.2f}M if K is 1,000, to {total * 1.024e-6:.2f}M if it is "
        f"1,024; the filters printed beside them have {weights / 1e6:.2f}M weights, "
        f"{parameters / 1e6:.2f}M with biases."
    )
    ratio_reason = (
        f"{other:,} / {parameters:,} = {ratio:.1f}; with the table's own sum it is "
        f"{60e6 / total:.1f}, and 12 would mean 5 million."
    )
    return [
        figure(
            _WHOLE,
            "sum of params",
            "table 1's sum",
            printed("6,797.7K", value=total, unit=100),
            weights,
            why=because(weights, _WEIGHTS, sum_reason),
        ),
        figure(
            _WHOLE,
            "times fewer than AlexNet",
            "section 1",
            printed("12×", value=12),
            ratio,
            why=because(parameters, _PARAMETERS, ratio_reason),
        ),
    ]


def _multiply_adds(account: Ledger) -> list[Figure]:
    macs, total = account.totals.macs, printed_total("ops")
    first = part(account, ["trunk.conv1"]).macs / 1e6
    five = part(account, ["trunk.inception_5a"]).macs / 1e6
    sum_reason = (
        f"The first convolution makes {first:.1f}M, not 34M: {first - 34:.0f}M more; "
        f"inception (5a) {five:.1f}M, not 54M: {54 - five:.0f}M less."
    )
    budget_reason = (
        f"The budget is that of the ops column, {total / 1e6:,.0f}M; with {first:.0f}M in place of "
        "34M for the first convolution it is 1.6 billion."
    )
    return [
        figure(
            _WHOLE,
            "sum of ops",
            "table 1's sum",
            printed("1,502M", value=total, unit=1_000_000),
            macs,
            why=because(macs, _MACS, sum_reason),
        ),
        figure(
            _WHOLE,
            "multiply-adds",
            "section 1",
            printed("1.5 billion", value=1_500_000_000, unit=100_000_000),
            macs,
            why=because(macs, _MACS, budget_reason),
        ),
    ]


def _auxiliary(network: nn.Module) -> list[Figure]:
    """The averages that the auxiliary heads begin with, where the network has these heads."""
    if not isinstance(network, Network):
        return []
    heads, found = network.auxiliary, []
    for name, channels in (("4a", 512), ("4d", 528)):
        key = f"inception_{name}"
        if key in heads:
            account = ledger(heads[key], (1, channels, 14, 14))
            pooled = part(account, ["pool"]).output
            text = printed(f"4×4×{channels}")
            found.append(figure(f"auxiliary {name}", "pooled", "section 5", text, size(pooled)))
    return found
