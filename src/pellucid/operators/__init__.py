"""Operators on images and series: convolution, kernels, pooling, series, with their arithmetic.

Those on series lie in :mod:`pellucid.operators.series`.
"""

from pellucid.operators.arithmetic import (
    Arithmetic,
    Term,
    explain_convolution,
    explain_correlation,
    explain_ema,
    explain_global_pooling,
    explain_mixing,
    explain_pooling,
    explain_series,
)
from pellucid.operators.channels import add, drop, keep, mix, swap, turn_hue
from pellucid.operators.convolution import Explained, convolve, correlate
from pellucid.operators.coverage import coverage_map, coverage_picture
from pellucid.operators.kernels import Kernel, kernel, names, read_kernel
from pellucid.operators.learn import Learned, Taught, learn_kernel, teach_kernel
from pellucid.operators.pooling import pool, pool_global
from pellucid.operators.pooling_loss import PoolingLoss, pooling_loss

__all__ = [
    "Arithmetic",
    "Explained",
    "Kernel",
    "Learned",
    "PoolingLoss",
    "Taught",
    "Term",
    "add",
    "convolve",
    "correlate",
    "coverage_map",
    "coverage_picture",
    "drop",
    "explain_convolution",
    "explain_correlation",
    "explain_ema",
    "explain_global_pooling",
    "explain_mixing",
    "explain_pooling",
    "explain_series",
    "keep",
    "kernel",
    "learn_kernel",
    "mix",
    "names",
    "pool",
    "pool_global",
    "pooling_loss",
    "read_kernel",
    "swap",
    "teach_kernel",
    "turn_hue",
]
