"""Small pictures to choose from: maps, filters, layers, images of a data set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import NamedTuple

import numpy as np
from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.images import Pixels
from pellucid.studio.parts import ESM, WEB


class Tile(NamedTuple):
    """One small picture.

    Attributes:
        name: shown below it.
        detail: a second line, softer.
        src: address of its picture; empty: it is cut from the sheet, by its place.
        label: for screen readers, if name and detail do not say enough.
    """

    name: str
    detail: str = ""
    src: str = ""
    label: str = ""


@dataclass(frozen=True)
class Sheet:
    """Many equal pictures in one, so that one request brings them all.

    Attributes:
        src: its address.
        columns: pictures a row.
        rows: rows of pictures.
        shape: (H, W) of each.
    """

    src: str
    columns: int
    rows: int
    shape: tuple[int, int]


def sheet_of(pictures: Sequence[Pixels], publish: Callable[[Pixels], str]) -> Sheet:
    """Equal pictures (H, W, 3) on one sheet.

    >>> drawn = []
    >>> cells = [np.full((2, 3, 3), shade, np.uint8) for shade in (1, 2, 3)]
    >>> sheet_of(cells, lambda pixels: str(drawn.append(pixels)))
    Sheet(src='None', columns=2, rows=2, shape=(2, 3))
    >>> drawn[0][:, :, 0].tolist()
    [[1, 1, 1, 2, 2, 2], [1, 1, 1, 2, 2, 2], [3, 3, 3, 0, 0, 0], [3, 3, 3, 0, 0, 0]]
    """
    height, width = pictures[0].shape[:2]
    columns = ceil(sqrt(len(pictures)))
    rows = ceil(len(pictures) / columns)
    drawn = np.zeros((rows, height, columns, width, 3), np.uint8)
    for place, picture in enumerate(pictures):
        drawn[place // columns, :, place % columns] = picture
    src = publish(drawn.reshape(rows * height, columns * width, 3))
    return Sheet(src, columns, rows, (height, width))


class Tiles(ui.element, component=WEB / "tiles.js", esm=ESM):
    """A list of small pictures, of which one can be chosen, by pointer or arrow keys.

    Args:
        label: what they are, for screen readers.
        choose: called with the place of the one that is chosen.
        row: in one row that scrolls; else in as many as needed.
        smooth: photographs: not drawn as squares of pixels.
    """

    def __init__(
        self, label: str, choose: Callable[[int], None], *, row: bool = False, smooth: bool = False
    ) -> None:
        super().__init__()
        self._props.update(label=label, row=row, smooth=smooth)

        def chosen(event: GenericEventArguments) -> None:
            choose(int(event.args))

        self.on("choose", chosen)

    def show(self, tiles: Sequence[Tile], chosen: int = -1, sheet: Sheet | None = None) -> None:
        """Replace all.

        Args:
            tiles: to choose from.
            chosen: place of the one in use; −1: none.
            sheet: that tiles without an address of their own are cut from.
        """
        self._props.update(
            tiles=[tile._asdict() for tile in tiles],
            chosen=chosen,
            sheet=None if sheet is None else vars(sheet),
        )
        self.update()

    def point(self, chosen: int) -> None:
        """Another one is in use now."""
        self.run_method("mark", chosen)
