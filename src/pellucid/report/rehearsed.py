"""What a page shows of the trainings before the training proper."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pellucid.errors import RunError
from pellucid.evaluation.cross_validation import CrossValidation
from pellucid.evaluation.learning_curve import LearningCurve
from pellucid.evaluation.strength_search import StrengthSearch
from pellucid.report.learning import learning_chart
from pellucid.report.mistakes import picture_uri
from pellucid.training.outcome.suspects import Suspect, Suspects
from pellucid.training.run import LABELS, RECORD


@dataclass(frozen=True, slots=True)
class Doubt:
    """One suspect label on the page.

    Attributes:
        suspect: what is doubted.
        picture: as a data URI; None where none was kept.
    """

    suspect: Suspect
    picture: str | None


def read_rehearsed(run: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Cross-validation, search, learning curve and suspect labels; None where there is none.

    Raises:
        RunError: a record is damaged.
    """
    try:
        cross, search, curve, suspects = (
            None if (found := run.get(name)) is None else kind.from_json(found)
            for name, kind in (
                ("cross_validation", CrossValidation),
                ("augmentation", StrengthSearch),
                ("learning_curve", LearningCurve),
                ("label_errors", Suspects),
            )
        )
    except RunError as error:
        raise RunError(f"{folder / RECORD}: {error}") from error
    return {
        "cross": cross,
        "search": search,
        "curve": curve,
        "learning": learning_chart(curve) if isinstance(curve, LearningCurve) else Markup(),
        "suspects": suspects,
        "doubts": _doubts(suspects.found, folder) if isinstance(suspects, Suspects) else (),
    }


def _doubts(found: tuple[Suspect, ...], folder: Path) -> tuple[Doubt, ...]:
    return tuple(
        Doubt(one, picture_uri(folder / LABELS / f"{rank}.png")) for rank, one in enumerate(found)
    )
