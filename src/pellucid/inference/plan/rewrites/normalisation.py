"""The input's normalisation as part of the first convolution."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from pellucid.inference.plan.graph import Array, Graph, Node


class _Input(NamedTuple):
    """``pixels · gain + offset``, transposed, into a convolution."""

    times: Node
    plus: Node
    transpose: Node
    conv: Node
    gain: Array  # (C,)
    offset: Array  # (C,)


def fold_normalisation(graph: Graph) -> Graph:
    """Fold the normalisation of the pixels, p·g + o per channel, into the first convolution.

    A convolution is linear: Σ w(p·g + o) = Σ (w·g)p + Σ w·o. Without padding all of it goes into
    filters and bias. With padding the zeros stand for the *normalised* value 0, which is the mean
    pixel −o/g and not 0: then only the factor goes into the filters, and p + o/g is padded with
    zeros as before: one pass over the image in place of two.

    Exact (up to rounding) where the pixels are read by nothing else, and no gain is 0.

    Source: linearity; the caveat of padding is in the argument above.
    """
    found = _find(graph)
    if found is None:
        return graph
    filters: Any = graph.weights[found.conv.inputs[1]].astype(np.float64)  # (K, C, kh, kw)
    name = found.conv.output
    weights: dict[str, Array] = {
        f"{name}/scaled": (filters * found.gain[:, None, None]).astype(np.float32)
    }
    pixels = found.times.inputs[0]
    if any(found.conv.attributes.get("pads", ())):
        weights[f"{name}/shift"] = (found.offset / found.gain).astype(np.float32)
        plus = replace(found.plus, inputs=(pixels, f"{name}/shift"))
        conv = _reading(found.conv, found.conv.inputs[0], f"{name}/scaled", found.conv.inputs[2:])
        return graph.changed([found.times, found.plus, found.conv], [plus, conv], weights)
    old = graph.weights[found.conv.inputs[2]] if len(found.conv.inputs) > 2 else np.zeros(1)
    bias = old + (filters * found.offset[:, None, None]).sum((1, 2, 3))
    weights[f"{name}/shifted"] = bias.astype(np.float32)
    turned = replace(found.transpose, inputs=(pixels,))
    conv = _reading(found.conv, turned.output, f"{name}/scaled", (f"{name}/shifted",))
    dropped = [found.times, found.plus, found.transpose, found.conv]
    return graph.changed(dropped, [turned, conv], weights)


def _reading(conv: Node, source: str, filters: str, bias: tuple[str, ...]) -> Node:
    return replace(conv, inputs=(source, filters, *bias))


def _find(graph: Graph) -> _Input | None:
    """The chain Mul, Add, Transpose to N×C×H×W, Conv with one group; None where there is none."""
    for times in graph.nodes:
        if times.op != "Mul" or times.inputs[1] not in graph.weights:
            continue
        plus = graph.only_user(times.output, "Add")
        turn = None if plus is None else graph.only_user(plus.output, "Transpose")
        conv = None if turn is None else graph.only_user(turn.output, "Conv")
        if plus is None or turn is None or conv is None or plus.inputs[1] not in graph.weights:
            continue
        gain, offset = (graph.weights[n.inputs[1]].astype(np.float64) for n in (times, plus))
        channels = graph.weights[conv.inputs[1]].shape[1] if conv.inputs[1] in graph.weights else 0
        plain = list(turn.attributes["perm"]) == [0, 3, 1, 2]
        grouped = conv.attributes.get("group", 1) != 1 or not plain
        fits = all(v.shape in ((channels,), (1, 1, 1, channels)) for v in (gain, offset))
        if grouped or not fits or (gain == 0).any():
            continue
        return _Input(times, plus, turn, conv, gain.ravel(), offset.ravel())
    return None
