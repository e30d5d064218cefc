"""Layers after one another and side by side, along one axis: who sees whom, exactly."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

from pellucid.errors import UsageError
from pellucid.geometry.padding import Padding
from pellucid.geometry.receptive import ReceptiveField
from pellucid.geometry.transposed import TransposedWindow
from pellucid.geometry.whole import check_index, whole
from pellucid.geometry.window import Window, window


class Layer(Protocol):
    """Whatever has inputs and outputs in a row: Axis, TransposedAxis, Branches, Chain."""

    @property
    def length(self) -> int:
        """Cells of the input."""

    @property
    def output(self) -> int:
        """Number of outputs."""

    @property
    def field(self) -> ReceptiveField:
        """What the outputs see of the input, as size, jump and offset."""

    def inputs_of(self, output: int, /) -> tuple[int, ...]:
        """The input cells that feed an output, ascending."""

    def outputs_of(self, cell: int, /) -> tuple[int, ...]:
        """The outputs that use an input cell, ascending."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Layers after one another along one axis; without layers, the image itself.

    Attributes:
        length: cells of the image.
        layers: the layers, the first nearest the image.

    Raises:
        UsageError: a layer's input is not as long as what comes before it.

    >>> stem = Chain(224).window(7, stride=2, padding=3).window(3, stride=2, ceil=True)
    >>> stem.output, stem.field
    (56, ReceptiveField(size=11, jump=4, offset=-3))
    >>> stem.inputs_of(0), stem.outputs_of(6)
    ((0, 1, 2, 3, 4, 5, 6, 7), (0, 1, 2))
    """

    length: int
    layers: tuple[Layer, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", whole(self.length, "length", 0))
        length = self.length
        for number, layer in enumerate(self.layers, 1):
            if layer.length != length:
                raise UsageError(
                    f"expected layer {number} of the chain to take {length} cells, which is what "
                    f"comes before it, found {layer.length}."
                )
            length = layer.output

    @property
    def output(self) -> int:
        """Outputs of the last layer."""
        return self.layers[-1].output if self.layers else self.length

    @property
    def field(self) -> ReceptiveField:
        """The receptive field of the outputs on the image, its overhang included."""
        return reduce(ReceptiveField.through, self.layers, ReceptiveField())

    def inputs_of(self, output: int) -> tuple[int, ...]:
        """The cells of the image that reach an output, ascending: gaps and edges as they are.

        They lie in ``field.inside(output, length)``, but need not fill it: a stride or dilation
        may pass over cells, and padding between the layers holds nothing of the image.

        Raises:
            UsageError: there is no such output.
        """
        check_index(output, self.output, "output")
        return _follow((output,), [layer.inputs_of for layer in reversed(self.layers)])

    def outputs_of(self, cell: int) -> tuple[int, ...]:
        """The outputs that a cell of the image reaches, ascending.

        Raises:
            UsageError: there is no such cell.
        """
        check_index(cell, self.length, "input cell")
        return _follow((cell,), [layer.outputs_of for layer in self.layers])

    def then(self, layer: Layer) -> "Chain":
        """The chain with one more layer, which takes as many cells as the chain has outputs."""
        return Chain(self.length, (*self.layers, layer))

    def window(
        self,
        kernel: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        padding: Padding = "valid",
        mode: str = "zeros",
        ceil: bool = False,
    ) -> "Chain":
        """The chain with a window over its outputs: see :func:`pellucid.geometry.window`."""
        (axis,) = window(
            (self.output,),
            kernel,
            stride=stride,
            dilation=dilation,
            padding=padding,
            mode=mode,
            ceil=ceil,
        ).axes
        return self.then(axis)

    def pooled(self) -> "Chain":
        """The chain with global pooling: one output that sees all there is."""
        return self.window(self.output, stride=self.output)

    def split(self, *branches: Callable[["Chain"], "Chain"]) -> "Chain":
        """The chain with branches that are then added or concatenated.

        Args:
            branches: each takes a chain without layers, over this one's outputs, and returns it
                with the branch's layers; one that returns it as it is, is a shortcut.

        >>> residual = Chain(56).split(
        ...     lambda path: path, lambda path: path.window(3, padding=1).window(3, padding=1)
        ... )
        >>> residual.field, residual.inputs_of(0)
        (ReceptiveField(size=5, jump=1, offset=-2), (0, 1, 2))
        """
        return self.then(Branches(tuple(branch(Chain(self.output)) for branch in branches)))


@dataclass(frozen=True, slots=True)
class Branches:
    """Layers side by side on one input, their outputs added or concatenated cell by cell.

    An output sees what any of them sees. (On an image this holds axis by axis: the rectangle
    around branches of 1×7 and 7×1 is 7×7, of which the outputs see a cross.)

    Attributes:
        paths: the branches: at least one.

    Raises:
        UsageError: no branch; branches that take or give different numbers of cells.
    """

    paths: tuple[Layer, ...]

    def __post_init__(self) -> None:
        sizes = sorted({(path.length, path.output) for path in self.paths})
        if len(sizes) != 1:
            found = " and ".join(f"{cells} to {outputs}" for cells, outputs in sizes) or "none"
            raise UsageError(
                f"expected branches that all turn as many cells into as many, found {found}."
            )

    @property
    def length(self) -> int:
        """Cells of the input."""
        return self.paths[0].length

    @property
    def output(self) -> int:
        """Number of outputs."""
        return self.paths[0].output

    @property
    def field(self) -> ReceptiveField:
        """From the first to the last cell that any branch sees.

        Raises:
            UsageError: the branches' jumps differ.
        """
        first, *others = (path.field for path in self.paths)
        return first.join(*others)

    def inputs_of(self, output: int) -> tuple[int, ...]:
        """The input cells that feed an output through any branch, ascending."""
        return _union(path.inputs_of(output) for path in self.paths)

    def outputs_of(self, cell: int) -> tuple[int, ...]:
        """The outputs that use an input cell through any branch, ascending."""
        return _union(path.outputs_of(cell) for path in self.paths)


def chain(layers: Sequence[Layer]) -> Chain:
    """Layers after one another, the first nearest the image.

    Raises:
        UsageError: no layer, or one whose input is not as long as what comes before it.

    >>> from pellucid.geometry import Axis
    >>> chain([Axis(32, 3), Axis(30, 2, stride=2), Axis(15, 3)]).field
    ReceptiveField(size=8, jump=2, offset=0)
    """
    if not layers:
        raise UsageError("expected at least one layer to chain, found none.")
    return Chain(layers[0].length, tuple(layers))


def chains(windows: Sequence[Window | TransposedWindow]) -> tuple[Chain, ...]:
    """Windows over an image after one another, as one chain an axis: (vertical, horizontal).

    An output (i, j) sees the cells (y, x) with y among the vertical chain's inputs of i and x
    among the horizontal chain's inputs of j.

    Raises:
        UsageError: no windows, windows of unlike numbers of axes, or that do not fit together.

    >>> from pellucid.geometry import window
    >>> down, across = chains([window((9, 12), (3, 5)), window((7, 8), 3, dilation=(1, 2))])
    >>> down.inputs_of(0), across.inputs_of(0)
    ((0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5, 6, 7, 8))
    """
    if len({len(each.axes) for each in windows}) != 1:
        raise UsageError("expected windows of one number of axes to chain, found none or unlike.")
    return tuple(chain(axes) for axes in zip(*(each.axes for each in windows), strict=True))


def _follow(
    cells: tuple[int, ...], steps: Sequence[Callable[[int], tuple[int, ...]]]
) -> tuple[int, ...]:
    for step in steps:
        cells = _union(step(cell) for cell in cells)
    return cells


def _union(groups: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sorted(set().union(*groups)))
