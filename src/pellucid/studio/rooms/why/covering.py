"""Occlusion by hand: a patch is dragged over what the network gets, the scores follow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from nicegui import ui

from pellucid.studio.parts import controls
from pellucid.studio.parts.look import wide_columns
from pellucid.studio.parts.patch import Patch
from pellucid.studio.parts.scores import Scores
from pellucid.studio.rooms.why.evidence import Evidence, evidence_of
from pellucid.studio.rooms.why.state import FILLS, WhyState
from pellucid.studio.traces import Bench
from pellucid.studio.visit import Visit

if TYPE_CHECKING:
    from pellucid.explain import Trace


@dataclass(frozen=True, eq=False)
class Ground:
    """What is covered.

    Attributes:
        evidence: what is said of the whole picture.
        src: address of the network's input as a picture.
        cover: of what stands where it is covered.
        shape: (H, W) of the input.
    """

    evidence: Evidence
    src: str
    cover: str
    shape: tuple[int, int]


class Covering:
    """The patch, and the scores with it.

    Args:
        visit: of the room.
        bench: with the network.
    """

    def __init__(self, visit: Visit[WhyState], bench: Bench) -> None:
        self._visit, self._bench = visit, bench
        self._worker, self._pointer = visit.worker(), visit.worker()
        self._ground: Ground | None = None
        state = visit.state
        with controls.part("Cover a part of it"), wide_columns():
            with controls.stage():
                self._patch = Patch("What the network gets", self._move, self._rest)
                self._about = ui.label().classes("caption")
            with controls.panel("Scores with the part covered"):
                self._scores = Scores(self._choose, self._compare)
                controls.slide("Patch, % of each side", 2, 100, state.size, self._resize, unit="%")
                controls.choose("Covered by", FILLS, state.fill, lambda f: visit.change(fill=f))
                controls.press("Uncover", lambda: visit.change(top=-1, left=-1))
        visit.on_change(self.look, "picture", "target", "against", "fill", "size")
        visit.on_change(self._uncovered, "top")
        self.look()

    @property
    def _size(self) -> tuple[int, int]:
        """(height, width) of the patch, in cells of the input."""
        assert self._ground is not None
        height, width = self._ground.shape
        share = self._visit.state.size / 100
        return max(1, round(height * share)), max(1, round(width * share))

    def look(self) -> None:
        """Show what the state asks for."""
        photo, state, publish = self._visit.photo, self._visit.state, self._visit.publish

        def work() -> Ground:
            from pellucid.explain.maps.fill import filled
            from pellucid.explain.sight.draw import as_picture

            with self._bench.lock:
                found, _ = evidence_of(self._bench.trace(photo), state)
            given = found.trace.value(found.trace.input)
            # Side by side, so that both have the same black and white.
            both = np.concatenate([given, filled(given, state.fill)], axis=3)  # type: ignore[arg-type]
            drawn = as_picture(both[0])
            wide = given.shape[3]
            src, cover = (
                publish(np.ascontiguousarray(half)) for half in np.split(drawn, [wide], 1)
            )
            return Ground(found, src, cover, (given.shape[2], wide))

        def show(ground: Ground) -> None:
            self._ground = ground
            state = self._visit.state
            place = (state.top, state.left)
            self._patch.show(ground.src, ground.cover, ground.shape, self._size, place)
            height, width = ground.shape
            self._about.set_text(
                f"What the network gets, {height} × {width} pixels. Drag the patch, or move it "
                "with the arrow keys."
            )
            self._score(*place)

        self._worker.ask(work, show)

    def _uncovered(self) -> None:
        if self._visit.state.top < 0:
            self.look()

    def _move(self, top: int, left: int) -> None:
        self._score(top, left, answer=True)

    def _score(self, top: int, left: int, *, answer: bool = False) -> None:
        """The scores with a part covered, as soon as the network has them."""
        ground = self._ground
        if ground is None:
            return
        height, width = self._size
        fill, evidence = self._visit.state.fill, ground.evidence

        def work() -> "Trace | None":
            from pellucid.explain import trace_network
            from pellucid.explain.maps.occlusion import covered

            if top < 0:
                return None
            rows, columns = slice(top, top + height), slice(left, left + width)
            trace = evidence.trace
            given = covered(trace, rows, columns, fill=fill)  # type: ignore[arg-type]
            with self._bench.lock:
                return trace_network(trace.network, given, classes=trace.classes, keep="none")

        def show(now: "Trace | None") -> None:
            self._scores.show(evidence.bars(now))
            if answer:
                self._patch.answered()

        self._pointer.ask(work, show)

    def _rest(self, top: int, left: int) -> None:
        self._visit.change(top=top, left=left)

    def _resize(self, size: float) -> None:
        self._visit.change(size=int(size))

    def _choose(self, place: int) -> None:
        if self._ground is not None:
            self._visit.change(target=self._ground.evidence.ranked[place].name)

    def _compare(self, place: int) -> None:
        if self._ground is not None:
            self._visit.change(against=self._ground.evidence.ranked[place].name)
