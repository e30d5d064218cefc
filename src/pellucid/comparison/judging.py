"""The end of a comparison: all networks answer for the same images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.comparison.findings import findings
from pellucid.comparison.folder import Comparison
from pellucid.comparison.member import MEASURED
from pellucid.comparison.results import Measured, pairs, results_record, standings
from pellucid.comparison.turns import take_turns
from pellucid.inference.predictor import load_predictor
from pellucid.storage import read_json
from pellucid.training.planning.prepare import Prepared
from pellucid.training.run import open_run
from pellucid.watch import Watcher


def judge(comparison: Comparison, prepared: Prepared, watch: Watcher) -> None:
    """Let all finished networks answer for the same images, and work out what follows."""
    finished = [one for one in comparison.members if one["status"] == "finished"]
    if not finished:
        comparison.record["results"] = None
        return
    indices = judged_images(prepared)
    watch.stage("comparing answers", len(finished) * len(indices))
    folders = {one["folder"]: comparison.folder / one["folder"] for one in finished}
    predictors = {name: load_predictor(folder) for name, folder in folders.items()}
    turns = take_turns(predictors, prepared.pixels, indices, watch.advance)
    truth = prepared.labels[indices]
    measured: dict[str, dict[int, Measured]] = {}
    for member in finished:
        folder, turn = folders[member["folder"]], turns[member["folder"]]
        run = open_run(folder)
        figures = Measured(
            right=turn.answers == truth,
            train_seconds=float(run.record["seconds"]["train"]),
            epochs=len(run.record["history"]),
            score_seconds=turn.seconds,
            memory_bytes=read_json(folder / MEASURED)["memory_bytes"],
        )
        member.update(_figures(figures))
        measured.setdefault(member["network"], {})[member["seed"]] = figures
    found = standings(comparison.record["networks"], measured)
    compared = pairs({one.name: measured[one.name] for one in found})
    baseline = float(np.bincount(truth).max()) / len(truth)
    words = findings(found, compared, baseline, comparison.record["data"]["split"])
    comparison.record["results"] = {
        **results_record(found, compared),
        "findings": list(words),
        "baseline": baseline,
    }


def _figures(measured: Measured) -> dict[str, Any]:
    """One training's figures, for its member's record."""
    return {
        "count": len(measured.right),
        "correct": int(measured.right.sum()),
        "train_seconds": measured.train_seconds,
        "epochs": measured.epochs,
        "score_seconds": measured.score_seconds,
        "memory_bytes": measured.memory_bytes,
    }


def judged_images(prepared: Prepared) -> NDArray[np.intp]:
    """The images on which networks are compared: test, or validation where there is no test."""
    return prepared.splits.test if len(prepared.splits.test) else prepared.splits.val
