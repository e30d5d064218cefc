"""Learn the kernel that turns one picture into another."""

from pellucid.operators.learn.descent import Taught, teach_kernel
from pellucid.operators.learn.result import Fit, Learned
from pellucid.operators.learn.squares import learn_kernel

__all__ = ["Fit", "Learned", "Taught", "learn_kernel", "teach_kernel"]
