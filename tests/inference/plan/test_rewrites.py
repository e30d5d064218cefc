"""Every rewrite on random networks: equal answers by ONNX's NumPy reference, and the work done."""

from collections import Counter

import numpy as np
import pytest
from onnxruntime import InferenceSession
from tests.references.layers import naive_response_norm

from pellucid.inference.plan.graph import Graph, to_onnx
from pellucid.inference.plan.rewrites import (
    REWRITES,
    average_first,
    drop_unneeded,
    fold_batch_norm,
    fold_normalisation,
    merge_siblings,
    response_norm_as_convolution,
    response_norm_as_operation,
)

SHAPE = ("N", 3, 9, 8)
SEEDS = range(3)


def ops(graph: Graph) -> Counter[str]:
    return Counter(node.op for node in graph.nodes)


def pixels(seed: int, *shape: int):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("bias", [True, False])
def test_batch_norm_goes_into_the_convolution(make, same, seed, bias):
    m = make(seed)
    first = m.norm(m.conv("x", 3, 5, 3, bias, pads=[1, 1, 1, 1]), 5)
    graph = m.graph(m.norm(m.conv(m.add("Relu", first), 5, 4, 1, bias), 4), shape=SHAPE)
    folded = fold_batch_norm(graph)
    assert ops(folded) == {"Conv": 2, "Relu": 1}
    same(graph, folded, pixels(seed, 2, 3, 9, 8))


@pytest.mark.parametrize("seed", SEEDS)
def test_grouped_convolutions_fold_too(make, same, seed):
    m = make(seed)
    conv = m.add("Conv", "x", m.weight(6, 1, 3, 3), group=3)
    graph = m.graph(m.norm(conv, 6), shape=SHAPE)
    assert ops(fold_batch_norm(graph)) == {"Conv": 1}
    same(graph, fold_batch_norm(graph), pixels(seed, 2, 3, 9, 8))


@pytest.mark.parametrize("seed", SEEDS)
def test_batch_norm_passes_a_max_pooling_if_its_factors_are_positive(make, same, seed):
    m = make(seed)
    pooled = m.add("MaxPool", m.conv("x", 3, 5, 3), kernel_shape=[2, 2], strides=[2, 2])
    graph = m.graph(m.norm(pooled, 5, positive=True), shape=SHAPE)
    assert ops(fold_batch_norm(graph)) == {"Conv": 1, "MaxPool": 1}
    same(graph, fold_batch_norm(graph), pixels(seed, 2, 3, 9, 8))


def test_a_negative_factor_stops_at_the_max_pooling(make):
    m = make(0)
    pooled = m.add("MaxPool", m.conv("x", 3, 5, 3), kernel_shape=[2, 2])
    graph = m.graph(m.norm(pooled, 5, positive=True), shape=SHAPE)
    m.weights[graph.nodes[-1].inputs[1]][2] *= -1
    assert fold_batch_norm(graph) is graph


def test_a_convolution_that_others_read_keeps_its_batch_norm(make):
    m = make(0)
    conv = m.conv("x", 3, 5, 3)
    graph = m.graph(m.norm(conv, 5), m.add("Relu", conv), shape=SHAPE)
    assert fold_batch_norm(graph) is graph


def normalised(m, padding: int):
    """Pixels with a gain and an offset a channel, into a convolution."""
    pixel = m.add("Cast", "x", to=1)
    scaled = m.add("Mul", pixel, m.constant([0.02, 0.017, 0.03]))
    shifted = m.add("Add", scaled, m.constant([-2.1, 1.3, 0.4]))
    x = m.add("Transpose", shifted, perm=[0, 3, 1, 2])
    conv = m.conv(x, 3, 4, 3, bias=padding > 0, pads=[padding] * 4, strides=[2, 1])
    return m.graph(m.add("Relu", conv), uint8=True, shape=("N", 9, 8, 3))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_normalisation_goes_into_the_first_convolution(make, same, seed, padding):
    graph = normalised(make(seed), padding)
    folded = fold_normalisation(graph)
    wanted = {"Cast": 1, "Transpose": 1, "Conv": 1, "Relu": 1}
    assert ops(folded) == (wanted | {"Add": 1} if padding else wanted)
    same(graph, folded, np.random.default_rng(seed).integers(0, 256, (2, 9, 8, 3), np.uint8))


def test_a_zero_gain_is_not_divided_by(make):
    m = make(0)
    graph = normalised(m, 1)
    next(v for v in m.weights.values() if v.shape == (3,))[1] = 0
    assert fold_normalisation(graph) is graph


def module(m, activated: bool = True):
    """Three 1×1 branches of different widths and a pooled one, as in an Inception module."""
    ends = [m.conv("x", 3, width, 1, bias=width != 2) for width in (4, 2, 5)]
    ends = [m.add("Relu", end) for end in ends] if activated else ends
    three = m.conv(ends[1], 2, 3, 3, pads=[1, 1, 1, 1])
    pool = m.add("MaxPool", "x", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1])
    project = m.conv(pool, 3, 2, 1)
    return m.graph(m.add("Concat", ends[0], three, ends[2], project, axis=1), shape=SHAPE)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("activated", [True, False])
def test_siblings_become_one(make, same, seed, activated):
    graph = module(make(seed), activated)
    merged = merge_siblings(graph)
    assert ops(graph)["Conv"] - ops(merged)["Conv"] == 2
    assert ops(merged)["Split"] == 1
    assert ops(merged)["Relu"] == (1 if activated else 0)
    same(graph, merged, pixels(seed, 2, 3, 9, 8))


def test_convolutions_with_other_strides_are_no_siblings(make):
    m = make(0)
    ends = [m.conv("x", 3, 4, 1, strides=[s, s]) for s in (1, 2)]
    graph = m.graph(*ends, shape=SHAPE)
    assert merge_siblings(graph) is graph


def response_norm(m, channels: int, size: int, beta: float = 0.75):
    """As torch's exporter writes ``pellucid.layers.local_response_norm``."""
    x = m.add("Identity", "x")
    reach = size // 2
    square = m.add("Mul", x, x)
    pad = m.add("Pad", square, m.constant([0, reach, 0, 0, 0, reach, 0, 0], np.int64))
    total = None
    for shift in range(size):
        ends = [m.constant([v], np.int64) for v in (shift, shift + channels, 1, 1)]
        part = m.add("Slice", pad, *ends)
        total = part if total is None else m.add("Add", total, part)
    scaled = m.add("Mul", total, m.constant(np.float32(0.3)))
    base = m.add("Add", scaled, m.constant(np.float32(1.5)))
    power = m.add("Pow", base, m.constant(np.float32(-beta)))
    return m.graph(m.add("Mul", x, power), shape=("N", channels, 4, 3))


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("channels", [2, 7])
def test_response_norms_are_the_papers(make, answers, size, channels):
    graph = response_norm(make(0), channels, size)
    x = pixels(size, 2, channels, 4, 3)
    wanted = naive_response_norm(x, size, 0.3, 0.75, 1.5)
    named, convolved = response_norm_as_operation(graph), response_norm_as_convolution(graph)
    assert ops(named)["LRN"] == 1
    assert "Pow" not in ops(named)
    assert ops(convolved)["Conv"] == 1
    assert "Pow" not in ops(convolved)
    # ONNX's reference of LRN takes the batch's size for the number of channels: onnxruntime's.
    session = InferenceSession(to_onnx(named), providers=["CPUExecutionProvider"])
    found = [answers(graph, x)[0], session.run(None, {"x": x})[0], answers(convolved, x)[0]]
    for one in found:
        np.testing.assert_allclose(one, wanted, rtol=1e-5, atol=1e-6)


def test_other_powers_stay_powers(make):
    graph = response_norm(make(0), 4, 3, beta=0.5)
    assert response_norm_as_convolution(graph) is graph
    assert ops(response_norm_as_operation(graph))["LRN"] == 1


def test_a_sum_with_a_gap_is_no_neighbourhood(make):
    m = make(0)
    graph = response_norm(m, 4, 3)
    m.weights[next(n for n in graph.nodes if n.op == "Slice").inputs[1]][0] += 1
    assert response_norm_as_operation(graph) is graph


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("keep", [0, 1])
def test_the_mean_comes_first(make, same, seed, keep):
    m = make(seed)
    conv = m.conv(m.add("Relu", "x"), 3, 6, 1)
    graph = m.graph(
        m.add("ReduceMean", conv, m.constant([2, 3], np.int64), keepdims=keep), shape=SHAPE
    )
    swapped = average_first(graph)
    assert [n.op for n in swapped.nodes][:3] == ["Relu", "ReduceMean", "Conv"]
    same(graph, swapped, pixels(seed, 2, 3, 9, 8))


def test_the_mean_waits_for_an_activation(make):
    m = make(0)
    relu = m.add("Relu", m.conv("x", 3, 6, 1))
    graph = m.graph(m.add("GlobalAveragePool", relu), shape=SHAPE)
    assert average_first(graph) is graph


def test_dropout_and_copies_go(make, same):
    m = make(0)
    kept = m.add("Dropout", m.add("Identity", m.add("Relu", m.conv("x", 3, 2, 1))))
    graph = m.graph(m.add("Relu", m.add("Identity", kept)), shape=SHAPE)
    assert ops(drop_unneeded(graph)) == {"Conv": 1, "Relu": 2}
    same(graph, drop_unneeded(graph), pixels(0, 2, 3, 9, 8))


@pytest.mark.parametrize("seed", SEEDS)
def test_all_rewrites_together(make, same, seed):
    m = make(seed)
    pixel = m.add("Mul", m.add("Cast", "x", to=1), m.constant([0.02, 0.017, 0.03]))
    x = m.add("Add", pixel, m.constant([-2.1, 1.3, 0.4]))
    x = m.add("Transpose", x, perm=[0, 3, 1, 2])
    x = m.add("Relu", m.norm(m.conv(x, 3, 4, 3, pads=[1] * 4), 4))
    ends = [m.add("Relu", m.norm(m.conv(x, 4, width, 1, False), width)) for width in (3, 5)]
    x = m.add("Dropout", m.add("Concat", *ends, axis=1))
    mean = m.add("ReduceMean", m.conv(x, 8, 6, 1), m.constant([2, 3], np.int64), keepdims=0)
    graph = m.graph(mean, uint8=True, shape=("N", 9, 8, 3))
    rewritten = graph
    for rewrite in REWRITES.values():
        rewritten = rewrite(rewritten)
    assert ops(rewritten)["Conv"] == 3
    assert "BatchNormalization" not in ops(rewritten)
    same(graph, rewritten, np.random.default_rng(seed).integers(0, 256, (2, 9, 8, 3), np.uint8))


@pytest.mark.parametrize("rewrite", REWRITES.values(), ids=REWRITES)
def test_what_has_no_place_for_it_is_left_alone(make, rewrite):
    m = make(0)
    graph = m.graph(m.add("Relu", m.conv("x", 3, 2, 3)), shape=SHAPE)
    assert rewrite(graph) is graph
