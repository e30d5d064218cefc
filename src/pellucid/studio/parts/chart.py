"""Lines over time, and the weights that make one of their values."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from nicegui import ui
from nicegui.events import GenericEventArguments
from numpy.typing import NDArray

from pellucid.studio.parts import ESM, WEB


class Chart(ui.element, component=WEB / "chart.js", esm=ESM):
    """A series and what was made of it.

    Args:
        on_hover: called with the time that is pointed at.
        on_pick: called with a time that is clicked, or chosen with Enter.
    """

    def __init__(self, on_hover: Callable[[int], None], on_pick: Callable[[int], None]) -> None:
        super().__init__()

        def hover(event: GenericEventArguments) -> None:
            try:
                on_hover(int(event.args))
            finally:
                self.run_method("answered")

        self.on("hover", hover)
        self.on("pick", lambda event: on_pick(int(event.args)))

    def show(
        self,
        name: str,
        values: NDArray[np.float64],
        lines: Sequence[tuple[str, NDArray[np.intp], NDArray[np.float64]]],
    ) -> None:
        """Other lines.

        Args:
            name: of the series.
            values: of it, (T,).
            lines: name, times and values of each result.
        """
        self._props.update(
            name=name,
            values=_plain(values),
            lines=[
                {"name": each, "at": at.tolist(), "values": _plain(made)}
                for each, at, made in lines
            ],
        )
        self.update()

    def point(self, time: int, weights: Sequence[tuple[int, float]]) -> None:
        """Mark a time, and the values that make its result.

        Args:
            time: from 0.
            weights: the time of each value that is read, and its weight.
        """
        self.run_method("point", time, [list(pair) for pair in weights])


def _plain(values: NDArray[np.float64]) -> list[Any]:
    return [None if np.isnan(value) else value for value in values.tolist()]
