"""int8: weights and feature maps in 8 bits, scaled so that the user's own images fit."""

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.inference.plan.graph import Graph, to_onnx

if TYPE_CHECKING:
    from pellucid.images.raw import Pixels

#: Operations in int8: the products, and what only moves or compares their results.
_IN_INT8 = ["Conv", "Gemm", "MatMul", "MaxPool", "Concat", "Relu"]
_BATCH = 8


def quantise(graph: Graph, images: "Pixels") -> bytes:
    """A graph whose convolutions and products are computed in int8.

    Each value v becomes round(v / s) + z with a scale s and a zero z: of weights per output
    channel, of feature maps such that the least and the largest value on the images fit (static
    calibration). The file has the form QDQ (quantise, dequantise), which onnxruntime and OpenVINO
    read alike. Sums of squares (of a response norm) stay in float32: their range is too wide.

    Args:
        graph: images (N, H, W, C) uint8 to scores, float32 inside.
        images: (N, H, W, C) uint8 to calibrate on, at least one.

    Returns:
        Content of an ONNX file.

    Source: Jacob et al. 2018, Quantization and training of neural networks for efficient
    integer-arithmetic-only inference, section 2.1; onnxruntime's ``quantize_static``.
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    squares = {node.output for node in graph.nodes if node.op == "Mul" and _is_square(node.inputs)}
    kept = [node.output for node in graph.nodes if squares & {*node.inputs}]
    with tempfile.TemporaryDirectory(prefix="pellucid-") as folder, _quiet():
        path = Path(folder) / "int8.onnx"
        quantize_static(
            onnx.load_model_from_string(to_onnx(graph)),
            path,
            _Feed(graph.inputs[0].name, images),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=not _has_wide_sums(),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=_IN_INT8,
            nodes_to_exclude=kept,
        )
        return path.read_bytes()


def _is_square(inputs: tuple[str, ...]) -> bool:
    return len(inputs) == 2 and inputs[0] == inputs[1]


class _Feed:
    """Hands images to the calibration, a few at a time; onnxruntime asks for ``get_next``."""

    def __init__(self, name: str, images: "Pixels") -> None:
        self._batches: Iterator[Any] = (
            {name: images[begin : begin + _BATCH]} for begin in range(0, len(images), _BATCH)
        )

    def get_next(self) -> dict[str, Any] | None:
        """The next images; None after the last."""
        return next(self._batches, None)

    def __iter__(self) -> Iterator[Any]:
        return self._batches


def _has_wide_sums() -> bool:
    """Whether the processor adds products of int8 in 32 bits (VNNI, dot products on ARM).

    Without, pairs of products are added in 16 bits, which overflow unless weights have 7 bits.
    """
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return any(word in flags for word in ("vnni", "asimddp"))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the quantiser's advice on stderr."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
