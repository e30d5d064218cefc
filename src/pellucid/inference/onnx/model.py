"""A whole ONNX model: the network, the preprocessing before it, and the card in its metadata."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pellucid._version import __version__
from pellucid.errors import StorageError
from pellucid.inference.card import Card
from pellucid.inference.onnx.fit import fit_graph
from pellucid.inference.onnx.network import network_model
from pellucid.inference.onnx_runtime import IMAGE, IMAGES

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import nn

#: More does not fit into one file of protocol buffers.
_MOST_BYTES = 2**31 - 1


def onnx_model(network: "nn.Module", card: Card, *, batch: bool, cam: bool = False) -> bytes:
    """A trained network as the content of an ONNX file.

    Input, by ``batch``: ``images``, N×H×W×C uint8 at the network's size; or ``image``, one
    H×W×C uint8 of any size (C 1 gray, 2 gray with alpha, 3 RGB, 4 RGBA; upright and in sRGB, as
    :func:`pellucid.images.read_image` gives it; alpha goes over white). Outputs, with N 1 of one
    image: ``probabilities`` and ``scores``, N×K float32; with ``cam`` also ``maps``, N×K×h×w.

    Args:
        network: in evaluation mode.
        card: what the metadata says: ``card`` and ``classes`` (JSON), ``pellucid`` (the version).
        batch: which input.
        cam: whether the class activation maps are an output.

    Raises:
        UsageError: the network cannot be written, or has no class activation map.
        StorageError: it is larger than one file can be.
    """
    model = network_model(network, card.preprocessing, cam=cam)
    if not batch:
        _put_before(model, card)
    return _finished(model, card)


def onnx_models(network: "nn.Module", card: Card) -> Iterator[bytes]:
    """Both forms of :func:`onnx_model`, of a batch and of one image; torch writes once."""
    model = network_model(network, card.preprocessing)
    yield _finished(model, card)
    _put_before(model, card)
    yield _finished(model, card)


def _finished(model: "ModelProto", card: Card) -> bytes:
    """With the metadata, as bytes."""
    from onnx import helper

    record = card.preprocessing
    model.producer_name, model.producer_version = "pellucid", __version__
    model.doc_string = (
        f"{card.model}: {len(card.classes)} classes, input {record.height}×{record.width}"
    )
    del model.metadata_props[:]
    texts = {
        "pellucid": __version__,
        "classes": json.dumps(card.classes, ensure_ascii=False),
        "card": json.dumps(card.to_json(), ensure_ascii=False, allow_nan=False),
    }
    # Class names may hold bytes that are no UTF-8 (surrogate escapes).
    safe = {key: text.encode("utf-8", "backslashreplace").decode() for key, text in texts.items()}
    helper.set_model_props(model, safe)
    if model.ByteSize() > _MOST_BYTES:
        raise StorageError("the network does not fit into one ONNX file: it has over 2 GiB.")
    return bytes(model.SerializeToString(deterministic=True))


def _put_before(model: "ModelProto", card: Card) -> None:
    """Put the preprocessing of one image before a network's graph, in place."""
    fit, network = fit_graph(card.preprocessing, IMAGE, IMAGES), model.graph
    nodes = [*fit.node, *network.node]
    del network.node[:]
    network.node.extend(nodes)
    del network.input[:]
    network.input.extend(fit.input)
    del network.value_info[:]  # speaks of N images
    for output in network.output:
        output.type.tensor_type.shape.dim[0].dim_value = 1
