"""Feature maps: the numbers are the network's, and every pixel of the sheet is one of them."""

import json

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from pellucid.errors import UsageError
from pellucid.explain import feature_maps, trace_network
from pellucid.images import Pixels


def traced(values: list) -> object:
    return trace_network(nn.Identity(), torch.tensor(values, dtype=torch.float32)[None])


def tile(sheet: Pixels, colours: Pixels) -> bool:
    """Whether a map's colours appear on a sheet as squares of at least 20×20 pixels each."""
    height, width = colours.shape[:2]
    for side in range(20, min(len(sheet) // height, sheet.shape[1] // width) + 1):
        wanted = colours.repeat(side, axis=0).repeat(side, axis=1)
        x, y = cv2.minMaxLoc(cv2.matchTemplate(sheet, wanted, cv2.TM_SQDIFF))[2]  # most alike
        if np.array_equal(sheet[y : y + wanted.shape[0], x : x + wanted.shape[1]], wanted):
            return True
    return False


def test_values_and_figures_are_the_networks() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU())
    given = torch.randn(1, 3, 8, 9)
    maps = feature_maps(trace_network(network, given), "1")
    expected = network(given)[0].detach().numpy()
    np.testing.assert_array_equal(maps.values, expected)
    table = maps.to_frame()
    np.testing.assert_allclose(table["mean"], expected.mean(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(table["above_0"], (expected > 0).mean(axis=(1, 2)))
    for row in maps.figures():
        assert (
            expected[row["channel"], row["y"], row["x"]]
            == row["largest"]
            == expected[row["channel"]].max()
        )
    record = json.loads(json.dumps(maps.to_json()))
    assert record["shape"] == [5, 6, 7] and len(record["maps"]) == 5


def test_maps_without_negative_values_go_from_black_to_white() -> None:
    trace = traced([[[0.0, 2.0]], [[0.5, 1.0]], [[0.0, 0.0]]])
    own = feature_maps(trace, "input")
    assert [own.map(channel)[0, :, 0].tolist() for channel in range(3)] == [
        [0, 255], [128, 255], [0, 0]
    ]  # fmt: skip
    common = feature_maps(trace, "input", scale="common")
    assert [common.map(channel)[0, :, 0].tolist() for channel in range(3)] == [
        [0, 255], [64, 128], [0, 0]
    ]  # fmt: skip
    assert str(common.scale()) == "0 black, 2 white"


def test_negative_values_make_all_maps_diverge_from_0() -> None:
    maps = feature_maps(traced([[[-4.0, 0.0, 4.0]], [[0.0, 1.0, 2.0]]]), "input")
    blue, white, orange = maps.map(0)[0].tolist()
    assert maps.map(1)[0, [0, 2]].tolist() == [white, orange]
    assert blue[2] > blue[0] and orange[0] > orange[2] and min(white) > 240
    assert str(maps.scale(0)) == "−4 blue, 0 white, 4 orange"


def test_sheets_show_each_value_as_a_square() -> None:
    random = np.random.default_rng(0)
    trace = traced(random.normal(size=(3, 2, 3)).tolist())
    for scale in ("own", "common"):
        maps = feature_maps(trace, "input", scale=scale)
        sheet = maps.picture(width=200)
        assert sheet.shape[1] == 200
        assert all(tile(sheet, maps.map(channel)) for channel in range(3))
        assert maps._repr_png_().startswith(b"\x89PNG")
    assert not tile(sheet, maps.map(0)[::-1])  # the check can fail


def test_which_maps_are_drawn() -> None:
    trace = traced([[[1.0]], [[-3.0]], [[2.0]], [[3.0]]])
    assert feature_maps(trace, "input").channels == (0, 1, 2, 3)
    assert feature_maps(trace, "input", order="largest", most=3).channels == (1, 3, 2)
    assert feature_maps(trace, "input", [2, 0]).channels == (2, 0)
    many = trace_network(nn.Identity(), torch.zeros(1, 100, 1, 1))
    assert len(feature_maps(many, "input", most=1000).channels) == 64
    assert "64 of them drawn" in str(feature_maps(many, "input"))


def test_wrong_calls() -> None:
    trace = trace_network(nn.Flatten(), torch.zeros(1, 2, 3, 3))
    for call, words in (
        ({"layer": "flatten"}, r"expected a layer with maps \(N, C, H, W\), found flatten of 1×18"),
        ({"layer": "inptu"}, "did you mean 'input'"),
        ({"layer": "input", "channels": [2]}, "expected channels from 0 to 1, found 2"),
        ({"layer": "input", "channels": []}, "expected 1 to 64 channels, found 0"),
        ({"layer": "input", "channels": [True]}, "expected channels from 0 to 1, found True"),
        ({"layer": "input", "scale": "log"}, "expected scale as own or common, found 'log'"),
        ({"layer": "input", "order": "x"}, "expected order as channel or largest, found 'x'"),
        ({"layer": "input", "most": 0}, "expected at least 1 channel to show, found 0"),
    ):
        with pytest.raises(UsageError, match=words):
            feature_maps(trace, **call)
    broken = trace_network(nn.Identity(), torch.full((1, 1, 2, 2), torch.nan))
    with pytest.raises(UsageError, match="expected the maps of input without NaN or infinity"):
        feature_maps(broken, "input")
