"""Learn a kernel from two pictures, and watch it converge."""

from dataclasses import dataclass

import numpy as np
from nicegui import ui
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.images import Pixels
from pellucid.operators import Taught, correlate, read_kernel, teach_kernel
from pellucid.studio.parts import controls
from pellucid.studio.parts.convergence import Convergence
from pellucid.studio.parts.pixels import PixelView
from pellucid.studio.rooms.common import small_plane
from pellucid.studio.rooms.convolution.state import ConvolutionState
from pellucid.studio.visit import Visit

#: Pixels of the longer side of what is learned from: enough to tell, and quick.
SIDE = 160


@dataclass(frozen=True, eq=False)
class Lesson:
    """Two pictures and what was learned from them.

    Attributes:
        before: (H, W), like ``after``.
        after: what the kernel should make of it.
        taught: the kernel, and the way to it.
    """

    before: Pixels
    after: NDArray[np.floating]
    taught: Taught


def learn(before: Pixels, after: Pixels | None, state: ConvolutionState) -> Lesson:
    """Teach a kernel.

    Args:
        before: (H, W, C) uint8.
        after: the same picture afterwards; None: what the state's kernel makes of it.
        state: says the plane, the kernel, the size and the steps.

    Raises:
        UsageError: the pictures differ in size, or the kernel is none.
    """
    plane = small_plane(before, state.plane, SIDE)
    if after is None:
        kernel = read_kernel(state.kernel)
        result = correlate(plane.astype(np.float64), kernel, mode="reflect")
        target = kernel.weights if kernel.shape == (state.size, state.size) else None
        taught = teach_kernel(
            plane, result, state.size, steps=state.steps, target=target, mode="reflect"
        )
        return Lesson(plane, result, taught)
    if before.shape[:2] != after.shape[:2]:
        sizes = [f"{pixels.shape[1]}×{pixels.shape[0]}" for pixels in (before, after)]
        raise UsageError(
            f"expected two pictures of one size, found {sizes[0]} before and {sizes[1]} after."
        )
    wanted = small_plane(after, state.plane, SIDE).astype(np.float64)
    return Lesson(plane, wanted, teach_kernel(plane, wanted, state.size, steps=state.steps))


class Learning:
    """The part of the page."""

    def __init__(self, visit: Visit[ConvolutionState]) -> None:
        self._visit, self._worker = visit, visit.worker()
        with controls.part("Learn a kernel from two pictures"), controls.columns():
            with controls.stage():
                with ui.element("div").classes("pair"):
                    self._before = _picture("Before")
                    self._after = _picture("After")
                self._convergence = Convergence()
                self._verdict = ui.label().classes("lines")
            self._panel()
        visit.on_change(self._offer, "picture", "kernel", "after")
        visit.on_change(self._learn, "after", "size", "steps")
        self._offer()
        self._learn()

    def _panel(self) -> None:
        visit, state = self._visit, self._visit.state
        with controls.panel("What is learned"):
            self._choice = controls.choose(
                "The after picture", {"": ""}, "", lambda name: visit.change(after=name)
            )
            controls.slide("Size", 1, 7, state.size, lambda n: visit.change(size=int(n)))
            counts = sorted({10, 100, 1000, 10_000, state.steps})
            controls.choose(
                "Steps",
                {count: f"{count:,}" for count in counts},
                state.steps,
                lambda count: visit.change(steps=count),
            )
            controls.press("Learn", self._learn, main=True)

    def _offer(self) -> None:
        titles = {"": f"made by {self._visit.state.kernel[:24]}", **self._visit.session.titles()}
        chosen = self._visit.state.after
        self._choice.set_options(titles, value=chosen if chosen in titles else "")

    def _learn(self) -> None:
        visit, state = self._visit, self._visit.state
        before = visit.photo.pixels
        found = visit.session.photo(state.after) if state.after else None
        if state.after and found is None:
            visit.say(f"The picture '{state.after}' is not here (any more): choose another.")
            return
        after = None if found is None else found.pixels

        def work() -> tuple[Lesson, str, str]:
            lesson = learn(before, after, state)
            low, high = float(lesson.after.min()), float(lesson.after.max())
            shades = np.clip((lesson.after - low) / ((high - low) or 1), 0, 1)
            return lesson, visit.publish(lesson.before), visit.publish(shades)

        def show(made: tuple[Lesson, str, str]) -> None:
            lesson, before, after = made
            shape = lesson.before.shape[0], lesson.before.shape[1]
            self._before.show(before, shape)
            self._after.show(after, shape)
            self._convergence.play(lesson.taught)
            self._verdict.set_text("\n".join([lesson.taught.sentence, *lesson.taught.notes]))

        self._worker.ask(work, show)


def _picture(title: str) -> PixelView:
    with ui.element("div"):
        view = PixelView(title, group="learning")
        ui.label(title).classes("caption")
    return view
