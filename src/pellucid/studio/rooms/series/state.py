"""What the series room's address says."""

from dataclasses import dataclass

from pellucid.studio.state import LONGEST, State, one_of, real, text, whole

#: Operators, with what people are told.
OPERATORS = {
    "ema": "Exponential moving average (EMA)",
    "average": "Moving average",
    "scales": "Averages on three scales: day, week, month",
    "aggregate": "Aggregation: one value for a group",
    "midas": "MIDAS weights (beta curve)",
}
#: What stands for a group of values.
HOW = {
    "last": "the last", "mean": "the average", "first": "the first", "max": "the largest",
    "min": "the smallest", "sum": "the sum",
}  # fmt: skip


@dataclass(frozen=True)
class SeriesState(State):
    """The series and what is done with it.

    Attributes:
        data: CSV that was pasted; empty: the bundled prices.
        column: of the CSV, by name or number; empty: the one of numbers.
        operator: one of :data:`OPERATORS`.
        alpha: of the EMA.
        length: of the moving average.
        every: values of a group; the step of MIDAS weights.
        how: one of :data:`HOW`.
        lags: of the MIDAS weights.
        theta1: of their curve.
        theta2: of their curve.
        t: the result that is looked at; −1: none yet.
    """

    data: str = text("", LONGEST)
    column: str = text("", 80)
    operator: str = one_of("ema", tuple(OPERATORS))
    alpha: float = real(0.2, 0.01, 1.0)
    length: int = whole(10, 1, 60)
    every: int = whole(22, 1, 60)
    how: str = one_of("last", tuple(HOW))
    lags: int = whole(44, 1, 120)
    theta1: float = real(1.0, 0.1, 10.0)
    theta2: float = real(5.0, 1.0, 30.0)
    t: int = whole(-1, -1, 1_000_000)
