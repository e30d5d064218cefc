"""Pictures in the boxes of a drawing."""

import xml.etree.ElementTree as ET

from torch import nn

from pellucid.drawing import draw
from pellucid.ledger import ledger

SVG = "{http://www.w3.org/2000/svg}"


def test_a_box_with_a_picture_has_room_for_it() -> None:
    account = ledger(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten()), (1, 3, 8, 8))
    # The second node is the convolution; its box ends in the ReLU, the third.
    drawn = ET.fromstring(draw(account, pictures={2: "/view/a.png?x=1&y=2"}).svg)
    boxes = {each.get("id"): each for each in drawn.iter(f"{SVG}g") if each.get("id")}
    [image] = drawn.iter(f"{SVG}image")
    assert image.get("href") == "/view/a.png?x=1&y=2"
    assert image in list(boxes["box-1"])
    rect = boxes["box-1"].find(f"{SVG}rect")
    assert rect is not None
    box = [float(rect.get(name, "nan")) for name in ("x", "y", "width", "height")]
    inner = [float(image.get(name, "nan")) for name in ("x", "y", "width", "height")]
    assert box[0] <= inner[0] and inner[0] + inner[2] <= box[0] + box[2]
    assert box[1] <= inner[1]
    first = boxes["box-1"].find(f".//{SVG}text")
    assert first is not None
    assert inner[1] + inner[3] < float(first.get("y", "nan")) < box[1] + box[3]


def test_pictures_of_other_nodes_are_not_drawn() -> None:
    account = ledger(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), (1, 3, 8, 8))
    assert "<image" not in draw(account, pictures={1: "a.png"}).svg
