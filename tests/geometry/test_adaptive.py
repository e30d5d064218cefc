"""Adaptive pooling's windows against torch's: values, gradients, shapes."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from pellucid.errors import UsageError
from pellucid.geometry import AdaptiveAxis, Axis, Chain


@given(st.integers(1, 60), st.integers(1, 70))
def test_windows_are_those_of_torch(length, output):
    axis = AdaptiveAxis(length, output)
    cells = torch.eye(length, dtype=torch.float64)[:, None]  # each cell alone
    used = functional.adaptive_avg_pool1d(cells, output)[:, 0] > 0
    for i in range(output):
        assert axis.inputs_of(i) == tuple(used[:, i].nonzero().flatten().tolist())
    for cell in range(length):
        assert axis.outputs_of(cell) == tuple(used[cell].nonzero().flatten().tolist())


def test_even_windows_are_plain_ones():
    assert AdaptiveAxis(12, 4).field == Axis(12, 3, 3).field
    assert Chain(12).then(AdaptiveAxis(12, 4)).inputs_of(1) == (3, 4, 5)
    with pytest.raises(UsageError, match="3 outputs divide evenly, found 7"):
        _ = AdaptiveAxis(7, 3).field
    with pytest.raises(UsageError, match="output"):
        AdaptiveAxis(7, 3).cells(3)
    with pytest.raises(UsageError, match="length"):
        AdaptiveAxis(0, 3)
