"""The ledger: parameters, multiply-adds, bytes and receptive fields of any torch network.

Counted from the graph of one forward pass that was followed on shapes alone: nothing runs, no
weights are needed. What counts as what is in :mod:`pellucid.ledger.conventions`.
"""

from pellucid.ledger.book import Ledger, Totals, ledger
from pellucid.ledger.conventions import CONVENTIONS, DETAILS
from pellucid.ledger.equivariance import Equivariance, PhaseError, equivariance
from pellucid.ledger.row import Group, Row
from pellucid.ledger.savings import HeadComparison, Reduction
from pellucid.ledger.sharing import Sharing
from pellucid.ledger.sparse import ConvolutionMatrix, convolution_matrix, layer_matrix
from pellucid.ledger.work import Work

__all__ = [
    "CONVENTIONS",
    "DETAILS",
    "ConvolutionMatrix",
    "Equivariance",
    "Group",
    "HeadComparison",
    "Ledger",
    "PhaseError",
    "Reduction",
    "Row",
    "Sharing",
    "Totals",
    "Work",
    "convolution_matrix",
    "equivariance",
    "layer_matrix",
    "ledger",
]
