"""Pellucid: a folder of labelled images to a trained CNN, every number accounted for.

>>> import pellucid
>>> run = pellucid.train("photos/", minutes=5)          # doctest: +SKIP
>>> run.evaluation.accuracy                             # doctest: +SKIP
>>> pellucid.load(run.folder).predict("holiday.jpg")    # doctest: +SKIP
"""

import os

from pellucid._version import __version__
from pellucid.api import audit, evaluate, load, resume, train

# Threads of torch's OpenMP that wait for each other spin, and for long: where another program wants
# the same core they spin instead of letting it finish. A short spin costs about 2% on a quiet
# machine; what it gains on a busy one is not settled (docs/decisions.md). Read once, when torch is
# loaded.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")

__all__ = ["__version__", "audit", "evaluate", "load", "resume", "train"]
