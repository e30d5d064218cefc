"""What a person sees of an evaluation in a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pellucid.evaluation.result import ClassScores, Evaluation
from pellucid.report.words import count, decimal, percent
from pellucid.text import visible

#: With more classes than this, only the worst are shown.
ALL_CLASSES = 20
WORST_CLASSES = 10
TOP_CONFUSIONS = 5


def evaluation_view(evaluation: Evaluation) -> Group:
    """The figures of an evaluation as short tables.

    Args:
        evaluation: what was found.

    Returns:
        Something that a rich console prints: accuracy with its interval, the other figures,
        the scores by class (the ten worst of many) and the most frequent confusions.
    """
    parts: list[RenderableType] = [
        _headline(evaluation),
        _figures(evaluation),
        Text(),
        _classes(evaluation),
    ]
    confusions = [
        (
            visible(pair.truth),
            visible(pair.predicted),
            f"{count(pair.count)} of {count(pair.support)}",
        )
        for pair in evaluation.confusions(TOP_CONFUSIONS)
    ]
    if confusions:
        head = ("truth", "taken for", "images")
        parts += [Text(), _table("Most frequent confusions", head, confusions, left=2)]
    return Group(*parts)


def _headline(evaluation: Evaluation) -> Text:
    low, high = evaluation.interval
    return Text.assemble(
        (f"{percent(evaluation.accuracy)}", "bold"),
        f" of {count(evaluation.count)} {visible(evaluation.split)} images right "
        f"(95% interval {percent(low)} to {percent(high)})",
    )


def _figures(evaluation: Evaluation) -> Text:
    top5 = [] if evaluation.top5 is None else [f"top-5 {percent(evaluation.top5)}"]
    figures = [
        *top5,
        f"mean F1 {percent(evaluation.macro_f1)}",
        f"balanced accuracy {percent(evaluation.balanced_accuracy)}",
        f"calibration error {percent(evaluation.calibration_error)}",
        f"log loss {decimal(evaluation.log_loss)}",
    ]
    return Text(" · ".join(figures), "dim")


def _classes(evaluation: Evaluation) -> Table:
    many = len(evaluation.classes) > ALL_CLASSES
    shown = evaluation.worst_first()[:WORST_CLASSES] if many else evaluation.classes
    title = f"The {WORST_CLASSES} worst of {len(evaluation.classes)} classes" if many else "Classes"
    head = ("class", "images", "precision", "recall", "F1")
    return _table(title, head, map(_class_row, shown), left=1)


def _class_row(scores: ClassScores) -> tuple[str, ...]:
    ratios = (scores.precision, scores.recall, scores.f1)
    return (visible(scores.name), count(scores.support), *map(percent, ratios))


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], left: int) -> Table:
    """A plain table whose first ``left`` columns are words and the others numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for place, name in enumerate(head):
        numeric = place >= left
        table.add_column(
            name,
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
            header_style="dim",
        )
    for row in rows:
        # As Text, so that square brackets in names are no markup.
        table.add_row(*map(Text, row))
    return table
