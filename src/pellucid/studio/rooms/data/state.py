"""What the data room's address says."""

from dataclasses import dataclass

from pellucid.studio.state import State, text


@dataclass(frozen=True)
class DataState(State):
    """Which cell of the confusion matrix is open.

    Attributes:
        truth: name of the true class; empty: no cell is open.
        answer: of the class that the network said.
    """

    truth: str = text("", 200)
    answer: str = text("", 200)
