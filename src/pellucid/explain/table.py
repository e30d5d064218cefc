"""Rows of figures as a pandas table and as one for a page."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError
from pellucid.text import visible

if TYPE_CHECKING:
    from pandas import DataFrame


def frame(rows: Sequence[dict[str, Any]]) -> "DataFrame":
    """A pandas table of rows that have the same names.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise UsageError(
            "to_frame makes a pandas table, but pandas is not installed: install "
            "'pellucid[series]', or use to_json."
        ) from error
    return DataFrame(list(rows))


def html_table(rows: Sequence[dict[str, Any]]) -> str:
    """The same as a table for a page, floats in four digits, None as nothing."""
    head = "".join(f"<th>{escape(name)}</th>" for name in (rows[0] if rows else ()))
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row.values())}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return escape(visible(f"{value:.4g}" if isinstance(value, float) else str(value)))
