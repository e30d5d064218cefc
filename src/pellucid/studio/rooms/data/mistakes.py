"""The most confident mistakes, each with the map of what made the answer."""

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from pellucid.report.mistakes import Shown, read_gallery
from pellucid.studio.parts import controls
from pellucid.studio.photos import photo_of
from pellucid.studio.rooms.data.opening import open_photo
from pellucid.studio.rooms.data.state import DataState
from pellucid.studio.samples import own_images
from pellucid.studio.traces import Bench
from pellucid.studio.visit import Visit
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.evaluation.result import Evaluation
    from pellucid.studio.photos import Photo
    from pellucid.training.run import Run

#: Cards that are shown.
_SHOWN = 12


class Mistakes:
    """Cards, the surest mistake first.

    Args:
        visit: of the room.
        bench: with the network.
        run: whose mistakes they are.
        evaluation: of the run.
    """

    def __init__(
        self, visit: Visit[DataState], bench: Bench, run: "Run", evaluation: "Evaluation"
    ) -> None:
        self._visit, self._bench, self._worker = visit, bench, visit.worker()
        gallery = read_gallery(run.folder, evaluation.mistakes[:_SHOWN])
        with controls.part("Its most confident mistakes"):
            ui.label(
                "Orange speaks for what the network said, blue for the truth. Open one to ask why."
            ).classes("caption")
            with ui.element("div").classes("cards"):
                for shown in gallery.shown:
                    if shown.picture is not None:
                        self._card(shown)

    def _card(self, shown: Shown) -> None:
        mistake = shown.mistake
        said, truth = visible(mistake.predicted), visible(mistake.truth)
        label = f"{visible(mistake.name)}: said {said}, is {truth}"
        card = ui.element("button").classes("card").props("type=button")
        card.props["aria-label"] = label  # a name may have quotes in it
        card.on("click", partial(self._ask, shown))
        with card:
            with ui.element("div").classes("both"):
                ui.element("img").props(f'src="{shown.picture}" alt=""')
                if shown.map is not None:
                    ui.element("img").props(f'src="{shown.map.picture}" alt=""')
            ui.label(f"said {said} ({mistake.probability:.1%})").classes("said")
            ui.label(f"is {truth} ({mistake.probability_of_truth:.1%})").classes("truth")
            if shown.map is not None and shown.map.parts:
                ui.label(f"{shown.map.score:.3f} = {shown.map.sum}").classes("caption")

    def _ask(self, shown: Shown) -> None:
        mistake = shown.mistake

        def work() -> "Photo | None":
            with own_images(self._bench.path) as images:
                for place, sample in enumerate(images.samples):
                    if sample.name == mistake.name:
                        return photo_of(images.source.load(place), mistake.name)
            return None

        def show(photo: "Photo | None") -> None:
            if photo is None:
                self._visit.say(f"{mistake.name} is not in the data any more.")
            else:
                open_photo(self._visit, photo, mistake.predicted, mistake.truth)

        self._worker.ask(work, show)
