"""The guessing game on the page."""

from functools import partial

from nicegui import ui

from pellucid.images.colour import gray_to_rgb
from pellucid.studio.parts import controls
from pellucid.studio.parts.pixels import PixelView
from pellucid.studio.rooms.image.puzzle import Question, changed, question
from pellucid.studio.rooms.image.state import ImageState
from pellucid.studio.visit import Visit


class Game:
    """Two pictures, four answers."""

    def __init__(self, visit: Visit[ImageState]) -> None:
        self._visit, self._worker = visit, visit.worker()
        with controls.part("What is the convolution here?"):
            with ui.element("div").classes("pair"):
                self._before = self._picture("Before")
                self._after = self._picture("After")
            self._answers = ui.element("div").classes("answers").props('role="group"')
            self._verdict = ui.label().classes("verdict").props('role="status"')
            with ui.element("div").classes("answers"):
                controls.press("Another one", self._another, main=True)
        visit.on_change(self._ask, "round", "picture")
        visit.on_change(self._offer, "round", "guess")
        self._ask()
        self._offer()

    def _picture(self, title: str) -> PixelView:
        with ui.element("div"):
            view = PixelView(title, group="game")
            ui.label(title).classes("caption")
        return view

    def _another(self) -> None:
        self._visit.change(round=self._visit.state.round + 1, guess=0)

    def _ask(self) -> None:
        photo, asked = self._visit.photo, question(self._visit.state.round)
        publish = self._visit.publish

        def work() -> tuple[str, str]:
            pixels = photo.pixels
            before = gray_to_rgb(pixels) if pixels.shape[2] == 1 else pixels
            return publish(before), publish(changed(before, asked.answer))

        def show(made: tuple[str, str]) -> None:
            shape = photo.pixels.shape[0], photo.pixels.shape[1]
            self._before.show(made[0], shape)
            self._after.show(made[1], shape)

        self._worker.ask(work, show)

    def _offer(self) -> None:
        asked, guess = question(self._visit.state.round), self._visit.state.guess
        self._answers.clear()
        with self._answers:
            for place, riddle in enumerate(asked.answers, 1):
                button = controls.press(riddle.name, partial(self._visit.change, guess=place))
                if guess:
                    button.classes(_look(asked, place, guess))
        self._verdict.set_text(_verdict(asked, guess))


def _look(asked: Question, place: int, guess: int) -> str:
    if place == asked.right + 1:
        return "right"
    return "wrong" if place == guess else ""


def _verdict(asked: Question, guess: int) -> str:
    if not guess:
        return ""
    right = guess == asked.right + 1
    start = "Yes" if right else "No"
    return f"{start}: {asked.answer.name}. {asked.answer.told}"
