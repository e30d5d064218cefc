"""Learn the kernel that turns one picture into another."""

from pellucid.operators.learn.result import Fit, Learned
from pellucid.operators.learn.squares import learn_kernel

__all__ = ["Fit", "Learned", "learn_kernel"]
