"""Muon against the singular value decomposition."""

import numpy as np
import torch

from pellucid.models import Compact
from pellucid.training.learning.averaging import WeightAverage
from pellucid.training.learning.optimiser import Muon, orthogonalise
from pellucid.training.learning.steps import make_optimisers, suited_optimiser


def test_the_update_has_the_singular_vectors_of_the_momentum() -> None:
    generator = torch.Generator().manual_seed(0)
    for rows, columns in [(8, 40), (40, 8), (16, 16)]:
        matrix = torch.randn(rows, columns, generator=generator)
        u, _, vt = np.linalg.svd(matrix.double().numpy(), full_matrices=False)
        found = orthogonalise(matrix, steps=5).double().numpy()
        inner = u.T @ found @ vt.T
        values = np.diag(inner)
        assert values.min() > 0.5
        assert values.max() < 1.5
        assert np.abs(inner - np.diag(values)).max() < 0.1


def test_one_step_is_the_papers_formula() -> None:
    parameter = torch.nn.Parameter(
        torch.randn(4, 3, 3, 3, generator=torch.Generator().manual_seed(1))
    )
    before = parameter.detach().clone()
    gradient = torch.randn(4, 3, 3, 3, generator=torch.Generator().manual_seed(2))
    parameter.grad = gradient.clone()
    Muon([parameter], lr=0.1, momentum=0.6).step()
    direction = orthogonalise(((1 + 0.6) * gradient).reshape(4, -1)).view_as(before)
    expected = before * (2 / before.norm()) - 0.1 * direction
    assert torch.allclose(parameter.detach(), expected, atol=1e-6)


def test_muon_takes_the_hidden_filters_and_sgd_the_rest() -> None:
    network = Compact(classes=3, channels=1, widths=[4, 8])
    assert suited_optimiser(network) == "muon"
    muon, sgd = make_optimisers(network, "muon", 0.1)
    taken = {id(p) for group in muon.param_groups for p in group["params"]}
    named = {name for name, p in network.named_parameters() if id(p) in taken}
    assert all(name.endswith("weight") and "norm" not in name for name in named)
    assert "head.maps.weight" not in named and len(named) == 6
    others = sum(len(group["params"]) for group in sgd.param_groups)
    assert others + len(named) == len(list(network.parameters()))


def test_the_average_is_the_recurrence_in_float64() -> None:
    layer = torch.nn.Linear(3, 2)
    average = WeightAverage(layer, decay=0.75)
    expected = layer.weight.detach().double().numpy()
    generator = torch.Generator().manual_seed(0)
    for step in range(1, 30):
        with torch.no_grad():
            layer.weight.copy_(torch.randn(2, 3, generator=generator))
        average.update(layer)
        share = max(0.25, 1 / np.sqrt(step + 1))
        expected = expected + share * (layer.weight.detach().double().numpy() - expected)
    assert np.allclose(average.tensors["weight"].numpy(), expected, atol=1e-5)
