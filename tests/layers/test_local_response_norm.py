"""Local response normalisation against the paper's formula in float64 loops."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.references.layers import naive_response_norm
from torch import nn

from pellucid.errors import UsageError
from pellucid.layers import LocalResponseNorm


@settings(max_examples=30, deadline=None)
@given(
    maps=st.integers(1, 9),
    n=st.sampled_from([1, 3, 5, 7]),
    alpha=st.floats(1e-4, 2.0),
    beta=st.floats(0.25, 1.5),
    k=st.floats(0.5, 3.0),
    seed=st.integers(0, 2**31),
)
def test_is_the_papers_formula(maps, n, alpha, beta, k, seed):
    x = np.random.default_rng(seed).normal(0, 3, (2, maps, 2, 3))
    found = LocalResponseNorm(n, alpha, beta, k)(torch.from_numpy(x))
    assert np.allclose(found.numpy(), naive_response_norm(x, n, alpha, beta, k), rtol=1e-12)


def test_torch_divides_alpha_by_the_size_and_the_paper_does_not():
    x = torch.randn(2, 12, 3, 3, dtype=torch.float64, generator=torch.manual_seed(0)) * 30
    ours = LocalResponseNorm()(x)
    assert torch.allclose(ours, nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0)(x), rtol=1e-12)
    assert not torch.allclose(ours, nn.LocalResponseNorm(5, 1e-4, 0.75, 2.0)(x), rtol=1e-3)


def test_gradients_are_those_of_the_formula():
    x = torch.randn(1, 6, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(LocalResponseNorm(alpha=0.5), x)


def test_half_precision_is_computed_in_float32():
    """In bfloat16 itself, 2 + 10⁻⁴·Σ would be 2 and the norm a constant factor."""
    x = torch.full((1, 5, 1, 1), 80.0)
    exact = LocalResponseNorm()(x)
    found = LocalResponseNorm()(x.bfloat16())
    assert found.dtype == torch.bfloat16
    assert torch.allclose(found.float(), exact, rtol=2**-8)
    assert not torch.allclose(exact, x / 2**0.75, rtol=0.2)


def test_the_input_is_left_alone():
    x = torch.ones(1, 4, 2, 2)
    LocalResponseNorm()(x)
    assert torch.equal(x, torch.ones(1, 4, 2, 2))


@pytest.mark.parametrize("arguments", [{"size": 4}, {"size": 0}, {"k": 0.0}])
def test_wrong_arguments(arguments):
    with pytest.raises(UsageError, match="local response norm"):
        LocalResponseNorm(**arguments)
