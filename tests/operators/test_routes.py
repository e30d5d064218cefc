"""Every way gives the same answer, and the explanation names the one that was taken."""

import dataclasses

import numpy as np
import pytest
import torch

from pellucid.operators.convolution import correlate
from pellucid.operators.problem import pose
from pellucid.operators.rank import factors
from pellucid.operators.routes import candidates

RNG = np.random.default_rng(0)
TAPS = np.hanning(23)[1:-1]
CASES = {
    "direct": RNG.standard_normal((3, 3)),
    "passes": np.outer(TAPS[6:-6], TAPS[6:-6]),
    "matrices": np.outer(TAPS, TAPS) - 0.5 * np.outer(TAPS**2, TAPS**2),
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
    found = {route.way: route.run(problem) for route in candidates(problem)}
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
