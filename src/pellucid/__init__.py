"""Pellucid: a folder of labelled images to a trained CNN, every number accounted for.

>>> import pellucid
>>> run = pellucid.train("photos/", minutes=5)          # doctest: +SKIP
>>> run.evaluation.accuracy                             # doctest: +SKIP
>>> pellucid.load(run.folder).predict("holiday.jpg")    # doctest: +SKIP
"""

from pellucid._version import __version__
from pellucid.api import (
    audit,
    compare,
    evaluate,
    export,
    labels,
    load,
    optimize,
    parity,
    resume,
    resume_comparison,
    shard,
    trace,
    train,
    verify,
)

__all__ = [
    "__version__",
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
