"""A training's loss and accuracy over its epochs, as the report draws them."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from pellucid.report.charts import Line, line_chart
from pellucid.report.words import decimal, percent


def curves(history: Sequence[dict[str, Any]]) -> None:
    """Two charts.

    Args:
        history: of a run, an epoch a row.
    """
    epochs = [row["epoch"] for row in history]
    for title, key, form in (("Loss", "loss", decimal), ("Accuracy", "accuracy", percent)):
        lines = [
            Line("training", "train", [row[key] for row in history]),
            Line("validation", "val", [row[f"val_{key}"] for row in history]),
        ]
        if any(value is not None for line in lines for value in line.values):
            with ui.element("figure").classes("curve"):
                ui.label(title).classes("caption")
                ui.html(line_chart(title, epochs, lines, form), sanitize=False)
