"""A picture to look into: zoom until single pixels show their numbers."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.images.crop import MOST, Crop
from pellucid.images.grid import Grid
from pellucid.studio.parts import ESM, WEB


class Mark(NamedTuple):
    """Something drawn over the pixels.

    Attributes:
        cells: (y, x) of those that are filled; those below 0 lie in the padding.
        frame: (y, x, height, width) of an outline in cells; None for none.
        look: ``window``, ``uses`` or ``spot``: the colour.
    """

    cells: Sequence[tuple[int, int]] = ()
    frame: tuple[int, int, int, int] | None = None
    look: str = "window"


class PixelView(ui.element, component=WEB / "pixels.js", esm=ESM):
    """A zoomable picture with a cell under the pointer or the keyboard's cursor.

    Args:
        label: what it shows, for screen readers.
        on_hover: called with (y, x) of the cell that is pointed at.
        on_leave: called when none is.
        on_pick: called with (y, x) of a cell that is clicked, or chosen with Enter.
        group: views of one group are moved together.
    """

    def __init__(
        self,
        label: str,
        *,
        on_hover: Callable[[int, int], None] | None = None,
        on_leave: Callable[[], None] | None = None,
        on_pick: Callable[[int, int], None] | None = None,
        group: str = "",
    ) -> None:
        super().__init__()
        self._props.update(label=label, group=group)
        self._numbers: Callable[[Crop], Grid] | None = None
        self.on("hover", lambda event: self._hover(event, on_hover))
        self.on("leave", lambda: on_leave() if on_leave else None)
        self.on("pick", lambda event: on_pick(*_place(event)) if on_pick else None)
        self.on("numbers", self._tell)

    def show(
        self,
        src: str,
        shape: tuple[int, int],
        *,
        numbers: Callable[[Crop], Grid] | None = None,
        ring: tuple[int, int, int, int] = (0, 0, 0, 0),
        factor: tuple[float, float] = (1.0, 0.0),
        label: str | None = None,
    ) -> None:
        """Show another picture.

        Args:
            src: its address, the ring included.
            shape: (H, W) of it without the ring.
            numbers: makes the numbers of a part; None: there are none to show.
            ring: cells of padding above, below, left and right.
            factor: (a, b): cell i lies at a·i + b of the group's cells.
            label: what it shows, if that has changed.
        """
        height, width = shape
        self._numbers = numbers
        self._props["numbered"] = numbers is not None
        self._props.update(src=src, rows=height, columns=width, ring=ring, factor=factor)
        if label is not None:
            self._props["label"] = label
        self.update()

    def outline(self, *marks: Mark) -> None:
        """Draw over the pixels; replaces what was drawn."""
        self.run_method("outline", [mark._asdict() for mark in marks])

    def go(self, y: int, x: int) -> None:
        """Set the cursor to a cell."""
        self.run_method("go", y, x)

    def _hover(
        self, event: GenericEventArguments, react: Callable[[int, int], None] | None
    ) -> None:
        try:
            if react:
                react(*_place(event))
        finally:
            self.run_method("answered")

    def _tell(self, event: GenericEventArguments) -> None:
        top, left, bottom, right = (int(event.args[key]) for key in _EDGES)
        crop = Crop(top, min(bottom, top + MOST), left, min(right, left + MOST))
        if self._numbers is None or event.args["src"] != self._props["src"]:
            return  # asked of another picture
        grid = self._numbers(crop)
        rows, columns = range(len(crop.rows)), range(len(crop.columns))
        lines = [[grid.lines(y, x) for x in columns] for y in rows]
        self.run_method("tell", event.args["src"], top, left, lines)


_EDGES = ("top", "left", "bottom", "right")


def _place(event: GenericEventArguments) -> tuple[int, int]:
    found: dict[str, Any] = event.args
    return int(found["y"]), int(found["x"])
