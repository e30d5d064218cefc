"""Why table 1's params and ops differ from a recount: each reason with its numbers.

The table does not fit itself. Two rows are exact if K is 1,024 and biases are left out; in others
one column fits the filters printed in the same row and the other does not.
"""

from pellucid.papers.figure import number, rounds_to
from pellucid.papers.table import TableRow

_K = 1024
#: The first convolution as a separable one with depth multiplier 8 (Ioffe and Szegedy 2015, Batch
#: normalization, appendix, about the same authors' next network): 7×7 for each channel, then 1×1.
_SEPARABLE = 7 * 7 * 3 * 8 + 3 * 8 * 64


def params_reason(row: TableRow, weights: int) -> str:
    """Why the printed parameters are not the weights of the row's filters.

    Args:
        row: of the table.
        weights: that its filters have.
    """
    text, thousands = row.params, weights / _K
    if row.name == "convolution 1":
        return (
            f"7·7·3·64 = {weights:,}; 2.7K fits a separable layer with depth multiplier 8, "
            f"7·7·3·8 + 24·64 = {_SEPARABLE:,}, as Ioffe and Szegedy 2015 have it in this place."
        )
    if abs(thousands - number(row.printed_params) / 1000) <= 1:
        return (
            f"{weights:,} weights are {thousands:.1f}K if K is 1,024 and biases are left out"
            f"{'' if _exact(row, weights) else f'; {text} is at most 1K off'}."
        )
    implied = number(row.printed_params) * _K // 1000
    ops = implied * row.positions
    both, own = rounds_to(ops, row.printed_ops), rounds_to(weights * row.positions, row.printed_ops)
    if own and not both:
        return (
            f"The row's filters have {weights:,} weights, and its ops fit them: ·{row.positions} "
            f"= {weights * row.positions / 1e6:.1f}M; {text} would give {ops / 1e6:.1f}M."
        )
    if both and not own:
        return (
            f"The row's filters have {weights:,} weights; its params and ops fit each other "
            f"({text}·1,024·{row.positions} = {ops / 1e6:.1f}M), not the filters."
        )
    return (
        f"The row's filters have {weights:,} weights, {thousands:.1f}K of 1,024; of {text} the "
        "rest is not explained."
    )


def ops_reason(row: TableRow, weights: int, macs: int) -> str:
    """Why the printed operations are not the multiply-adds of the row's filters.

    Args:
        row: of the table.
        weights: that its filters have.
        macs: that they make.
    """
    if row.name == "convolution 1":
        return (
            f"{weights:,} · 112·112 = {macs / 1e6:.1f}M; 34M fits the separable layer, "
            f"{_SEPARABLE:,} · 112·112 = {_SEPARABLE * row.positions / 1e6:.1f}M."
        )
    implied = number(row.printed_params) * _K // 1000
    return (
        f"{weights:,} weights at {row.positions} positions make {macs / 1e6:.1f}M; {row.ops} fits "
        f"the row's params, {row.params}·1,024·{row.positions} = "
        f"{implied * row.positions / 1e6:.1f}M, not its filters."
    )


def _exact(row: TableRow, weights: int) -> bool:
    return round(weights / _K) * 1000 == number(row.printed_params)
