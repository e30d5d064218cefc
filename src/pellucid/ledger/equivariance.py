"""Translation equivariance, measured: shift in, shift out ("an eye is an eye is an eye").

A trunk of convolutions and pooling is equivariant to shifts by its total stride: features of the
shifted image are the shifted features, away from the border, where padding and cut-off pixels
differ. For shifts in between it is not: strided layers sample other positions (Zhang 2019, Making
convolutional networks shift-invariant again, section 3.1). So the error is reported by phase,
the shift modulo the stride.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from pellucid.capture import Graph, Node, capture
from pellucid.errors import UsageError, unknown_name
from pellucid.geometry import ReceptiveField
from pellucid.ledger.fields import receptive_fields

if TYPE_CHECKING:
    from pandas import DataFrame

#: Where there are more pairs of phases than this, those with dy = dx are measured.
MOST_PAIRS = 16
#: Shifted inputs that the network sees at once.
BATCH = 8


@dataclass(frozen=True, slots=True)
class PhaseError:
    """How far the features of a shifted image are from the shifted features.

    Attributes:
        shift: (dy, dx), pixels down and to the right.
        phase: the shift modulo the stride.
        largest: the largest absolute difference, relative to the largest feature.
        mean: root mean square of the difference, relative to that of the features.
        compared: positions of each map that are compared.
    """

    shift: tuple[int, int]
    phase: tuple[int, int]
    largest: float
    mean: float
    compared: int


@dataclass(frozen=True, slots=True)
class Equivariance:
    """A measured check of one layer's feature maps.

    Attributes:
        layer: path of the module, or the operation, that makes the maps.
        maps: (C, H', W').
        stride: (vertical, horizontal) jump of the receptive field in pixels.
        phases: one measurement each.
    """

    layer: str
    maps: tuple[int, int, int]
    stride: tuple[int, int]
    phases: tuple[PhaseError, ...]

    @property
    def on_grid(self) -> float:
        """Largest error over shifts by whole strides: 0 but for rounding, if equivariant."""
        return max((each.largest for each in self.phases if each.phase == (0, 0)), default=0.0)

    @property
    def off_grid(self) -> float:
        """Largest error over the other shifts; 0 where there are none."""
        return max((each.largest for each in self.phases if each.phase != (0, 0)), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "layer": self.layer,
            "maps": list(self.maps),
            "stride": list(self.stride),
            "on_grid": self.on_grid,
            "off_grid": self.off_grid,
            "phases": [
                {
                    "shift": list(each.shift),
                    "phase": list(each.phase),
                    "largest": each.largest,
                    "mean": each.mean,
                    "compared": each.compared,
                }
                for each in self.phases
            ],
        }

    def to_frame(self) -> "DataFrame":
        """A pandas table with a row a phase."""
        from pandas import DataFrame

        return DataFrame(self.to_json()["phases"])


def equivariance(
    network: nn.Module, shape: tuple[int, int, int], *, layer: str | None = None
) -> Equivariance:
    """Shift a picture of noise, and compare the features with the shifted features.

    All inputs are cut-outs of one larger picture (seed 0), so that nothing is filled in at the
    border. Compared are the positions whose receptive field lies inside both inputs; a field
    larger than the input has none, and an earlier layer must be taken. Features of a shift that
    is no multiple of the stride are compared with those moved by the nearest multiple.

    Args:
        network: any module of images, with its weights.
        shape: (C, H, W) of the input.
        layer: path of the module whose last maps are compared; None for the deepest maps of the
            network that have positions to compare.

    Raises:
        UsageError: the network has no weights; no such layer; or no layer (or not that one) has
            maps with a sliding receptive field that fits into the input.

    >>> trunk = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2))
    >>> found = equivariance(trunk, (1, 16, 16))
    >>> found.stride, found.on_grid < 1e-5, found.off_grid > 0.01
    ((2, 2), True, True)
    """
    if any(parameter.is_meta for parameter in network.parameters()):
        raise UsageError("expected a network with weights to measure, found one without.")
    graph = capture(network, (1, *shape))
    node, fields = _maps(graph, shape, layer)
    down, across = (int(field.jump) for field in fields)
    picture = torch.rand(
        1, shape[0], shape[1] + down, shape[2] + across, generator=torch.Generator().manual_seed(0)
    )

    shifts = [(0, 0), *_shifts(down, across)]
    inputs = torch.cat([_cut(picture, shape, down - dy, across - dx) for dy, dx in shifts])
    still, *moved = (
        maps
        for batch in torch.split(inputs, BATCH)
        for maps in capture(network, batch, keep={node.index}).values[node.index]
    )
    phases = tuple(
        _compare(still, each, shift, fields, shape[1:])
        for each, shift in zip(moved, shifts[1:], strict=True)
    )
    channels, height, width = node.shape[1:]
    return Equivariance(
        node.module or node.operation, (channels, height, width), (down, across), phases
    )


def _cut(picture: Tensor, shape: tuple[int, int, int], top: int, left: int) -> Tensor:
    return picture[:, :, top : top + shape[1], left : left + shape[2]]


def _maps(
    graph: Graph, shape: tuple[int, int, int], layer: str | None
) -> tuple[Node, tuple[ReceptiveField, ReceptiveField]]:
    """The node whose maps are compared, and its receptive fields."""
    if layer is not None and layer not in graph.modules:
        raise unknown_name("layer", layer, filter(None, graph.modules))
    seen = receptive_fields(graph)
    for node in reversed(graph.nodes):
        if node.index in graph.inputs:
            continue
        inside = layer is None or f"{node.module}.".startswith(f"{layer}.")
        found = seen[node.index]
        if not inside or found is None or found.axes != (2, 3) or len(node.shape) != 4:
            continue
        vertical, horizontal = found.fields
        each = list(zip(found.fields, node.shape[2:], shape[1:], strict=True))
        whole = all(isinstance(field.jump, int) for field in found.fields)
        if whole and all(len(_inside(*one)) > 1 for one in each):
            return node, (vertical, horizontal)
        if layer is not None:
            break
    where = "no layer" if layer is None else f"not {layer}"
    raise UsageError(
        f"expected maps with positions that see a window inside {shape[1]}×{shape[2]} pixels, and "
        f"{where} has them: take {'an earlier layer or ' if layer else ''}a larger --size."
    )


def _shifts(down: int, across: int) -> Iterator[tuple[int, int]]:
    """One shift for each phase; a whole stride for phase 0."""
    if down * across <= MOST_PAIRS:
        yield from ((dy, dx) for dy in range(1, down + 1) for dx in range(1, across + 1))
    else:
        yield from ((min(d, down), min(d, across)) for d in range(1, max(down, across) + 1))


def _compare(
    still: Tensor,
    moved: Tensor,
    shift: tuple[int, int],
    fields: tuple[ReceptiveField, ReceptiveField],
    lengths: tuple[int, ...],
) -> PhaseError:
    """The features of a shifted input against those of the input, moved."""
    before, after = [], []
    for axis, (field, cells, length) in enumerate(zip(fields, shift, lengths, strict=True)):
        jump = int(field.jump)
        steps = (2 * cells + jump) // (2 * jump)  # to the nearest multiple of the stride
        inside = _inside(field, still.shape[axis + 1], length)
        before.append(slice(inside.start, inside.stop - steps))
        after.append(slice(inside.start + steps, inside.stop))
    expected = still[:, before[0], before[1]].double()
    difference = moved[:, after[0], after[1]].double() - expected
    size, spread = expected.abs().max().item(), expected.square().mean().sqrt().item()
    return PhaseError(
        shift,
        (shift[0] % int(fields[0].jump), shift[1] % int(fields[1].jump)),
        difference.abs().max().item() / (size or 1.0),
        difference.square().mean().sqrt().item() / (spread or 1.0),
        expected[0].numel(),
    )


def _inside(field: ReceptiveField, count: int, length: int) -> range:
    """The outputs whose field lies inside the input."""
    good = [
        output
        for output in range(count)
        if field.cells(output).start >= 0 and field.cells(output).stop <= length
    ]
    return range(good[0], good[-1] + 1) if good else range(0)
