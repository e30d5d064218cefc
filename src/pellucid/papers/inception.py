"""The Inception module with and without dimension reduction, and the lecture's small filters."""

from torch import nn

from pellucid.capture import weightless
from pellucid.layers import Inception, InceptionWidths, NaiveInception
from pellucid.ledger import Ledger, ledger
from pellucid.papers.figure import Figure, Paper, figure, printed, size
from pellucid.papers.table import TABLE

#: Inception (3a): maps that it reads, and their side.
_INPUTS, _SIDE = 192, 28


def inception_paper() -> Paper:
    """Module 3a: figure 2a (naive) against figure 2b (with dimension reduction)."""
    row = next(each for each in TABLE if each.name == "inception (3a)")
    widths = InceptionWidths(*(each or 0 for each in row.filters))
    with weightless():
        reduced, naive = Inception(_INPUTS, widths), NaiveInception(_INPUTS, widths)
    with_reduction, without = _account(reduced), _account(naive)
    return Paper(
        "Inception (3a)",
        "Szegedy et al. 2015, Going deeper with convolutions: figures 2a and 2b",
        (
            *_module("with reduction", with_reduction, row.output, row.ops),
            *_module("naive", without, None, None),
            figure(
                "naive : reduced",
                "times as many multiply-adds",
                "",
                None,
                without.totals.macs / with_reduction.totals.macs,
            ),
        ),
        (
            "The naive module has the same 1×1, 3×3 and 5×5 filters, on all 192 channels, and "
            "stacks the pooled channels as they are; the paper draws it without figures.",
        ),
    )


def lecture_paper() -> Paper:
    """Two filters of 3×3 on three channels."""
    with weightless():
        plain, biased = nn.Conv2d(3, 2, 3, bias=False), nn.Conv2d(3, 2, 3)
    shape = (1, 3, 32, 32)
    return Paper(
        "Lecture",
        "2 filters of 3×3×3",
        (
            figure(
                "convolution",
                "parameters",
                "2×3×3×3",
                printed("54"),
                ledger(plain, shape).totals.parameters,
            ),
            figure(
                "convolution",
                "parameters with a bias each",
                "",
                None,
                ledger(biased, shape).totals.parameters,
            ),
        ),
    )


def _account(module: nn.Module) -> Ledger:
    return ledger(module, (1, _INPUTS, _SIDE, _SIDE))


def _module(row: str, account: Ledger, output: str | None, ops: str | None) -> list[Figure]:
    last = account.rows[-1].node.shape
    totals = account.totals
    where = "table 1" if output else ""
    return [
        figure(row, "output size", where, printed(output) if output else None, size(last)),
        figure(row, "multiply-adds", where, printed(ops) if ops else None, totals.macs),
        figure(row, "weights", "", None, totals.weights),
    ]
