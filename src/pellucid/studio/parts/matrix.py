"""A confusion matrix whose cells can be opened."""

from collections.abc import Callable, Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.studio.parts import ESM, WEB


class Matrix(ui.element, component=WEB / "matrix.js", esm=ESM):
    """Counts, a row a true class, a column an answer; arrow keys go from cell to cell.

    Args:
        names: of the classes.
        counts: K rows of K.
        choose: called with (truth, answer) of the cell that is opened.
    """

    def __init__(
        self,
        names: Sequence[str],
        counts: Sequence[Sequence[int]],
        choose: Callable[[int, int], None],
    ) -> None:
        super().__init__()
        self._props.update(names=list(names), counts=[list(row) for row in counts])

        def chosen(event: GenericEventArguments) -> None:
            choose(int(event.args["truth"]), int(event.args["answer"]))

        self.on("choose", chosen)

    def open_cell(self, truth: int, answer: int) -> None:
        """This cell is open; −1: none."""
        self.run_method("mark", truth, answer)
