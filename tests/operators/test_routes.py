"""Every way gives the same answer, and the explanation names the one that was taken."""

import dataclasses

import numpy as np
import pytest
import torch

from pellucid.errors import UsageError
from pellucid.operators import plans
from pellucid.operators.convolution import correlate
from pellucid.operators.problem import pose
from pellucid.operators.rank import factors
from pellucid.operators.routes import ranked

RNG = np.random.default_rng(0)
TAPS = np.hanning(23)[1:-1]
CASES = {
    "direct": RNG.standard_normal((3, 3)),
    "passes": np.outer(TAPS[6:-6], TAPS[6:-6]),
    "matrices": np.outer(np.arange(1.0, 62), np.arange(2.0, 63)),
    "fourier": RNG.standard_normal((25, 25)),
    "shifts": np.eye(31)[:, ::-1] * (np.arange(31) == 4),
}


@pytest.mark.parametrize("way", CASES)
def test_the_explanation_has_the_way_and_its_numbers(way):
    image = np.zeros((300, 310, 3), np.float32)
    explained = correlate(image, CASES[way], explain=True)
    assert explained.way == way
    size = "×".join(map(str, CASES[way].shape))
    assert size in explained.why and f"{way} (" in explained.why and "ns" in explained.why
    assert explained.why.endswith(".") and explained.result.shape == image.shape
    assert explained.window.output_shape == (300, 310)
    with pytest.raises(dataclasses.FrozenInstanceError):
        explained.way = "other"


@pytest.mark.parametrize("stride", [1, (2, 3)])
@pytest.mark.parametrize("mode", ["reflect", "circular"])
@pytest.mark.parametrize("shape", [(1, 3, 200, 190), (2, 2, 90, 150)])
def test_all_ways_agree(shape, mode, stride):
    values = RNG.standard_normal(shape).astype(np.float32)
    kernel = RNG.standard_normal((11, 1)) * RNG.standard_normal((1, 9))
    problem = pose(
        values, kernel, axes=2, stride=stride, dilation=1, groups=1, padding="same", mode=mode,
        bias=0.5, dtype=None,
    )  # fmt: skip
    found = {route.way: route.run(problem) for route in ranked(problem)}
    assert found.keys() == {"direct", "passes", "matrices", "fourier", "shifts"}
    for way, result in found.items():
        scale = np.abs(found["shifts"]).max()
        assert np.abs(result - found["shifts"]).max() < 1e-5 * scale, way


def test_torch_is_named_where_it_computes():
    image = torch.zeros(5, 5, requires_grad=True)
    explained = correlate(image, [[1.0]], explain=True)
    assert explained.way == "torch" and "gradients" in explained.why


@pytest.mark.parametrize("rank", [0, 1, 2, 5])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rank(rank, dtype):
    kernel = RNG.standard_normal((9, rank)) @ RNG.standard_normal((rank, 7))
    terms = factors(kernel, np.dtype(dtype))
    assert len(terms) == rank == np.linalg.matrix_rank(kernel)
    total = sum((np.outer(*term) for term in terms), np.zeros((9, 7)))
    assert np.allclose(total, kernel, atol=1e-12)
    rounded = factors(kernel.astype(np.float32).astype(np.float64), np.dtype("float32"))
    assert len(rounded) == rank


def test_a_kept_plan_answers_as_a_new_one_and_only_for_the_same_question(monkeypatch):
    rng = np.random.default_rng(8)
    first, second = rng.random((2, 20, 30))
    kernel = rng.random((3, 5))
    monkeypatch.setattr(plans, "_plans", {})
    fresh = correlate(second, kernel, mode="reflect")
    correlate(first, kernel, mode="reflect")
    assert len(plans._plans) == 1  # the second question was known
    assert np.array_equal(correlate(second, kernel, mode="reflect"), fresh)
    others = [
        correlate(second, kernel, mode="replicate"),
        correlate(second, 2 * kernel, mode="reflect"),
        correlate(second, kernel, mode="reflect", bias=1),
        correlate(second, kernel, mode="reflect", dtype=np.float32),
        correlate(second.astype(np.float32), kernel, mode="reflect"),
    ]
    assert len(plans._plans) == 6
    assert not any(np.array_equal(fresh, other) for other in others[:3])
    assert [other.dtype.name for other in others[3:]] == ["float32", "float32"]
    with pytest.raises(UsageError, match="stride"):  # 1.0 equals 1, and is no number of cells
        correlate(second, kernel, mode="reflect", stride=1.0)


def test_plans_are_bounded(monkeypatch):
    monkeypatch.setattr(plans, "_plans", {})
    monkeypatch.setattr(plans, "MOST", 3)
    for side in range(4, 12):
        correlate(np.zeros((side, side)), [[1.0, 2.0]])
    assert len(plans._plans) <= 3
