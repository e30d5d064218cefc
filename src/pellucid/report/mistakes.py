"""The mistakes that a page shows: their pictures, and the maps of what made the answer."""

import base64
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pellucid.errors import RunError
from pellucid.evaluation.result import Mistake
from pellucid.report.words import signed
from pellucid.storage import read_json
from pellucid.training.run import MAPS, MISTAKES

PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class MistakeMap:
    """The map of an answer against the truth, and what it adds up to.

    Attributes:
        picture: as a data URI.
        score: how far the answer's score lies above that of the truth.
        parts: (name, number) whose sum is the score; empty where the method does not add up.
        scale: the value of the strongest colour.
        words: what the map is.
    """

    picture: str
    score: float
    parts: tuple[tuple[str, float], ...]
    scale: float
    words: str

    @property
    def sum(self) -> str:
        """The parts of the score.

        >>> MistakeMap("", 2.25, (("mean of the map", 2.5), ("bias", -0.25)), 5.0, "").sum
        'mean of the map 2.500, bias −0.250'
        """
        return ", ".join(f"{name} {signed(part)}" for name, part in self.parts)


@dataclass(frozen=True, slots=True)
class Shown:
    """One mistake on the page.

    Attributes:
        mistake: what was said and what is true.
        picture: as a data URI; None where none was kept.
        map: None for those that have none.
    """

    mistake: Mistake
    picture: str | None
    map: MistakeMap | None


@dataclass(frozen=True, slots=True)
class Gallery:
    """All mistakes of a page.

    Attributes:
        shown: the surest first.
        exact: whether the maps add up to the scores.
        problem: why there are no maps, if the network could not be explained.
    """

    shown: tuple[Shown, ...]
    exact: bool
    problem: str | None


def read_gallery(folder: Path, mistakes: tuple[Mistake, ...]) -> Gallery:
    """The mistakes of a run with what was kept of them.

    Args:
        folder: of the run.
        mistakes: of its evaluation.

    Raises:
        RunError: the record of the maps is damaged.
    """
    path = folder / MISTAKES / MAPS
    # A run of an earlier version has no such file.
    record = read_json(path) if path.is_file() else {"maps": [], "problem": None}
    try:
        maps = {int(each["rank"]): _map(folder, each) for each in record["maps"]}
        problem = None if record["problem"] is None else str(record["problem"])
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path} is damaged ({error!r}): train again.") from error
    shown = tuple(
        Shown(each, _picture(folder, str(rank)), maps.get(rank))
        for rank, each in enumerate(mistakes)
    )
    return Gallery(shown, any(each.parts for each in maps.values() if each), problem)


def _map(folder: Path, record: dict[str, Any]) -> MistakeMap | None:
    """A map with its numbers; None where its picture is gone."""
    picture = _picture(folder, f"{record['rank']}-map")
    sums = tuple((str(name), _finite(value)) for name, value in record["sums"])
    score, scale = _finite(record["score"]), _finite(record["scale"])
    if picture is None:
        return None
    return MistakeMap(picture, score, sums, scale, str(record["words"]))


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _picture(folder: Path, name: str) -> str | None:
    return picture_uri(folder / MISTAKES / f"{name}.png")


def picture_uri(path: Path) -> str | None:
    """A picture as a data URI; None where there is no such PNG file."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if not content.startswith(PNG):
        return None
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
