"""A network as it is shown: its drawing, a row a box, its totals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pellucid.images import Pixels
from pellucid.studio.parts.readout import Line
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.drawing.boxes import Box, Diagram
    from pellucid.explain import Trace
    from pellucid.ledger import Ledger

#: Longer side of the pictures in boxes, in their own pixels.
_SIDE = 64


@dataclass(frozen=True, eq=False)
class Plan:
    """A network to draw.

    Attributes:
        title: for people.
        account: its ledger.
        pictures: addresses of its maps, by node of the ledger's graph.
        names: of the nodes in the trace that the pictures are of; empty without a trace.
    """

    title: str
    account: "Ledger"
    pictures: Mapping[int, str]
    names: Sequence[str] = ()

    @cached_property
    def diagram(self) -> "Diagram":
        """The boxes."""
        from pellucid.drawing.boxes import diagram

        return diagram(self.account)

    def svg(self, colour: str) -> str:
        """The drawing."""
        from pellucid.drawing import draw

        return draw(self.account, color=colour, name=self.title, pictures=self.pictures).svg

    def rows(self) -> list[dict[str, Any]]:
        """The ledger, a row a box."""
        return [
            {
                "name": visible(box.path),
                "title": box.title,
                "shape": "×".join(map(str, box.shape[1:])),
                "parameters": _count(box.parameters),
                "macs": _count(box.macs),
                "field": str(box.receptive or ""),
            }
            for box in self.diagram.boxes
        ]

    @property
    def costliest(self) -> int:
        """Number of the box with most multiply-adds."""
        boxes = self.diagram.boxes
        return max(range(len(boxes)), key=lambda place: boxes[place].macs)

    def layer(self, box: int) -> str:
        """Name of a box's result in the trace; empty where there is none."""
        return self.names[self.diagram.boxes[box].rows[-1].node.index] if self.names else ""

    def lines(self, box: int) -> list[Line]:
        """All about a box."""
        return _lines(self.diagram.boxes[box])


def _lines(box: "Box") -> list[Line]:
    from pellucid.drawing.words import sizes

    formula = "; ".join(row.work.formula for row in box.rows if row.work.formula)
    joined = f"with {', '.join(box.joined)}" if box.joined else ""
    field = f"{box.receptive} pixels" if box.receptive else "everything, or no window"
    return [
        Line("does", box.title, joined),
        Line("output", sizes(box.shape)),
        Line("multiply-adds", f"{box.macs:,}", "" if box.folded else formula),
        Line("parameters", f"{box.parameters:,}"),
        Line("sees", field),
    ]


def own_plan(trace: "Trace", title: str, publish: Callable[[Pixels], str]) -> Plan:
    """The plan of the network in use, with its maps of a picture.

    Args:
        trace: of the picture.
        title: for people.
        publish: makes a picture available.
    """
    from pellucid.drawing.boxes import diagram
    from pellucid.ledger import ledger

    account = ledger(trace.store.graph)
    shift = trace.input.index
    shown = [box.rows[-1].node.index for box in diagram(account).boxes]
    pictures = {
        node: publish(_picture(trace, node + shift))
        for node in shown
        if _mapped(trace, node + shift)
    }
    return Plan(title, account, pictures, trace.names[shift:])


def _mapped(trace: "Trace", node: int) -> bool:
    shape = trace.nodes[node].shape
    return len(shape) == 4 and shape[2] * shape[3] > 1


def _picture(trace: "Trace", node: int) -> Pixels:
    """The input as a picture, of others the strongest map."""
    from pellucid.explain import feature_maps
    from pellucid.explain.sight.draw import as_picture
    from pellucid.images.fit import fit

    if node == trace.input.index:
        drawn = as_picture(trace.value(node)[0])
    else:
        maps = feature_maps(trace, node, order="largest", most=1)
        drawn = maps.map(maps.channels[0])
    return fit(drawn, _SIDE, _SIDE) if max(drawn.shape[:2]) > _SIDE else drawn


def _count(count: int) -> str:
    return f"{count:,}" if count else ""


def head_in_words(plan: Plan) -> str:
    """What its head costs, beside the other kinds; empty where it has no head."""
    head = plan.account.head
    if head is None:
        return ""
    return (
        f"From its last maps, {'×'.join(map(str, head.trunk))}, to {head.classes:,} scores: "
        f"{head.flatten:,} parameters with flatten and one fully connected layer, "
        f"{head.pooled:,} with global average pooling; this network's head has {head.actual:,}."
    )


def totals(plan: Plan, other: Plan | None) -> list[Line]:
    """The totals of a network, or of two beside each other."""
    return [_total(name, kind, plan, other) for name, kind in _TOTALS.items()]


_TOTALS: dict[str, Callable[["Ledger"], int]] = {
    "parameters": lambda account: account.totals.weights + account.totals.biases,
    "multiply-adds": lambda account: account.totals.macs,
    "bytes of activations": lambda account: account.totals.activation_bytes,
    "layers with parameters": lambda account: sum(1 for row in account.rows if row.weights),
}


def _total(name: str, count: Callable[["Ledger"], int], plan: Plan, other: Plan | None) -> Line:
    first = count(plan.account)
    if other is None:
        return Line(name, f"{first:,}")
    second = count(other.account)
    more, less = max(first, second), min(first, second)
    which = plan.title if first > second else other.title
    times = f"{more / less:.1f} times as many in {which}" if less and more > less else "the same"
    return Line(name, f"{first:,} · {second:,}", times)
