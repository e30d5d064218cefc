"""The rules of the preprocessing against what really happens to pictures, and against OpenCV."""

from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.explain import Trace, trace_image
from pellucid.explain.account import account
from pellucid.explain.rules import Case, rule_of
from pellucid.geometry import ResampledAxis

PICTURES = arrays.arrays(
    np.uint8,
    st.tuples(st.integers(1, 24), st.integers(1, 24), st.sampled_from((1, 3))),
    elements=st.one_of(st.integers(0, 255), st.sampled_from((0, 255))),
)


@st.composite
def records(draw: st.DrawFn) -> Preprocessing:
    color = draw(st.sampled_from(("gray", "rgb")))
    channels = 1 if color == "gray" else 3
    floats = st.floats(0.05, 1.0)
    return Preprocessing(
        color,
        draw(st.integers(1, 32)),
        draw(st.integers(1, 32)),
        tuple(draw(floats) for _ in range(channels)),
        tuple(draw(floats) for _ in range(channels)),
        resize=draw(st.sampled_from(("stretch", "crop"))),
    )


def traced(picture: NDArray[np.uint8], record: Preprocessing) -> Trace:
    return trace_image(nn.Identity(), picture, record)


@settings(max_examples=60, deadline=None)
@given(PICTURES, records(), st.randoms(use_true_random=False))
def test_every_number_of_the_preprocessing_is_accounted_for(
    picture: NDArray[np.uint8], record: Preprocessing, random: Any
) -> None:
    trace = traced(picture, record)
    for node in trace.nodes[1:]:
        found = trace.value(node).astype(np.float64)
        whole = rule_of(case := Case.of(trace, node)).whole(case)
        slack = np.broadcast_to(whole.steps * case.epsilon * whole.scale, node.shape)
        assert np.all(np.abs(found - whole.values) <= slack), node.operation
        at = tuple(random.randrange(size) for size in node.shape)
        one = account(trace, node, at)
        assert one.agrees and one.found == found[at]
        # In the middle between two levels the last bit of the sum decides.
        assert one.total == pytest.approx(whole.values[at], abs=1e-9 + slack[at])
        assert all(
            term.value == trace.value(source)[(0, *term.at)]
            for term, source in zip(one.terms, one.sources, strict=True)
        )


def test_luma_that_opencv_rounds_the_other_way_is_within_its_bound() -> None:
    """Its weights have 15 bits: a sum of 100.503 may become 100. That occurs, and no more."""
    picture = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), dtype=np.uint8)
    trace = traced(picture, Preprocessing("gray", 1000, 1000, (0.5,), (0.5,)))
    whole = rule_of(case := Case.of(trace, trace.node("recolor"))).whole(case)
    wrong = np.abs(trace.value("recolor") - whole.values)
    assert wrong.sum() > 0 and np.all(wrong <= whole.scale)
    assert np.mean(whole.scale) < 0.05  # the bound says little of most pixels


def test_a_wrong_pixel_is_noticed() -> None:
    """Each kind of step, with a few levels more than it should have."""
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 200, (40, 9, 3), dtype=np.uint8)
    trace = traced(picture, Preprocessing("gray", 12, 16, (0.5,), (0.5,), resize="crop"))
    assert [node.operation for node in trace.nodes] == [
        "pixels", "recolor", "crop", "resize", "normalise"
    ]  # fmt: skip
    for node in trace.nodes[1:]:
        whole = rule_of(case := Case.of(trace, node)).whole(case)
        wrong = trace.value(node).astype(np.float64)
        wrong += 3.0 if node.dtype == torch.uint8 else 1e-5
        slack = whole.steps * case.epsilon * whole.scale
        assert np.all(np.abs(wrong - whole.values) > slack)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 59))
def test_weights_along_an_axis_are_those_of_opencv(before: int, after: int, cell: int) -> None:
    """What an impulse of 1.0 becomes: OpenCV's float32 path, not the one of pixels."""
    cell %= before
    impulse = np.zeros((1, before), np.float32)
    impulse[0, cell] = 1.0
    area = after <= before
    expected = cv2.resize(
        impulse, (after, 1), interpolation=cv2.INTER_AREA if area else cv2.INTER_LINEAR
    )
    axis = ResampledAxis(before, after, "area" if area else "linear")
    weights = [dict(axis.weights(output)).get(cell, 0.0) for output in range(after)]
    assert np.allclose(weights, expected[0], atol=2e-6)
    for output in range(after):
        assert sum(weight for _, weight in axis.weights(output)) == pytest.approx(1)


def test_an_account_goes_down_to_the_pixels() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (30, 20, 3), dtype=np.uint8)
    record = Preprocessing("gray", 10, 10, (0.3,), (0.2,), resize="crop")
    trace = traced(picture, record)
    path = account(trace, trace.output, (0, 4, 5)).sorted().path()
    assert [each.node.operation for each in path] == [
        "normalise", "resize", "crop", "recolor", "pixels"
    ]  # fmt: skip
    channel, row, column = path[-1].at[1:]
    assert path[-1].found == picture[row, column, channel]
