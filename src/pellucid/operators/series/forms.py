"""What a series comes as (NumPy array, torch tensor, pandas Series), and its results go back as."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.operators.layout import is_tensor, planes

Values = NDArray[Any]
#: Which times of the given series the times of a result are.
Times = slice | NDArray[np.intp]

EVERY = slice(None)


@dataclass(frozen=True)
class Form:
    """A series in the one layout that operators compute on, and the way back.

    Attributes:
        values: N×C×T.
        back: what :meth:`restore` calls.
    """

    values: Values
    back: Callable[[Values, Times, Sequence[str]], Any]

    def restore(self, result: Values, times: Times = EVERY, names: Sequence[str] = ()) -> Any:
        """A result N×C'×T' in the form that was given.

        Args:
            result: its times are those that ``times`` selects.
            times: of the given series; a pandas index is cut to these.
            names: of C' channels: pandas makes a DataFrame with these columns.
        """
        return self.back(result, times, names)


def form(series: Any, *, floats: bool = True) -> Form:
    """Any series as N×C×T.

    Args:
        series: T, C×T or N×C×T as an array, nested lists or a tensor; or a pandas Series.
        floats: make numbers other than float32 float64.

    Raises:
        UsageError: no real numbers, an empty series, a DataFrame, or a tensor that records
            gradients, which these operators would lose.

    >>> form([1, 2, 3]).values
    array([[[1., 2., 3.]]])
    """
    back: Callable[[Values, Times, Sequence[str]], Any]
    if is_pandas(series):
        found = planes(_numbers(series), 1)
        back = _pandas_back(series)
    else:
        _refuse(series)
        found = planes(series, 1)

        def back(result: Values, times: Times, names: Sequence[str]) -> Any:
            return found.restore(result)

    values = found.values
    if floats and values.dtype != np.float32:
        values = values.astype(np.float64, copy=False)
    return Form(values, back)


def is_pandas(series: Any) -> bool:
    """Whether it is a pandas Series, without importing pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(series, pandas.Series)


def _refuse(series: Any) -> None:
    if is_tensor(series) and series.requires_grad:
        raise UsageError(
            "expected a tensor without gradients: operators on series do not record them; "
            "give series.detach()."
        )
    if hasattr(series, "columns"):
        raise UsageError("expected one series, found a table: give one column, table['name'].")


def _numbers(series: Any) -> Values:
    """The values of a pandas Series; what pandas calls missing becomes NaN."""
    from pandas.api.types import is_numeric_dtype

    if not is_numeric_dtype(series.dtype):
        raise UsageError(f"expected a Series of numbers, found dtype {series.dtype}.")
    if isinstance(series.dtype, np.dtype):
        return np.asarray(series.to_numpy())
    whole = not series.hasnans
    numpy_dtype = series.dtype.numpy_dtype if whole else np.float64
    return np.asarray(series.to_numpy(dtype=numpy_dtype, na_value=np.nan))


def _pandas_back(series: Any) -> Callable[[Values, Times, Sequence[str]], Any]:
    def back(result: Values, times: Times, names: Sequence[str]) -> Any:
        from pandas import DataFrame, Series

        index = series.index[times]
        if names:
            columns = dict(zip(names, result[0], strict=True))
            return DataFrame(columns, index=index)
        return Series(result[0, 0], index=index, name=series.name)

    return back
