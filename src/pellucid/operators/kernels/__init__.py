"""Kernels by name, or typed by hand, with what their numbers mean.

>>> from pellucid.operators.kernels import kernel, read_kernel
>>> kernel("gaussian", sigma=2).separable, read_kernel("gaussian:sigma=2").total
(True, 1.0)
"""

from pellucid.operators.kernels import basic, blur, sharpening, edges, curvature  # noqa: F401, I001
from pellucid.operators.kernels.gabor import gabor_bank
from pellucid.operators.kernels.kernel import Kernel, Weights
from pellucid.operators.kernels.registry import defaults, kernel, label, names
from pellucid.operators.kernels.typed import read_kernel, read_kernels, typed_kernel

__all__ = [
    "Kernel",
    "Weights",
    "defaults",
    "gabor_bank",
    "kernel",
    "label",
    "names",
    "read_kernel",
    "read_kernels",
    "typed_kernel",
]
