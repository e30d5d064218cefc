"""The two forms in which ``pellucid channels`` prints: for people and for machines."""

import json
import sys
from typing import TYPE_CHECKING, Any, Protocol

from pellucid.cli.channels_view import PHOTO, Form, Result, View
from pellucid.cli.console import stdout, tell
from pellucid.text import visible

if TYPE_CHECKING:
    from rich.table import Table

    from pellucid.images.planes import Plane

#: Photos in the table; characters across of a picture in the terminal, and of a histogram.
MOST_PHOTOS, PICTURE, BARS = 40, 64, 128


class Writer(Protocol):
    """Takes the photos one by one."""

    def add(self, name: str, results: list[Result]) -> None:
        """The next photo."""
        ...

    def fail(self, name: str, sentence: str) -> None:
        """A photo that could not be done."""
        ...

    def close(self) -> None:
        """There are no more."""
        ...


def writer_for(view: View, *, photos: int, as_json: bool, quiet: bool) -> Writer:
    """Who prints the results.

    Args:
        view: what was asked for.
        photos: how many there are.
        as_json: whether for machines.
        quiet: whether the pictures go to a file, and are not drawn in the terminal.
    """
    if as_json:
        return JsonWriter(view)
    return TextWriter(view, photos, quiet)


class JsonWriter:
    """One JSON array, an object a line; numbers are not rounded."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._before = "[\n"

    def add(self, name: str, results: list[Result]) -> None:
        self._write({"name": name, "results": [self._record(each) for each in results]})

    def fail(self, name: str, sentence: str) -> None:
        self._write({"name": name, "results": [], "error": sentence})

    def close(self) -> None:
        sys.stdout.write("[]\n" if self._before == "[\n" else "\n]\n")

    def _write(self, record: dict[str, Any]) -> None:
        sys.stdout.write(self._before + json.dumps(record, allow_nan=False))
        self._before = ",\n"

    def _record(self, result: Result) -> dict[str, Any]:
        height, width = result.pixels.shape[:2]
        record: dict[str, Any] = {
            "operation": result.title or None,
            "height": height,
            "width": width,
            "channels": [self._channel(plane) for plane in result.planes],
        }
        if self._view.form is Form.GRID:
            record["grid"] = self._view.grid(result).to_json()
        return record

    def _channel(self, plane: "Plane") -> dict[str, Any]:
        from pellucid.images.histogram import histogram_of_plane

        low, high = plane.range
        least, mean, most = plane.summary() or (None, None, None)
        record = {
            "model": plane.model, "name": plane.channel.name, "low": low, "high": high,
            "min": least, "mean": mean, "max": most,
        }  # fmt: skip
        if self._view.form is Form.HISTOGRAM:
            return {**record, "histogram": histogram_of_plane(plane).to_json()}
        return record


class TextWriter:
    """Tables, numbers or bars for people."""

    def __init__(self, view: View, photos: int, quiet: bool) -> None:
        self._view, self._photos, self._quiet = view, photos, quiet
        self._done = self._failed = 0
        self._table = _table(several=photos > 1, steps=bool(view.steps))

    def add(self, name: str, results: list[Result]) -> None:
        self._done += 1
        if self._view.form is not Form.PLANES:
            self._print_one(name, results[0])
            return
        if self._done <= MOST_PHOTOS:
            for result in results:
                self._add_rows(name, result)
        if self._photos == 1 and not self._quiet and stdout().is_terminal:
            self._draw(results)

    def fail(self, name: str, sentence: str) -> None:
        self._failed += 1

    def close(self) -> None:
        if self._table.row_count:
            stdout().print(self._table)
        if self._done > MOST_PHOTOS and self._view.form is Form.PLANES:
            tell(f"{self._done:,} photos, the first {MOST_PHOTOS} above. For all of them: --json.")
        if self._failed and self._photos > 1:
            tell(f"{self._failed:,} of {self._photos:,} could not be done, named above.")

    def _add_rows(self, name: str, result: Result) -> None:
        for plane in result.planes:
            cells = [_plain(name)] if self._photos > 1 else []
            cells += [result.title or PHOTO] if self._view.steps else []
            self._table.add_row(*cells, plane.model, plane.channel.name, *_numbers(plane))

    def _draw(self, results: list[Result]) -> None:
        """The result of operations, or the chosen planes, in the terminal."""
        from pellucid.images.terminal import terminal_picture

        if not self._view.steps and not self._view.only:
            return
        for title, picture in self._view.pictures(results):
            tell(title)
            stdout().print(terminal_picture(picture, PICTURE))

    def _print_one(self, name: str, result: Result) -> None:
        from pellucid.images.histogram import histogram_bars, histogram_of_plane

        words = ", ".join(plane.channel.name for plane in result.planes)
        title = f" after {result.title}" if result.title else ""
        if self._view.form is Form.GRID:
            grid = self._view.grid(result)
            tell(f"{name}{title}, {words}:")
            for table in grid.tables(stdout().width):
                stdout().print(table)
            return
        tell(f"{name}{title}:")
        histograms = [histogram_of_plane(plane) for plane in result.planes]
        stdout().print(histogram_bars(histograms, width=min(BARS, stdout().width)))


def _table(several: bool, steps: bool) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    if several:
        table.add_column("photo", overflow="fold")
    if steps:
        table.add_column("operation", overflow="fold")
    table.add_column("model")
    table.add_column("channel")
    for heading in ("min", "mean", "max"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("range", no_wrap=True)
    return table


def _numbers(plane: "Plane") -> list[str]:
    """Least, mean and greatest value, and the range; whole numbers as they are."""
    low, high = plane.range
    unit = plane.channel.unit
    around = f"{low:g} to {high:g}{unit}".replace("-", "−")
    summary = plane.summary()
    if summary is None:
        return ["–", "–", "–", around]
    places = 0 if high == 255 else 1 if high >= 100 else 3
    least, mean, most = (round(value, places or 1) + 0.0 for value in summary)
    ends = [f"{end:.{places}f}{unit}".replace("-", "−") for end in (least, most)]
    return [ends[0], f"{mean:.{places or 1}f}{unit}".replace("-", "−"), ends[1], around]


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(visible(text))
