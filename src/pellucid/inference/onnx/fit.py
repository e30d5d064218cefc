"""``Preprocessing.fit`` as an ONNX graph: from one image of any size to the network's input.

The same arithmetic as OpenCV's on uint8, in the same order and the same types, so that the fitted
image is the same to the last bit:

* a colour image for a gray network: luma with weights of 15 bits,
  (9798 R + 19235 G + 3735 B + 2¹⁴) / 2¹⁵;
* an axis that shrinks from n to m: output i averages the cells from i·n/m to (i + 1)·n/m, each by
  the length that is covered (up to 0.001 does not count), summed cell by cell in float32; where
  both factors are whole numbers the sum is whole, and divided once;
* then rounding, half to even (half up where both axes halve);
* an axis that grows from n to m: output i lies at (i + ½)·n/m − ½ between two cells, weighed with
  11 bits.

A shrinking axis is a loop over the few cells of a window, all outputs at once. (A product with the
banded matrix of the weights would be the same in exact arithmetic. But an average often lies
halfway between two levels, where the order of the sum decides; and the matrix needs the whole
image in float32.)
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pellucid.data.preprocessing import Preprocessing
from pellucid.inference.onnx.nodes import Nodes

if TYPE_CHECKING:
    from onnx import GraphProto

#: BT.601 luma in OpenCV's fixed point.
_LUMA, _LUMA_BITS = (9798, 19235, 3735), 15
#: Bits of an interpolation weight, and OpenCV's two rounding steps behind them.
_ONE, _FIRST_STEP, _SECOND_STEP = 2048, 16, 65536
#: OpenCV leaves out a cell that is covered to less than this.
_LEAST_COVERED = 1e-3
_ROWS, _COLUMNS = 0, 1


def fit_graph(record: Preprocessing, source: str, target: str) -> "GraphProto":
    """The graph of :meth:`Preprocessing.fit`, and of the reader's "alpha over white".

    Args:
        record: whose rule.
        source: name of the input: H×W×C uint8 of any size, C 1 (gray), 2 (gray, alpha), 3 (RGB)
            or 4 (RGBA).
        target: name of the output: (1, height, width, channels) uint8.
    """
    from onnx import TensorProto, helper

    nodes = Nodes("fit_")
    image = _cropped(nodes, record, source) if record.resize == "crop" else source
    image = _over_white(nodes, image)
    if record.channels == 1:
        image = _gray(nodes, image)
    image = _shrunk(nodes, image, record.height, record.width)
    for axis, length in ((_COLUMNS, record.width), (_ROWS, record.height)):
        image = _grown(nodes, image, axis, length)
    shape = (record.height, record.width, record.channels)
    image = nodes("Expand", image, np.array(shape, np.int64))  # gray repeats its one channel
    batch = nodes("Unsqueeze", nodes.cast(image, np.uint8), np.array([0]))
    nodes.made.append(helper.make_node("Identity", [batch], [target]))
    taken = helper.make_tensor_value_info(
        source, TensorProto.UINT8, ["height", "width", "channels"]
    )
    made = helper.make_tensor_value_info(target, TensorProto.UINT8, [1, *shape])
    return nodes.graph("fit", [taken], [made])


def _cropped(nodes: Nodes, record: Preprocessing, image: str) -> str:
    """The largest centred part with the input's aspect."""
    aspect = np.float64(record.height / record.width)
    height, width = nodes.sized(image, _ROWS), nodes.sized(image, _COLUMNS)
    high = nodes("Round", nodes("Mul", nodes.cast(width, np.float64), aspect))
    wide = nodes("Round", nodes("Div", nodes.cast(height, np.float64), aspect))
    for axis, length, kept in ((_ROWS, height, high), (_COLUMNS, width, wide)):
        keep = nodes("Min", length, nodes("Max", np.int64(1), nodes.cast(kept, np.int64)))
        begin = nodes("Div", nodes("Sub", length, keep), np.int64(2))
        end = nodes("Add", begin, keep)
        bounds = [nodes("Unsqueeze", one, np.array([0])) for one in (begin, end)]
        image = nodes("Slice", image, *bounds, np.array([axis]))
    return image


def _over_white(nodes: Nodes, image: str) -> str:
    """(v·a + 255·(255 − a)) / 255 to nearest, where the last channel is alpha: of 2 or 4."""
    channels = nodes.sized(image, 2)
    paired = nodes("Equal", nodes("Mod", channels, np.int64(2)), np.int64(0))
    mixed = Nodes("fit_alpha_")
    values = mixed.cast(image, np.float32)
    color = mixed("Slice", values, np.array([0]), np.array([-1]), np.array([2]))
    alpha = mixed("Slice", values, np.array([-1]), np.array([9]), np.array([2]))
    white = mixed("Mul", mixed("Sub", np.float32(255), alpha), np.float32(255))
    total = mixed("Add", mixed("Mul", color, alpha), white)
    nearest = mixed("Div", mixed("Add", total, np.float32(127)), np.float32(255))
    return _either(nodes, paired, image, mixed, mixed.cast(mixed("Floor", nearest), np.uint8))


def _gray(nodes: Nodes, image: str) -> str:
    """Luma of three channels; one channel as it is. Exact in float32: all is below 2²⁴."""
    colored = nodes("Equal", nodes.sized(image, 2), np.int64(3))
    luma = Nodes("fit_luma_")
    weights = np.array(_LUMA, np.float32)[:, None]
    total = luma("MatMul", luma.cast(image, np.float32), weights)
    half = luma("Add", total, np.float32(2 ** (_LUMA_BITS - 1)))
    gray = luma("Floor", luma("Div", half, np.float32(2**_LUMA_BITS)))
    return _either(nodes, colored, image, luma, luma.cast(gray, np.uint8))


def _either(nodes: Nodes, condition: str, image: str, then: Nodes, result: str) -> str:
    """The result of other nodes where a condition holds; else the image as it is."""
    from onnx import TensorProto, helper

    otherwise = Nodes(f"{result}_else")
    same = otherwise("Identity", image)
    outputs = [helper.make_tensor_value_info(n, TensorProto.UINT8, None) for n in (result, same)]
    return nodes(
        "If",
        condition,
        then_branch=then.graph("then", [], outputs[:1]),
        else_branch=otherwise.graph("else", [], outputs[1:]),
    )


@dataclass(frozen=True)
class _Shrinking:
    """An axis that shrinks; all but the axis are names in the graph.

    Attributes:
        axis: its number.
        length: n, int64.
        outputs: m, int64.
        scale: n / m, float64.
    """

    axis: int
    length: str
    outputs: str
    scale: str


def _shrinking(nodes: Nodes, image: str, axis: int, target: int) -> _Shrinking:
    length = nodes.sized(image, axis)
    outputs = nodes("Min", length, np.int64(target))
    return _Shrinking(axis, length, outputs, _scale(nodes, length, outputs))


def _shrunk(nodes: Nodes, image: str, height: int, width: int) -> str:
    """Both axes averaged down to at most height and width; float32 with whole values."""
    columns = _shrinking(nodes, image, _COLUMNS, width)
    rows = _shrinking(nodes, image, _ROWS, height)
    scales = (columns.scale, rows.scale)
    exact = nodes("And", *(nodes("Equal", scale, nodes("Round", scale)) for scale in scales))
    for each in (columns, rows):
        image = _averaged(nodes, image, each, exact)
    share = nodes("Div", np.float64(1), nodes("Mul", *scales))
    share = nodes("Where", exact, share, np.float64(1))
    image = nodes("Mul", image, nodes.cast(share, np.float32))
    halves = nodes("And", *(nodes("Equal", scale, np.float64(2)) for scale in scales))
    up = nodes("Floor", nodes("Add", image, np.float32(0.5)))
    return nodes("Where", halves, up, nodes("Round", image))


def _scale(nodes: Nodes, length: str, target: str) -> str:
    """Cells of the input an output, in float64: 1 / (m / n), as OpenCV computes it."""
    ratio = nodes("Div", nodes.cast(target, np.float64), nodes.cast(length, np.float64))
    return nodes("Div", np.float64(1), ratio)


def _averaged(nodes: Nodes, image: str, each: _Shrinking, exact: str) -> str:
    """One axis: Σ covered length · cell, divided by the window's length unless ``exact``."""
    outputs = nodes.cast(nodes("Range", np.int64(0), each.outputs, np.int64(1)), np.float64)
    begin = nodes("Mul", outputs, each.scale)
    end = nodes("Add", begin, each.scale)
    cells = nodes.cast(each.length, np.float64)
    window = nodes("Min", each.scale, nodes("Sub", cells, begin))
    window = nodes("Where", exact, np.float64(1), window)
    first = nodes("Floor", begin)
    # A window that begins a hair before a cell, by rounding, has one more.
    trips = nodes("Add", nodes.cast(nodes("Ceil", each.scale), np.int64), np.int64(2))

    body = Nodes(f"{first}_")
    cell = body("Add", first, body.cast("trip", np.float64))
    until = body("Min", end, body("Add", cell, np.float64(1)))
    covered = body("Sub", until, body("Max", begin, cell))
    counts = body("Greater", covered, np.float64(_LEAST_COVERED))
    counts = body("And", counts, body("Less", cell, cells))
    weight = body("Where", counts, body("Div", covered, window), np.float64(0))
    weight = body("Reshape", body.cast(weight, np.float32), _along(each.axis))
    place = body("Min", cell, body("Sub", cells, np.float64(1)))
    values = body("Gather", image, body.cast(place, np.int64), axis=each.axis)
    total = body("Add", "total", body("Mul", body.cast(values, np.float32), weight))
    zeros = nodes("Gather", image, nodes.cast(first, np.int64), axis=each.axis)
    zeros = nodes("Mul", nodes.cast(zeros, np.float32), np.float32(0))
    return nodes("Loop", trips, np.True_, zeros, body=_window(body, total))


def _window(body: Nodes, total: str) -> "GraphProto":
    """A loop's body that carries a total; it always goes on."""
    from onnx import TensorProto, helper

    more = body("Identity", "more")
    flag, number = TensorProto.BOOL, TensorProto.FLOAT
    given = [
        helper.make_tensor_value_info("trip", TensorProto.INT64, []),
        helper.make_tensor_value_info("more", flag, []),
        helper.make_tensor_value_info("total", number, None),
    ]
    made = [
        helper.make_tensor_value_info(more, flag, []),
        helper.make_tensor_value_info(total, number, None),
    ]
    return body.graph("window", given, made)


def _along(axis: int) -> NDArray[np.int64]:
    """The shape in which a weight an output lies along an axis of H×W×C."""
    return np.array([-1, 1] if axis == _COLUMNS else [-1, 1, 1], np.int64)


def _grown(nodes: Nodes, image: str, axis: int, target: int) -> str:
    """One axis interpolated linearly to ``target`` cells; float32 with whole values.

    The columns keep 11 bits more, which the rows take away again.
    """
    length = nodes.sized(image, axis)
    scale = _scale(nodes, length, nodes.constant(np.int64(target)))
    middles = np.arange(target, dtype=np.float64) + 0.5
    places = nodes.cast(nodes("Sub", nodes("Mul", middles, scale), np.float64(0.5)), np.float32)
    before = nodes("Floor", places)
    share = nodes("Sub", places, before)
    low = nodes.cast(before, np.int64)
    last = nodes("Sub", length, np.int64(1))
    if axis == _COLUMNS:  # outside, all weight goes to the border's cell
        outside = nodes("Or", nodes("Less", low, np.int64(0)), nodes("GreaterOrEqual", low, last))
        share = nodes("Where", outside, np.float32(0), share)
    weights = [nodes("Sub", np.float32(1), share), share]
    terms = []
    for step, weight in enumerate(weights):
        place = nodes("Clip", nodes("Add", low, np.int64(step)), np.int64(0), last)
        cells = nodes.cast(nodes("Gather", image, place, axis=axis), np.int32)
        bits = nodes.cast(nodes("Round", nodes("Mul", weight, np.float32(_ONE))), np.int32)
        bits = nodes("Reshape", bits, _along(axis))
        if axis == _ROWS:
            cells = nodes("Div", cells, np.int32(_FIRST_STEP))
        term = nodes("Mul", cells, bits)
        terms.append(nodes("Div", term, np.int32(_SECOND_STEP)) if axis == _ROWS else term)
    total = nodes("Add", *terms)
    if axis == _ROWS:
        total = nodes("Div", nodes("Add", total, np.int32(2)), np.int32(4))
    return total
