"""Write the page of an explanation: what made a score, a layer's maps, or one number."""

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pellucid.report.explained import class_section, field_section, maps_section, score_rows
from pellucid.report.explained_layers import filters_section, layer_rows
from pellucid.report.explained_steps import step_sections
from pellucid.report.page import environment, resource, script
from pellucid.storage import write_bytes

if TYPE_CHECKING:
    from pellucid.explain import FeatureMaps, Field, Trace
    from pellucid.explain.maps import ClassMap
    from pellucid.explain.sight import EffectiveField
    from pellucid.explain.steps import Step


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a page shows: a section for each thing that is given.

    Attributes:
        trace: of a picture.
        found: a class map; with it come the scores, the layers and the first filters.
        maps: of one layer.
        steps: the account of a number, and what lies below it.
        field: what the number sees; of a class map, what its strongest place sees.
        effective: how much the pixels of the field move the number.
    """

    trace: "Trace"
    found: "ClassMap | None" = None
    maps: "FeatureMaps | None" = None
    steps: "tuple[Step, ...]" = ()
    field: "Field | None" = None
    effective: "EffectiveField | None" = None


def write_explanation(path: Path, explanation: Explanation, *, run: str, image: str) -> None:
    """Write the page; a browser opens it offline, for it holds everything that it shows.

    Args:
        path: of the page; it is replaced if it exists.
        explanation: what to show.
        run: name of the run or bundle, for people.
        image: name of the picture's file, likewise.

    Raises:
        StorageError: the page cannot be written.
    """
    write_bytes(path, render_explanation(explanation, run=run, image=image).encode())


def render_explanation(explanation: Explanation, *, run: str, image: str) -> str:
    """The page as text; see :func:`write_explanation`."""
    template = environment().get_template("explanation.html.j2")
    return template.render(
        run=run,
        image=PurePath(image).name,
        network=explanation.trace.graph.network,
        input="×".join(map(str, explanation.trace.input.shape[1:])),
        style=Markup(resource("page.css") + resource("explanation.css")),
        **_sections(explanation),
        **script(),
    )


def _sections(shown: Explanation) -> dict[str, Any]:
    whole = shown.found is not None
    return {
        "verdict": class_section(shown.found) if shown.found is not None else None,
        "scores": score_rows(shown.trace, shown.found) if shown.found is not None else None,
        "maps": maps_section(shown.maps) if shown.maps is not None else None,
        "steps": step_sections(shown.steps),
        "field": field_section(shown.field, shown.effective) if shown.field is not None else None,
        "layers": layer_rows(shown.trace) if whole else [],
        "filters": filters_section(shown.trace) if whole else None,
    }
