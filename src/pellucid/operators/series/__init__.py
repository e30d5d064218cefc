"""Operators on series: each is a convolution with a kernel, a stride, or a recursion equal to one.

NumPy in, NumPy out; a pandas Series in, a pandas Series (or DataFrame) out; tensors stay tensors.
"""

from pellucid.operators.series.aggregation import aggregate, group_ends
from pellucid.operators.series.averages import (
    apply,
    difference,
    difference_kernel,
    moving_average,
    moving_average_kernel,
    weighted_average,
    weighted_average_kernel,
)
from pellucid.operators.series.ema import ema, ema_kernel, smoothing
from pellucid.operators.series.kernel import SeriesKernel
from pellucid.operators.series.midas import almon_kernel, beta_kernel
from pellucid.operators.series.scales import HAR, multi_scale, scale_kernels

__all__ = [
    "HAR",
    "SeriesKernel",
    "aggregate",
    "almon_kernel",
    "apply",
    "beta_kernel",
    "difference",
    "difference_kernel",
    "ema",
    "ema_kernel",
    "group_ends",
    "moving_average",
    "moving_average_kernel",
    "multi_scale",
    "scale_kernels",
    "smoothing",
    "weighted_average",
    "weighted_average_kernel",
]
