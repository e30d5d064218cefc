"""Drawings of real networks: what stands in them, and that it is the network."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from tests.ledger.plain_networks import PLAIN
from torch import Tensor, nn

from pellucid.capture import weightless
from pellucid.drawing import COLORS, draw
from pellucid.drawing.boxes import Box, diagram
from pellucid.drawing.scale import DARK, LIGHT, PLAIN_DARK, PLAIN_LIGHT, covering
from pellucid.drawing.svg import _PAGE as PAGE
from pellucid.errors import StorageError, UsageError
from pellucid.ledger import Ledger, ledger
from pellucid.models import Architecture

SVG = "{http://www.w3.org/2000/svg}"


def registered(name: str, side: int = 96) -> Ledger:
    arguments = {"classes": 10, "channels": 3, "height": side, "width": side}
    return ledger(Architecture(name, arguments).outline(), (1, 3, side, side))


def plain(name: str) -> Ledger:
    build, shape = PLAIN[name]
    with weightless():
        return ledger(build(), shape)


ALL = [*(("plain", name) for name in PLAIN), ("registered", "nin"), ("registered", "googlenet")]


@pytest.fixture(scope="module", params=ALL, ids=lambda each: each[1])
def account(request: pytest.FixtureRequest) -> Ledger:
    kind, name = request.param
    return plain(name) if kind == "plain" else registered(name)


@pytest.mark.parametrize("depth", [None, 1, 2])
def test_every_call_is_in_one_box_and_every_link_in_one_edge(
    account: Ledger, depth: int | None
) -> None:
    shown = diagram(account, depth)
    home = {row.node.index: number for number, box in enumerate(shown.boxes) for row in box.rows}
    assert sum(len(box.rows) for box in shown.boxes) == len(account.rows) == len(home)
    links = {
        (home[source], home[node.index])
        for node in account.graph.nodes
        for source in node.inputs
        if home[source] != home[node.index]
    }
    assert links == set(shown.edges) and len(shown.edges) == len(links)
    assert all(source < target for source, target in shown.edges)
    assert sum(box.macs for box in shown.boxes) == account.totals.macs
    own = account.totals.weights + account.totals.biases
    assert sum(box.parameters for box in shown.boxes) == own


@pytest.mark.parametrize("depth", [None, 1])
def test_the_picture_has_every_box_and_edge(account: Ledger, depth: int | None) -> None:
    root = ElementTree.fromstring(draw(account, depth=depth).svg)
    shown = diagram(account, depth)
    names = [each.get("id") for each in root.iter() if each.get("id")]
    expected = {f"box-{number}" for number in range(len(shown.boxes))}
    expected |= {f"edge-{source}-{target}" for source, target in shown.edges}
    assert set(names) - {"pellucid-arrow"} == expected and len(names) == len(expected) + 1


def test_nothing_lies_outside_the_picture(account: Ledger) -> None:
    root = ElementTree.fromstring(draw(account).svg)
    _, _, wide, high = map(float, root.attrib["viewBox"].split())
    assert 200 < wide < 4000 and 100 < high < 4000
    [inner] = [each for each in root.findall(f"{SVG}g") if each.get("transform")]
    left, top = map(float, re.findall(r"[-\d.]+", inner.attrib["transform"]))
    for rect in inner.iter(f"{SVG}rect"):
        x, y, width, height = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
        assert x + left >= 0 and x + left + width <= wide
        assert y + top >= 0 and y + top + height <= high
    for path in inner.iter(f"{SVG}path"):
        numbers = [float(each) for each in re.findall(r"-?[\d.]+", path.attrib["d"])]
        assert all(0 <= x + left <= wide for x in numbers[::2])
        assert all(0 <= y + top <= high for y in numbers[1::2])


def test_what_stands_in_the_boxes_of_alexnet() -> None:
    arguments = {"classes": 1000, "channels": 3, "height": 227, "width": 227}
    account = ledger(Architecture("alexnet", arguments).outline(), (1, 3, 227, 227))
    root = ElementTree.fromstring(draw(account, name="AlexNet").svg)
    groups = [each for each in root.iter(f"{SVG}g") if (each.get("id") or "").startswith("box-")]
    texts = [[text.text for text in group.iter(f"{SVG}text")] for group in groups]
    assert texts[:4] == [
        ["input", "3×227×227"],
        ["conv 11×11 /4", "96×55×55", "105M"],
        ["response norm", "96×55×55"],
        ["max pool 3×3 /2", "96×27×27"],
    ]
    assert ["conv 5×5, 2 groups", "256×27×27", "224M"] in texts
    assert texts[-3:] == [
        ["linear", "4,096", "37.7M"], ["linear", "4,096", "16.8M"], ["linear", "1,000", "4.1M"],
    ]  # fmt: skip
    told = groups[1].findtext(f"{SVG}title") or ""
    assert told.startswith("trunk.conv1: conv 11×11 /4 + ReLU") and "105,415,200 MACs" in told
    assert root.findtext(f"{SVG}title") == "AlexNet"


def test_branches_of_a_module_share_a_frame_and_fold() -> None:
    account = registered("googlenet")
    shown = diagram(account)
    labels = [label for label, _ in shown.frames]
    assert "inception_3a" in labels and "inception_5b" in labels
    members = dict(shown.frames)["inception_3a"]
    assert sorted(shown.boxes[box].title for box in members) == sorted(
        ["conv 1×1"] * 4 + ["conv 3×3", "conv 5×5", "max pool 3×3", "concatenate"]
    )
    folded = diagram(account, 2).boxes
    [module] = [box for box in folded if box.path == "trunk.inception_5b"]
    assert module.folded and module.title == "Inception" and len(module.rows) > 8


def test_parameters_that_are_not_read_are_said() -> None:
    account = registered("googlenet")
    told = ElementTree.fromstring(draw(account).svg).findtext(f"{SVG}desc") or ""
    used = account.totals.parameters - account.totals.unused
    assert account.totals.unused > 0
    assert f"{used:,} parameters ({account.totals.unused:,} more are not used here)" in told


def test_a_small_step_joins_only_what_nothing_else_reads() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x: Tensor) -> Tensor:
            y = self.conv(x)
            return y + torch.relu(y)

    titles = [box.title for box in diagram(ledger(Net(), (1, 3, 4, 4))).boxes]
    assert titles == ["input", "conv 1×1", "ReLU", "add"]


class _Odd(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x) * 2 + torch.tanh(x)


def test_odd_names_are_written_not_obeyed() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 1))
    odd = type("<b>&\"'\n</title><script>", (_Odd,), {})()
    network.add_module('x"><script>alert(1)</script>&\n\x1b', odd)
    svg = draw(ledger(network, (1, 3, 8, 8)), depth=1, name="</svg>\x00<script>").svg
    root = ElementTree.fromstring(svg)
    assert not list(root.iter(f"{SVG}script")) and "<script" not in svg
    assert root.findtext(f"{SVG}title") == "</svg>\\x00<script>"
    assert any("alert(1)" in (each.text or "") for each in root.iter(f"{SVG}title"))


def test_nothing_is_loaded_and_text_is_text() -> None:
    svg = draw(registered("nin")).svg
    links = re.findall(r"(?:href|src|url)\W+[^)\"' ]*", svg)
    assert set(links) == {"url(#pellucid-arrow"}
    assert "conv 5×5" in svg and "prefers-color-scheme:dark" in svg
    rules = re.findall(r"([^{}]+)\{(?:fill|stroke)", svg)
    assert all(".pellucid-network ." in rule for rule in rules)  # a page around it is left alone


@pytest.mark.parametrize("color", COLORS)
def test_darker_is_more(color: str) -> None:
    account = registered("alexnet", 227)
    root = ElementTree.fromstring(draw(account, color=color).svg)
    fills = [fill for fill, _ in LIGHT]
    shown = diagram(account).boxes
    count = {"macs": Box.macs, "parameters": Box.parameters, "receptive": Box.receptive}[color]
    steps = []
    for number, box in enumerate(shown):
        [group] = [each for each in root.iter(f"{SVG}g") if each.get("id") == f"box-{number}"]
        fill = group.find(f"{SVG}rect").attrib["fill"]  # type: ignore[union-attr]
        many = count.fget(box)  # type: ignore[attr-defined]
        assert (fill == PLAIN_LIGHT[0]) == (not many)
        steps.append((many, fills.index(fill) if many else -1))
    steps.sort()
    assert [step for _, step in steps] == sorted(step for _, step in steps)
    assert steps[-1][1] == len(LIGHT) - 1 and len({step for _, step in steps}) > 2


def luminance(color: str) -> float:
    """WCAG 2.1, relative luminance."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_writing_is_readable_and_steps_rise_in_lightness() -> None:
    for fill, ink in (*LIGHT, *DARK, PLAIN_LIGHT, PLAIN_DARK):
        assert contrast(fill, ink) >= 4.5
    for place in (0, 1):
        for ink in ("ink", "soft"):
            assert contrast(PAGE["page"][place], PAGE[ink][place]) >= 4.5
            assert contrast(PAGE["frame"][place], PAGE[ink][place]) >= 4.5
        assert contrast(PAGE["page"][place], PAGE["line"][place]) >= 3
    light, dark = ([luminance(fill) for fill, _ in scale] for scale in (LIGHT, DARK))
    assert light == sorted(light, reverse=True) and dark == sorted(dark)


def test_bounds_of_the_scale_are_round_and_hold_the_largest() -> None:
    for most in (1, 2, 9, 10, 54, 999, 10**6, 346_816_512):
        scale = covering([0, 1, most])
        assert all(str(bound).strip("0") in ("1", "3") for bound in scale.bounds)
        assert len(scale.bounds) <= len(LIGHT) - 1 and scale.step(most) == len(LIGHT) - 1


def test_saving(tmp_path: Path) -> None:
    drawing = draw(plain("dense"))
    target = tmp_path / "network.svg"
    drawing.save(target)
    assert target.read_text("utf-8") == drawing.svg == drawing._repr_svg_()
    with pytest.raises(StorageError, match="exists"):
        drawing.save(target)
    with pytest.raises(UsageError, match=r"\.svg"):
        drawing.save(tmp_path / "network.png")


def test_wrong_calls() -> None:
    account = plain("dense")
    with pytest.raises(UsageError, match="did you mean 'macs'"):
        draw(account, color="mac")
    with pytest.raises(UsageError, match="depth of at least 1"):
        draw(account, depth=0)
