"""A kernel to type: a grid of numbers, fractions too."""

from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.operators.kernels import Weights
from pellucid.studio.parts import ESM, WEB
from pellucid.studio.parts.products import weight_text

#: Rows and columns, at most.
MOST = 7


class WeightGrid(ui.element, component=WEB / "weights.js", esm=ESM):
    """Cells to type weights into.

    Args:
        label: what the weights are, for screen readers.
        react: called with all weights as text, rows ended by semicolons.
        sizes: whether the number of rows and columns can be changed.
        slides: whether each cell has a slider too, from −2 to 2.
    """

    def __init__(
        self,
        label: str,
        react: Callable[[str], None],
        *,
        sizes: bool = False,
        slides: bool = False,
    ) -> None:
        super().__init__()
        self._props.update(label=label, sizes=sizes, slides=slides, most=MOST)

        def typed(event: GenericEventArguments) -> None:
            react(str(event.args))

        self.on("weights", typed)

    def show(self, weights: Weights) -> None:
        """Show weights, kh×kw, at most 7×7; larger ones show nothing."""
        fits = max(weights.shape) <= MOST
        cells = [[weight_text(float(cell)).replace("−", "-") for cell in row] for row in weights]
        self._props["cells"] = cells if fits else []
        self.update()
