"""Terms of pooling against torch's value and gradients, and against the fast operator."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from pellucid.errors import UsageError
from pellucid.operators.arithmetic import explain_global_pooling, explain_pooling
from pellucid.operators.pooling import KINDS, pool, pool_global

NUMBERS = st.integers(1, 3)


def torch_pool(image: torch.Tensor, kind: str, **how: Any) -> torch.Tensor:
    counted = how.pop("count_padding")
    size, stride, padding, ceil = (how[name] for name in ("window", "stride", "padding", "ceil"))
    if kind == "average":
        return F.avg_pool2d(image, size, stride, padding, ceil, counted)
    if kind == "l2":
        return F.lp_pool2d(image, 2, size, stride, ceil)
    sign = 1 if kind == "max" else -1
    return sign * F.max_pool2d(sign * image, size, stride, padding, how["dilation"], ceil)


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(["max", "min", "average", "l2"]),
    size=st.tuples(NUMBERS, NUMBERS),
    stride=st.tuples(NUMBERS, NUMBERS),
    dilation=NUMBERS,
    pad=st.integers(0, 1),
    flags=st.tuples(st.booleans(), st.booleans()),
    seed=st.integers(0, 2**32),
    data=st.data(),
)
def test_terms_are_torchs_gradients_and_their_sum_its_output(
    kind: Any, size: Any, stride: Any, dilation: int, pad: int, flags: Any, seed: int, data: Any
) -> None:
    assume(pad <= min(size) // 2 and dilation * (max(size) - 1) < 6)
    how: dict[str, Any] = {"window": size, "stride": stride, "padding": pad, "ceil": flags[0]}
    how |= {"dilation": dilation if kind in ("max", "min") else 1, "count_padding": flags[1]}
    if kind == "l2":  # torch's takes no padding, and scales a cut window up
        how |= {"padding": 0, "ceil": False}
    image = torch.from_numpy(np.random.default_rng(seed).normal(size=(1, 2, 6, 7)))
    image.requires_grad_()
    outputs = torch_pool(image, kind, **how)
    at = tuple(data.draw(st.integers(0, n - 1)) for n in outputs.shape)
    outputs[at].backward()
    found = explain_pooling(image, kind, at=at, **how)
    assert found.total == pytest.approx(float(outputs[at].detach()), rel=1e-12)
    gradient = np.zeros(image.shape)
    for term in found.terms:
        assert term.at is not None
        # d√Σx² / dx = x / √Σx², and the weight of a square is x itself
        gradient[(0, *term.at)] += term.weight / (found.total if kind == "l2" else 1)
    assert image.grad is not None
    np.testing.assert_allclose(gradient, image.grad.numpy(), rtol=1e-12, atol=1e-15)


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    axes=st.sampled_from([1, 2]),
    size=NUMBERS,
    stride=NUMBERS,
    dilation=NUMBERS,
    pads=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    flags=st.tuples(st.booleans(), st.booleans()),
    image=st.tuples(st.integers(0, 2**32), st.sampled_from(["float64", "float32", "uint8"])),
    missing=st.booleans(),
    data=st.data(),
)
def test_the_fast_operator_agrees(
    kind: Any, axes: int, size: int, stride: int, dilation: int, pads: Any, flags: Any, image: Any,
    missing: bool, data: Any,
) -> None:  # fmt: skip
    """Within 1e-6 of Σ|product|; integers rounded half to even and saturated."""
    seed, dtype = image
    values = np.random.default_rng(seed).integers(0, 9, (2, 2, *[6] * axes)).astype(dtype)
    if missing and dtype != "uint8":
        values[..., 1:3] = np.nan
    how: dict[str, Any] = {"window": size, "stride": stride, "dilation": dilation, "axes": axes}
    how |= {"padding": (pads,) * axes, "ceil": flags[0], "count_padding": flags[1]}
    try:
        outputs = pool(values, kind, **how)
    except UsageError as refusal:
        assert "expected a" in str(refusal)
        assume(False)
    at = tuple(data.draw(st.integers(0, n - 1)) for n in outputs.shape)
    found = explain_pooling(values, kind, at=at, **how)
    wanted = float(outputs[at])
    if dtype == "uint8":
        assert wanted == np.clip(np.rint(found.total), 0, 255) or abs(found.total % 1 - 0.5) < 1e-9
    elif np.isnan(wanted):
        assert np.isnan(found.total)
    else:
        assert abs(wanted - found.total) <= 1e-6 * sum(abs(term.product) for term in found.terms)
    kept = [term for term in found.terms if term.role == "kept"]
    assert len(kept) == (kind in ("max", "min", "last", "first"))


@pytest.mark.parametrize("kind", KINDS)
def test_global_pooling(kind: Any) -> None:
    image = np.random.default_rng(1).normal(size=(3, 4, 2))
    outputs = pool_global(image, kind)
    for channel in (0, 1):
        found = explain_global_pooling(image, kind, channel)
        assert found.total == pytest.approx(outputs[0, 0, channel], rel=1e-12)
        assert len(found.terms) == 12
    series = explain_global_pooling([1.0, 5.0, 3.0], kind)
    assert series.total == pytest.approx(pool_global([1.0, 5.0, 3.0], kind)[0])


def test_the_first_of_equal_cells_is_kept_and_infinity_left_adds_nothing() -> None:
    terms = explain_pooling([3.0, 7.0, 7.0, -np.inf], "max", 4, 0).terms
    assert [term.role for term in terms] == ["left", "kept", "left", "left"]
    assert explain_pooling([3.0, 7.0, 7.0, -np.inf], "max", 4, 0).total == 7.0
    assert explain_pooling([np.inf, 7.0], "min", 2, 0).total == 7.0


def test_counted_padding_does_not_reach_beyond_it() -> None:
    """6 cells, windows of 3 by 3 with 1 cell of padding: the last sticks out beyond it."""
    values = np.arange(1.0, 7.0)
    how: dict[str, Any] = {"stride": 3, "padding": 1, "ceil": True, "count_padding": True}
    wanted = F.avg_pool1d(torch.from_numpy(values)[None, None], 3, 3, 1, True)[0, 0].tolist()
    totals = [explain_pooling(values, "average", 3, t, **how).total for t in range(3)]
    assert totals == pytest.approx(wanted)
    assert explain_pooling(values, "average", 3, 2, **how).terms[0].weight == 1 / 2


def test_what_cannot_be_pooled_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'max'"):
        explain_pooling([1.0], "mx", 1, 0)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="expected the output's t from 0 to 1, found 2"):
        explain_pooling([1.0, 2.0, 3.0, 4.0], "max", 2, 2)
    with pytest.raises(UsageError, match="expected a window that fits into the input"):
        explain_pooling([1.0, 2.0], "max", 3, 0)
    with pytest.raises(UsageError, match="a cell of the image in the window"):
        explain_pooling([1.0, 2.0], "max", 2, 0, padding=2)
