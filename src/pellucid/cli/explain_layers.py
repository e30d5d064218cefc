"""The layers of a network by their names, as ``pellucid explain --layers`` lists them."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

from pellucid.cli import figures
from pellucid.errors import UsageError
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.explain import Trace
    from pellucid.images.raw import Pixels
    from pellucid.report.explanation import Explanation


@dataclass(frozen=True, slots=True)
class Layers:
    """All layers of a trace."""

    trace: "Trace"

    def view(self, *, colour: bool) -> RenderableType:
        """A table with a row a layer."""
        table = figures.table(("layer", "operation", "shape"), left=2)
        for layer in self.trace.layers:
            size = figures.times(told_shape(layer.shape))
            table.add_row(*map(Text, (visible(layer.name), layer.operation, size)))
        return Group(
            figures.title(f"{len(self.trace.nodes)} layers, from the pixels to the scores"),
            table,
            Text("shape: channels × rows × columns; --at C,Y,X counts each from 0", "dim"),
        )

    def record(self) -> dict[str, Any]:
        """The fields of :class:`pellucid.explain.Layer`, a row a layer."""
        return {"layers": [asdict(layer) for layer in self.trace.layers]}

    def picture(self) -> "Pixels":
        """There is none."""
        raise UsageError("a list of layers is no picture.")

    def page(self) -> "Explanation":
        """There is none."""
        raise UsageError("a list of layers has no page.")


def told_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without the N of one picture.

    >>> told_shape((1, 8, 14, 14))
    (8, 14, 14)
    """
    return shape[1:] if len(shape) > 1 and shape[0] == 1 else shape
