"""Preprocessing as an ONNX graph gives the same bytes as Preprocessing.fit (OpenCV)."""

from functools import cache
from io import BytesIO

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper
from onnxruntime import InferenceSession
from PIL import Image

from pellucid.data.preprocessing import Preprocessing
from pellucid.images import Pixels, decode_image
from pellucid.inference.cases import odd_cases
from pellucid.inference.onnx.fit import fit_graph
from pellucid.inference.onnx_runtime import session_of

RECORDS = [
    Preprocessing("rgb", 28, 28, (0.5,) * 3, (0.5,) * 3),
    Preprocessing("gray", 32, 20, (0.5,), (0.5,)),
    Preprocessing("rgb", 17, 41, (0.5,) * 3, (0.5,) * 3, resize="crop"),
    Preprocessing("gray", 96, 96, (0.5,), (0.5,), resize="crop"),
]


@cache
def session(record: Preprocessing) -> InferenceSession:
    model = helper.make_model(
        fit_graph(record, "image", "images"),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=8,
    )
    onnx.checker.check_model(model, full_check=True)
    return session_of(model.SerializeToString(), threads=1)


def fitted(record: Preprocessing, image: Pixels) -> Pixels:
    [batch] = session(record).run(None, {"image": image})
    assert batch.shape[0] == 1 and batch.dtype == np.uint8
    found: Pixels = batch[0]
    return found


sides = st.one_of(st.integers(1, 12), st.integers(1, 300))


@given(
    record=st.sampled_from(RECORDS),
    size=st.tuples(sides, sides),
    channels=st.sampled_from((1, 3)),
    levels=st.sampled_from((2, 5, 256)),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=150, deadline=None)
def test_any_size(
    record: Preprocessing, size: tuple[int, int], channels: int, levels: int, seed: int
) -> None:
    """Few levels make averages that lie halfway between two: there the order of a sum decides."""
    rng = np.random.default_rng(seed)
    image = (rng.integers(0, levels, (*size, channels)) * (255 // (levels - 1))).astype(np.uint8)
    assert np.array_equal(fitted(record, image), record.fit(image))


@given(
    record=st.sampled_from(RECORDS[:2]),
    factors=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    off=st.tuples(st.integers(-1, 1), st.integers(-1, 1)),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=80, deadline=None)
def test_sizes_near_whole_factors(
    record: Preprocessing, factors: tuple[int, int], off: tuple[int, int], seed: int
) -> None:
    height, width = record.height * factors[0] + off[0], record.width * factors[1] + off[1]
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    assert np.array_equal(fitted(record, image), record.fit(image))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record.color}{record.height}")
def test_odd_images(record: Preprocessing) -> None:
    for case in odd_cases(record):
        assert np.array_equal(fitted(record, case.pixels), record.fit(case.pixels)), case.name


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("record", RECORDS[:2], ids=["rgb", "gray"])
def test_alpha_goes_over_white_as_when_a_file_is_read(record: Preprocessing, mode: str) -> None:
    shape = (40, 53, len(mode))
    values = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    file = BytesIO()
    Image.frombytes(mode, (53, 40), values.tobytes()).save(file, "PNG")
    expected = record.fit(decode_image(file.getvalue(), mode).pixels)
    assert np.array_equal(fitted(record, values), expected)
