"""What ``pellucid explain --layer`` shows: a layer's feature maps, and its strongest channels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from pellucid.cli import figures
from pellucid.images.fit import fit
from pellucid.images.scale import number
from pellucid.images.terminal import terminal_picture
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.explain import FeatureMaps, Trace
    from pellucid.images.raw import Pixels
    from pellucid.report.explanation import Explanation

#: Channels in the table.
MOST_ROWS = 10
#: In the terminal: maps a row, rows, and characters that a map takes.
_ACROSS, _DOWN, _SIDE = 4, 2, 18


@dataclass(frozen=True, slots=True)
class Maps:
    """The maps of one layer.

    Attributes:
        trace: where they are from.
        maps: all of them, the strongest first.
    """

    trace: "Trace"
    maps: "FeatureMaps"

    def view(self, *, colour: bool) -> RenderableType:
        """The channels with the largest values, and their maps where there is colour."""
        table = figures.table(("channel", "least", "mean", "largest", "at y, x", "above 0"), left=0)
        for row in self.strongest(MOST_ROWS):
            table.add_row(
                f"{row['channel']}",
                number(row["least"]),
                number(row["mean"]),
                number(row["largest"]),
                f"{row['y']}, {row['x']}",
                f"{row['above_0']:.0%}",
            )
        more = len(self.maps.values) - MOST_ROWS
        parts: list[RenderableType] = [self._title(), table]
        if more > 0:
            parts.append(Text(f"and {more} channels more: --json has all", "dim"))
        return Group(*parts, *([Text(), self._drawn()] if colour else []))

    def _title(self) -> Text:
        count, height, width = self.maps.values.shape
        low, high = float(self.maps.values.min()), float(self.maps.values.max())
        size = f"{count} maps of {height}×{width}, {number(low)} to {number(high)}"
        return figures.title(f"{visible(self.maps.layer)}: {size}")

    def strongest(self, most: int) -> list[dict[str, Any]]:
        """Figures of the channels, the strongest first."""
        rows = self.maps.figures()
        rows.sort(key=lambda row: -max(abs(row["least"]), abs(row["largest"])))
        return rows[:most]

    def record(self) -> dict[str, Any]:
        """Figures of all channels, and the values of those that are drawn."""
        return {"feature_maps": self.maps.to_json()}

    def picture(self) -> "Pixels":
        """The maps on one sheet."""
        return self.maps.picture()

    def page(self) -> "Explanation":
        """The maps, each with its figures."""
        from pellucid.report.explanation import Explanation

        return Explanation(self.trace, maps=self.maps)

    def _drawn(self) -> RenderableType:
        """The strongest maps in rows, in the order of the table."""
        most = self.maps.channels[: _ACROSS * _DOWN]
        tiles = [_tile(self.maps.map(each)) for each in most]
        rows = [
            np.concatenate(tiles[start : start + _ACROSS], axis=1)
            for start in range(0, len(tiles), _ACROSS)
        ]
        return Group(*(terminal_picture(row, row.shape[1]) for row in rows))


def _tile(pixels: "Pixels") -> "Pixels":
    """A map in a square, with an empty line at its right and below."""
    small = fit(pixels, _SIDE - 1, _SIDE - 1)
    room = ((0, _SIDE - small.shape[0]), (0, _SIDE - small.shape[1]), (0, 0))
    padded: Pixels = np.pad(small, room)
    return padded


def maps_answer(trace: "Trace", layer: str) -> Maps:
    """The maps of a layer.

    Raises:
        UsageError: no such layer, or one without maps.
    """
    from pellucid.explain import feature_maps

    return Maps(trace, feature_maps(trace, layer, order="largest"))
