"""Gather a run folder and write its ``report.html``."""

import base64
import hashlib
from importlib import resources
from pathlib import Path, PurePath
from statistics import median
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from pellucid.errors import RunError
from pellucid.evaluation.result import Evaluation
from pellucid.report import words
from pellucid.report.charts import Line, interval_strip, line_chart, reliability_chart
from pellucid.report.heatmap import pixel_map, shade
from pellucid.report.mistakes import read_gallery
from pellucid.report.record import read_run
from pellucid.report.rehearsed import read_rehearsed
from pellucid.storage import write_bytes
from pellucid.text import visible
from pellucid.training.run import RECORD, REPORT

#: Up to this many classes, the confusion matrix shows its numbers.
TABLE_CLASSES = 20

#: Confusions listed beside the matrix.
TOP_CONFUSIONS = 10


def write_report(run_folder: Path) -> Path:
    """Write ``report.html`` into a run folder, from nothing but that folder.

    The page holds everything it shows; a browser opens it offline. The same folder gives the
    same bytes.

    Args:
        run_folder: made by a training; ``run.json`` and pictures in it are read.

    Returns:
        The page's path.

    Raises:
        RunError: the folder is none, or its ``run.json`` is damaged.
        StorageError: the page cannot be written.
    """
    page = run_folder / REPORT
    write_bytes(page, render(run_folder).encode())
    return page


def render(run_folder: Path) -> str:
    """The page as text; see :func:`write_report`."""
    run = read_run(run_folder)
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            run=run,
            title=PurePath(run["data"]["path"]).name or run["data"]["path"],
            created=_created(run, run_folder),
            recipe=_plain_settings(run["recipe"]),
            speed=_speed(run["history"]),
            curves=_curves(run["history"]),
            style=Markup(resource("page.css")),
            **script(),
            **_judged(run, run_folder),
            **read_rehearsed(run, run_folder),
        )
    )


def script() -> dict[str, str]:
    """The pages' script, and its digest, by which the page allows it and no other."""
    text = resource("page.js")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {"script": Markup(text), "script_digest": digest}


def environment() -> Environment:
    """Where the pages' templates are found, and the filters that they use."""
    made = Environment(
        loader=FunctionLoader(resource),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    each = (
        words.percent,
        words.decimal,
        words.signed,
        words.count,
        words.whole,
        words.duration,
        words.label,
    )
    made.filters |= {filter.__name__: filter for filter in each}
    made.filters |= {"setting": words.setting, "shade": shade}
    return made


def _shown(value: Any) -> Any:
    """Runs on every value that the page shows, before it is escaped."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def resource(name: str) -> str:
    """A file that lies beside this one."""
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _created(run: dict[str, Any], folder: Path) -> str:
    try:
        return words.moment(run["created"])
    except ValueError as error:
        raise RunError(f"{folder / RECORD} is damaged: created is no date.") from error


def _plain_settings(recipe: dict[str, Any]) -> dict[str, Any]:
    """The recipe without the parts that the page shows in places of their own."""
    shown = ("architecture", "preprocessing")
    return {name: value for name, value in recipe.items() if name not in shown}


def _speed(history: list[dict[str, Any]]) -> float | None:
    known = [rate for epoch in history if (rate := epoch["images_per_second"]) is not None]
    return median(known) if known else None


def _curves(history: list[dict[str, Any]]) -> list[tuple[str, Markup]]:
    """The charts of a training with their captions; one without any value is left out."""
    epochs = [epoch["epoch"] for epoch in history]

    def line(name: str, style: str, key: str) -> Line:
        return Line(name, style, [epoch[key] for epoch in history])

    wanted = {
        "Loss": ([line("training", "train", "loss"), line("validation", "val", "val_loss")], "g"),
        "Accuracy": (
            [line("training", "train", "accuracy"), line("validation", "val", "val_accuracy")],
            "%",
        ),
        "Learning rate": ([line("learning rate", "train", "learning_rate")], "g"),
    }
    return [
        (title, line_chart(title, epochs, lines, _percent if form == "%" else _short))
        for title, (lines, form) in wanted.items()
        if any(value is not None for each in lines for value in each.values)
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"


def _short(value: float) -> str:
    return f"{value:.4g}"


def _judged(run: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What the page shows of the evaluation, if there was one."""
    if run["evaluation"] is None:
        return {"evaluation": None}
    try:
        found = Evaluation.from_json(run["evaluation"])
    except RunError as error:
        raise RunError(f"{folder / RECORD}: {error}") from error
    baseline = max(scores.support for scores in found.classes) / found.count
    claimed = sum(piece.count * (piece.confidence or 0) for piece in found.reliability)
    return {
        "evaluation": found,
        "baseline": baseline,
        "strip": interval_strip(found.accuracy, found.interval, baseline),
        "claimed": claimed / found.count,
        "reliability": reliability_chart(found.reliability),
        "heatmap": pixel_map(found.confusion) if len(found.classes) > TABLE_CLASSES else None,
        "confusions": found.confusions(TOP_CONFUSIONS),
        "gallery": read_gallery(folder, found.mistakes),
    }
