"""A small bundle with random weights."""

from pathlib import Path

import pytest
import torch
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.inference import Card, save_bundle

CARD = Card(
    "compact",
    {"classes": 3, "channels": 3, "widths": [4, 8]},
    Preprocessing("rgb", 16, 16, (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)),
    ("ant", "bee", "cat 🐈"),
    {"accuracy": 0.5},
    {"parameters": 1, "macs": 2},
)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = CARD.architecture.build()
    nn.init.normal_(network.head.maps.weight)  # type: ignore[union-attr, arg-type]
    save_bundle(tmp_path / "bundle", network, CARD)
    return tmp_path / "bundle"
