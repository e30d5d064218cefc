"""Dead and duplicate channels: planted ones are found; the figures are NumPy's."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.explain.trained import trained
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.explain import channel_use
from pellucid.explain.features import sums as module
from pellucid.explain.features.sums import ChannelSums

RECORD = Preprocessing("gray", 8, 8, (0.5,), (0.25,))


def images(count: int = 12) -> list[np.ndarray]:
    random = np.random.default_rng(2)
    return [random.integers(0, 256, (9, 9, 1), np.uint8) for _ in range(count)]


def planted() -> nn.Sequential:
    """Channel 2 is dead, 3 a copy of 0, 4 twice channel 1, 5 constant above 0."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 7, 3), nn.ReLU(), nn.Conv2d(7, 3, 1))
    with torch.no_grad():
        weight, bias = network[0].weight, network[0].bias
        weight[2], bias[2] = 0, -1
        weight[3], bias[3] = weight[0], bias[0]
        weight[4], bias[4] = 2 * weight[1], 2 * bias[1]
        weight[5], bias[5] = 0, 3
    return network


@pytest.mark.parametrize("batch", [1, 5, 32])
def test_planted_channels_are_found(batch: int) -> None:
    found = channel_use(trained(planted(), RECORD), images(), batch=batch)
    (layer,) = found.layers
    assert (layer.layer, layer.values, found.images) == ("1", 12 * 36, 12)
    assert layer.dead == (2,)
    assert layer.constant == (2, 5)
    assert [(each.channel, each.of, each.exact) for each in layer.duplicates] == [
        (3, 0, True), (4, 1, False),
    ]  # fmt: skip
    assert layer.duplicates[1].correlation == pytest.approx(1)
    record = found.to_frame().iloc[0].to_dict()
    assert record == {
        "layer": "1", "channels": 7, "dead": 1, "constant": 2, "duplicates": 2, "exact": 1,
    }  # fmt: skip
    assert json.loads(json.dumps(found.to_json()))["layers"][0]["dead"] == [2]
    assert "of 7 channels 1 never above 0, 2 constant, 2 duplicates" in str(found)
    assert layer._repr_png_().startswith(b"\x89PNG")
    assert "<table>" in found._repr_html_()


def test_a_channel_that_is_alive_on_one_picture_is_not_dead() -> None:
    network = planted()
    bright = np.full((9, 9, 1), 255, np.uint8)
    with torch.no_grad():
        network[0].weight[2] = 1
        network[0].bias[2] = -17.5  # above 0 where all nine are bright: 9·2 = 18
    model = trained(network, RECORD)
    assert channel_use(model, images()).layers[0].dead == (2,)
    assert channel_use(model, [*images(), bright]).layers[0].dead == ()


def test_threshold() -> None:
    model = trained(planted(), RECORD)
    strict = channel_use(model, images(), threshold=1.0).layers[0].duplicates
    assert (3, 0) in {(each.channel, each.of) for each in strict}
    loose = channel_use(model, images(), ["0", "2"], threshold=0.01)
    assert [layer.layer for layer in loose.layers] == ["0", "2"]
    assert len(loose.layer("0").duplicates) >= 3
    with pytest.raises(UsageError, match="'9' was not looked at, only 0, 2"):
        loose.layer("9")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.integers(2, 5), st.lists(st.integers(1, 4), min_size=1, max_size=4), st.floats(-1e6, 1e6),
    st.integers(1, 60),
)  # fmt: skip
def test_figures_are_numpys(channels: int, sizes: list[int], offset: float, together: int) -> None:
    random = np.random.default_rng(len(sizes))
    values = random.normal(size=(sum(sizes), channels, 3, 4))
    values[:, 1] += 0.5 * values[:, 0]
    values += offset
    sums, start = ChannelSums(channels), 0
    before, module._TOGETHER = module._TOGETHER, together
    try:
        for size in sizes:
            sums.add(values[start : start + size])
            start += size
    finally:
        module._TOGETHER = before
    flat = np.moveaxis(values, 1, 0).reshape(channels, -1)
    assert sums.count == flat.shape[1]
    np.testing.assert_allclose(sums.mean, flat.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(sums.correlation(), np.corrcoef(flat), atol=1e-7)
    np.testing.assert_array_equal(sums.least, flat.min(axis=1))
    np.testing.assert_array_equal(sums.largest, flat.max(axis=1))


def test_equality_is_exact_over_all_pictures() -> None:
    sums = ChannelSums(3)
    values = np.random.default_rng(0).normal(size=(6, 3, 2, 2))
    values[:, 1] = values[:, 0]
    values[:, 2] = values[:, 0]
    values[5, 2, 1, 1] = np.nextafter(values[5, 2, 1, 1], 9)
    values[0, 0, 0, 0], values[0, 1, 0, 0] = 0.0, -0.0
    for part in (values[:4], values[4:]):
        sums.add(part)
    assert sums.same().tolist() == [0, 0, 2]
    constant = ChannelSums(2)
    constant.add(np.ones((2, 2, 2, 2)) * 0.1)
    assert np.isnan(constant.correlation()).all()


def test_bad_pictures_and_wrong_calls(tmp_path: object) -> None:
    model = trained(planted(), RECORD)
    found = channel_use(model, [*images(2), f"{tmp_path}/missing.png"])
    assert (found.images, len(found.unread)) == (2, 1)
    with pytest.raises(UsageError, match="expected pictures that can be read, found none"):
        channel_use(model, [f"{tmp_path}/missing.png"])
    with pytest.raises(UsageError, match=r"expected a threshold above 0 and up to 1, found 1\.5"):
        channel_use(model, images(2), threshold=1.5)
    with pytest.raises(UsageError, match="unknown layer '11'"):
        channel_use(model, images(2), ["11"])
