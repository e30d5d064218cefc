"""The heads, each recomputed with einsum in float64."""

import numpy as np
import pytest
import torch
from torch import nn

from pellucid.errors import UsageError
from pellucid.layers import FullyConnected, GlobalAverage, GlobalAverageLinear


def numbers(module: nn.Module) -> dict[str, np.ndarray]:
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    return {name: p.detach().double().numpy() for name, p in module.named_parameters()}


@pytest.mark.parametrize("rectify", [False, True])
def test_scores_are_the_means_of_the_class_maps(rectify):
    head = GlobalAverage(5, 3, dropout=0.5, rectify=rectify).eval()
    own = numbers(head)
    x = torch.randn(2, 5, 3, 4)
    maps = np.einsum("kc,nchw->nkhw", own["maps.weight"][:, :, 0, 0], x.double().numpy())
    maps += own["maps.bias"][:, None, None]
    maps = np.maximum(maps, 0) if rectify else maps
    assert np.allclose(head(x).detach().numpy(), maps.mean((2, 3)), atol=1e-5)


def test_linear_on_averages_equals_the_average_of_maps():
    """Both heads with the same weights give the same scores: the mean is linear."""
    maps, linear = GlobalAverage(5, 3).eval(), GlobalAverageLinear(5, 3).eval()
    numbers(maps)
    with torch.no_grad():
        linear.scores.weight.copy_(maps.maps.weight[:, :, 0, 0])
        linear.scores.bias.copy_(maps.maps.bias)
    x = torch.randn(4, 5, 6, 2)
    assert torch.allclose(maps(x), linear(x), atol=1e-5)


def test_flatten_and_layers():
    head = FullyConnected((2, 3, 4), 5, hidden=(7, 6), dropout=0.5).eval()
    own = numbers(head)
    x = torch.randn(3, 2, 3, 4)
    row = x.double().numpy().reshape(3, 24)
    for number in (1, 2):
        row = row @ own[f"hidden.linear{number}.weight"].T + own[f"hidden.linear{number}.bias"]
        row = np.maximum(row, 0)
    expected = row @ own["scores.weight"].T + own["scores.bias"]
    assert np.allclose(head(x).detach().numpy(), expected, rtol=1e-4, atol=1e-3)
    last = x.contiguous(memory_format=torch.channels_last)
    assert torch.allclose(head(last), head(x))


def test_maps_of_another_size_are_refused():
    with pytest.raises(UsageError, match=r"N×2×3×4 feature maps, found N×2×3×3"):
        FullyConnected((2, 3, 4), 5)(torch.zeros(1, 2, 3, 3))


@pytest.mark.parametrize(
    "head", [GlobalAverage(4, 3), GlobalAverageLinear(4, 3), FullyConnected((4, 2, 2), 3)]
)
def test_scores_are_float32_under_autocast_and_double_where_the_input_is(head):
    x = torch.randn(2, 4, 2, 2)
    with torch.autocast("cpu", torch.bfloat16):
        found = head(x.bfloat16())
    assert found.dtype == torch.float32
    assert torch.allclose(found, head(x.bfloat16().float()))
    assert head.double()(x.double()).dtype == torch.float64
    head.float()
