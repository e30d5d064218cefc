"""The comparison as CSV: a row a training."""

import csv
import io

from pellucid.comparison.folder import Comparison
from pellucid.evaluation.metrics import wilson_interval

COLUMNS = (
    "network", "seed", "status", "count", "correct", "accuracy", "low", "high", "parameters",
    "macs", "epochs", "train_seconds", "score_seconds", "memory_bytes", "error",
)  # fmt: skip


def table_text(comparison: Comparison) -> str:
    """Header and rows; numbers are not rounded, unknown ones are empty.

    ``low`` and ``high`` are the ends of the 95% Wilson interval, ``score_seconds`` is by image.
    """
    sizes = {one["name"]: one for one in comparison.record["networks"]}
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for member in comparison.members:
        network = sizes[member["network"]]
        row = {**member, "parameters": network["parameters"], "macs": network["macs"]}
        if member.get("count"):
            row["accuracy"] = member["correct"] / member["count"]
            row["low"], row["high"] = wilson_interval(member["correct"], member["count"])
        writer.writerow(row)
    return text.getvalue()
