"""The strongest places of a map, against a plain search."""

import numpy as np
import pytest
import torch
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.explain import trace_picture
from pellucid.explain.maps import ClassMap, explain_class
from pellucid.explain.maps.strongest import strongest
from pellucid.images.read import Picture
from pellucid.layers import GlobalAverage


def class_map(height: int, width: int, resize: str) -> ClassMap:
    torch.manual_seed(3)
    network = nn.Sequential(nn.Conv2d(3, 5, 3, stride=2), GlobalAverage(5, 4))
    nn.init.normal_(network[1].maps.weight)  # type: ignore[union-attr, arg-type]
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    record = Preprocessing("rgb", 11, 11, (0.5,) * 3, (0.5,) * 3, resize)
    return explain_class(trace_picture(network, Picture(pixels, "a", "RGB", bytes(16)), record))


@pytest.mark.parametrize(("height", "width", "resize"), [(40, 60, "crop"), (7, 31, "stretch")])
def test_places_and_what_they_add(height: int, width: int, resize: str) -> None:
    found = class_map(height, width, resize)
    spots = strongest(found, 1000)
    cells = {(y, x): found.values[y, x] for y in range(5) for x in range(5)}
    assert [(spot.y, spot.x) for spot in spots] == sorted(cells, key=lambda at: -abs(cells[at]))
    added = sum(spot.adds for spot in spots if spot.adds is not None)
    # What all places add, and the bias, is the score that torch has.
    assert added + dict(found.sums).get("bias", 0) == pytest.approx(found.score, rel=1e-5)


def test_places_tile_what_the_network_sees() -> None:
    found = class_map(40, 60, "crop")
    covered = np.zeros((40, 60), int)
    for spot in strongest(found, 1000):
        covered[spot.box.top : spot.box.bottom, spot.box.left : spot.box.right] += 1
    assert (covered[:, 10:50] == 1).all() and covered.sum() == 1600


def test_places_of_value_0_are_left_out() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    nn.init.zeros_(network[1].weight)  # type: ignore[arg-type]
    record = Preprocessing("rgb", 4, 4, (0.5,) * 3, (0.5,) * 3)
    picture = Picture(np.full((4, 4, 3), 9, np.uint8), "a", "RGB", bytes(16))
    trace = trace_picture(network, picture, record)
    assert strongest(explain_class(trace, method="gradient")) == ()
