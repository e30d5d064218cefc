"""The Python interface: the same words as the command line.

Nothing heavy is imported before it is used: each function imports what it calls.
"""

from pellucid.api.bundle import DEFAULT_TIMING_SECONDS, export, load, optimize, parity
from pellucid.api.comparison import compare, resume_comparison
from pellucid.api.data import audit, shard
from pellucid.api.evaluation import evaluate, labels
from pellucid.api.explanation import trace, verify
from pellucid.api.training import resume, train

__all__ = [
    "DEFAULT_TIMING_SECONDS",
    "audit",
    "compare",
    "evaluate",
    "export",
    "labels",
    "load",
    "optimize",
    "parity",
    "resume",
    "resume_comparison",
    "shard",
    "trace",
    "train",
    "verify",
]
