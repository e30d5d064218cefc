"""Published figures beside a recount: what the papers print, and what our networks have.

A recount is the ledger's, of our own network; each disagreement is explained with numbers.
"""

from collections.abc import Callable

from pellucid.errors import unknown_name
from pellucid.papers.alexnet import alexnet_paper
from pellucid.papers.figure import RULE, Figure, Paper, Printed
from pellucid.papers.googlenet import googlenet_paper
from pellucid.papers.inception import inception_paper, lecture_paper
from pellucid.papers.nin import nin_paper

_PAPERS: dict[str, Callable[[], Paper]] = {
    "alexnet": alexnet_paper,
    "nin": nin_paper,
    "googlenet": googlenet_paper,
    "inception": inception_paper,
    "lecture": lecture_paper,
}
#: Names of all, in the order of their years.
PAPERS = tuple(_PAPERS)


def recount(name: str) -> Paper:
    """A paper's figures, all recounted.

    Args:
        name: one of :data:`PAPERS`.

    Raises:
        UsageError: it is none of them.

    >>> recount("lecture").figures[0].recount
    54
    """
    if name not in _PAPERS:
        raise unknown_name("paper", name, _PAPERS)
    return _PAPERS[name]()


__all__ = [
    "PAPERS",
    "RULE",
    "Figure",
    "Paper",
    "Printed",
    "alexnet_paper",
    "googlenet_paper",
    "inception_paper",
    "lecture_paper",
    "nin_paper",
    "recount",
]
