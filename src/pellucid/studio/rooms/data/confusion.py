"""The confusion matrix, and the pictures of the cell that is open."""

from typing import TYPE_CHECKING

from nicegui import ui

from pellucid.images import Pixels
from pellucid.studio.judged import Judged, judged_of
from pellucid.studio.parts import controls
from pellucid.studio.parts.look import wide_columns
from pellucid.studio.parts.matrix import Matrix
from pellucid.studio.parts.progress import Progress
from pellucid.studio.parts.tiles import Tile, Tiles
from pellucid.studio.photos import Photo, photo_of
from pellucid.studio.rooms.data.opening import open_photo
from pellucid.studio.rooms.data.state import DataState
from pellucid.studio.samples import own_images
from pellucid.studio.traces import Bench
from pellucid.studio.visit import Visit

if TYPE_CHECKING:
    from pellucid.evaluation.result import Evaluation

#: Pictures of a cell that are shown.
_SHOWN = 48


class Confusions:
    """Which classes are taken for which.

    Args:
        visit: of the room.
        bench: with the network and its run.
        evaluation: of the run.
    """

    def __init__(self, visit: Visit[DataState], bench: Bench, evaluation: "Evaluation") -> None:
        self._visit, self._bench, self._evaluation = visit, bench, evaluation
        self._names = [each.name for each in evaluation.classes]
        self._photos: list[Photo] = []
        low, high = evaluation.interval
        with controls.part("What it confuses"):
            ui.label(
                f"{evaluation.correct:,} of {evaluation.count:,} {evaluation.split} images are "
                f"right: {evaluation.accuracy:.1%} (95% interval {low:.1%} to {high:.1%}). Open a "
                "cell to see its pictures."
            ).classes("caption")
            with wide_columns():
                with controls.stage():
                    self._matrix = Matrix(self._names, evaluation.confusion, self._choose)
                with controls.panel("The pictures of this cell"):
                    self._about = ui.label("None is open yet.").classes("caption")
                    self._progress = Progress(visit)
                    self._tiles = Tiles("Pictures of the cell", self._open, smooth=True)
        visit.on_change(self._look, "truth", "answer")
        self._look()

    def _choose(self, truth: int, answer: int) -> None:
        self._visit.change(truth=self._names[truth], answer=self._names[answer])

    def _look(self) -> None:
        truth, answer = self._visit.state.truth, self._visit.state.answer
        if truth not in self._names or answer not in self._names:
            return
        row, column = self._names.index(truth), self._names.index(answer)
        self._matrix.open_cell(row, column)
        self._about.set_text(f"{truth}, and the network says {answer}.")

        def work() -> tuple[Judged, list[int], list[Photo], list[str]]:
            judged = judged_of(self._bench, self._evaluation.split, self._progress.at)
            places = judged.cell(row, column)[:_SHOWN]
            with own_images(self._bench.path) as images:
                photos = [
                    photo_of(images.source.load(int(judged.indices[place])), judged.names[place])
                    for place in places
                ]
            return judged, places, photos, [self._visit.publish(_thumb(each)) for each in photos]

        self._progress.run(work, lambda made: self._show(column, *made))

    def _show(
        self, column: int, judged: Judged, places: list[int], photos: list[Photo], src: list[str]
    ) -> None:
        self._photos = photos
        chances = judged.probabilities[places, column]
        self._tiles.show(
            [
                Tile(f"{chance:.1%}", photo.title, each)
                for chance, photo, each in zip(chances, photos, src, strict=True)
            ]
        )

    def _open(self, place: int) -> None:
        state = self._visit.state
        open_photo(self._visit, self._photos[place], state.answer, state.truth)


def _thumb(photo: Photo) -> Pixels:
    from pellucid.images.fit import fit

    return fit(photo.pixels, 160, 160) if max(photo.full) > 160 else photo.pixels
