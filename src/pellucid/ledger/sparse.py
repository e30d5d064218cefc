"""A convolution as the matrix that it is: sparse, and with few different values.

Flattened, an input of C·H·W values becomes F·H'·W' outputs by one matrix product. A fully
connected layer may have any matrix. That of a convolution is doubly block Toeplitz (Gray 2006,
Toeplitz and circulant matrices): zero but for kh·kw entries per channel in a row (sparse
connections), and with the same weights in every row of a filter (shared parameters).
"""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import nn

from pellucid.capture import Graph, Node, Stored
from pellucid.capture.call import Call
from pellucid.errors import UsageError, unknown_name
from pellucid.geometry import Axis, Window
from pellucid.images.raw import Pixels

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: A matrix with more entries than this is not for looking at.
MOST_ENTRIES = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ConvolutionMatrix:
    """A convolution layer as a sparse matrix.

    Attributes:
        matrix: (F·H'·W', C·H·W) float64, rows and columns channel by channel, row by row.
        weights: F·(C/groups)·kh·kw, the different values that it may have.
        input_shape: (C, H, W), or (C, T).
        output_shape: (F, H', W'), or (F, T').
    """

    matrix: "csr_array"
    weights: int
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    @property
    def connections(self) -> int:
        """Entries that stand for a connection; a weight of zero is one too."""
        return int(self.matrix.nnz)

    @property
    def entries(self) -> int:
        """All entries: the parameters of a fully connected layer in its place."""
        return prod(self.input_shape) * prod(self.output_shape)

    @property
    def density(self) -> float:
        """Share of the entries that stand for a connection, in [0, 1]."""
        return self.connections / self.entries

    @property
    def uses(self) -> float:
        """In how many entries a weight stands, on average: the extent of sharing."""
        return self.connections / self.weights

    def to_json(self) -> dict[str, Any]:
        """The numbers, without the entries."""
        return {
            "input": list(self.input_shape),
            "output": list(self.output_shape),
            "entries": self.entries,
            "connections": self.connections,
            "density": self.density,
            "weights": self.weights,
            "uses": self.uses,
        }

    def picture(self, most: int = 1200) -> Pixels:
        """The matrix as shades, (rows, columns, 3) uint8: blue below zero, orange above.

        Args:
            most: pixels of the longer side at most; beyond, a pixel shows the entry furthest from
                zero of those it stands for.
        """
        from pellucid.images.scale import Scale

        rows, columns = self.matrix.shape
        step = max(1, -(-max(rows, columns) // most))
        entries = self.matrix.tocoo()
        place = entries.row // step, entries.col // step
        shape = (-(-rows // step), -(-columns // step))
        high, low = np.zeros(shape), np.zeros(shape)
        np.maximum.at(high, place, entries.data)
        np.minimum.at(low, place, entries.data)
        furthest = np.where(high >= -low, high, low)
        end = float(np.abs(furthest).max(initial=0.0)) or 1.0
        return Scale(-end, end, signed=True).apply(furthest)

    def _repr_png_(self) -> bytes:
        from pellucid.images.save import encode_png

        return encode_png(self.picture())


def convolution_matrix(weight: ArrayLike, window: Window, groups: int = 1) -> ConvolutionMatrix:
    """The matrix of a convolution layer (cross-correlation, as such layers compute it).

    Args:
        weight: (F, C/groups, kh, kw), or (F, C/groups, f) of a series.
        window: of the kernel over the input, with its padding and the padding's mode.
        groups: parts that the channels are divided into.

    Raises:
        UsageError: the weight does not fit the window or the groups, or the matrix is too large.

    >>> from pellucid.geometry import window
    >>> found = convolution_matrix([[[1.0, 2.0]]], window((4,), 2))
    >>> print(found.matrix.toarray().astype(int))
    [[1 2 0 0]
     [0 1 2 0]
     [0 0 1 2]]
    >>> found.density, found.uses
    (0.5, 3.0)
    """
    from scipy.sparse import coo_array

    array = np.asarray(weight, dtype=np.float64)
    _check(array, window, groups)
    filters, deep = array.shape[:2]
    outputs, taps, cells = _connections(window)
    channels = deep * groups
    size, positions = prod(window.input_shape), prod(window.output_shape)
    f, c = (each.reshape(-1, 1) for each in np.divmod(np.arange(filters * deep), deep))
    read = f // (filters // groups) * deep + c  # the channel of the input
    values = array.reshape(filters * deep, -1)[:, taps]
    matrix = coo_array(
        (values.ravel(), ((f * positions + outputs).ravel(), (read * size + cells).ravel())),
        shape=(filters * positions, channels * size),
    ).tocsr()  # cells that the padding repeats are summed
    return ConvolutionMatrix(
        matrix, array.size, (channels, *window.input_shape), (filters, *window.output_shape)
    )


def layer_matrix(network: nn.Module, graph: Graph, layer: str) -> ConvolutionMatrix:
    """The matrix of a convolution of a network.

    Args:
        network: with its weights.
        graph: captured from it, with an input of the wanted size.
        layer: path of the convolution's module.

    Raises:
        UsageError: there is no convolution of that path, it is transposed or its weights are
            computed, or the matrix is too large.
    """
    calls = {node.module: Call(graph, node) for node in reversed(graph.nodes) if _fits(node)}
    if layer not in calls:
        raise unknown_name("convolution", layer, calls)
    call = calls[layer]
    stored = call.get("weight")
    if not isinstance(stored, Stored):
        raise UsageError(f"the weights of {layer} are computed while it runs, not stored.")
    weight = network.state_dict()[stored.name].detach().double().numpy()
    return convolution_matrix(weight, call.window(), call.get("groups", 1))


def _fits(node: Node) -> bool:
    return node.operation in ("conv1d", "conv2d") and bool(node.module)


def _connections(window: Window) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Output, tap and cell of every connection of one kernel, each flattened over the axes."""
    found = tuple(np.zeros(1, dtype=np.int64) for _ in range(3))
    for axis in window.axes:
        inner = _along(axis)
        lengths = (axis.output, axis.kernel, axis.length)
        found = tuple(
            (before[:, None] * length + each).ravel()
            for before, each, length in zip(found, inner, lengths, strict=True)
        )
    return found[0], found[1], found[2]


def _along(axis: Axis) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    triples = [
        (output, tap, cell)
        for output in range(axis.output)
        for tap, cell in enumerate(axis.taps(output))
        if cell is not None
    ]
    table = np.array(triples, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _check(weight: NDArray[np.float64], window: Window, groups: int) -> None:
    if weight.ndim != len(window.axes) + 2 or weight.shape[2:] != window.kernel_shape:
        raise UsageError(
            f"expected weights (F, C, {', '.join(map(str, window.kernel_shape))}) for this window, "
            f"found {weight.shape}."
        )
    if groups < 1 or weight.shape[0] % groups:
        raise UsageError(f"expected groups that divide {weight.shape[0]} filters, found {groups}.")
    entries = weight.shape[0] * weight.shape[1] * window.taps_inside
    if entries > MOST_ENTRIES:
        raise UsageError(
            f"the matrix has {entries:,} entries that are not zero, more than the {MOST_ENTRIES:,} "
            "that are shown: take a smaller input or an earlier layer."
        )
