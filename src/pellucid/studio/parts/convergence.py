"""A kernel on its way to what it should be: the weights at some steps, and the error at all."""

import numpy as np
from nicegui import ui

from pellucid.images.scale import number
from pellucid.operators import Taught
from pellucid.studio.parts import ESM, WEB
from pellucid.studio.parts.products import brief

#: Points of the curve, at most; they lie evenly on a logarithmic axis.
_POINTS = 200


class Convergence(ui.element, component=WEB / "convergence.js", esm=ESM):
    """Plays the history of a descent; any step can be looked at."""

    def play(self, taught: Taught) -> None:
        """Another history, from its start.

        Args:
            taught: of one kernel for all channels.
        """
        steps = len(taught.losses) - 1
        at = np.unique(np.geomspace(1, steps + 1, _POINTS).astype(int)) - 1
        floor = max(float(taught.losses[0]) * 1e-16, 1e-300)
        most = float(np.abs(taught.optimum).max()) or 1.0
        self.run_method(
            "play",
            {
                "kept": list(taught.kept),
                "history": [_cells(weights, most) for weights in taught.history],
                "optimum": _cells(taught.optimum, most),
                "target": None if taught.target is None else _cells(taught.target, most),
                "curve": [[int(step), max(float(taught.losses[step]), floor)] for step in at],
                "errors": [number(float(taught.losses[step])) for step in taught.kept],
                "columns": taught.optimum.shape[1],
            },
        )


def _cells(weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]], most: float) -> list[object]:
    return [[brief(value), max(-1.0, min(1.0, value / most))] for value in weights.ravel().tolist()]
