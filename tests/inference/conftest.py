"""A small bundle with random weights, and the same with its graphs (written once a session)."""

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.inference import Card, open_bundle, save_bundle
from pellucid.inference.bundle import add_part, rebuild

CARD = Card(
    "compact",
    {"classes": 3, "channels": 3, "widths": [4, 8]},
    Preprocessing("rgb", 16, 16, (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)),
    ("ant", "bee", "cat 🐈"),
    {"accuracy": 0.5},
    {"parameters": 1, "macs": 2},
)


def make_bundle(folder: Path, card: Card = CARD) -> Path:
    """A bundle of a network whose answers depend on the image."""
    network = card.architecture.sample(0)
    liven(network, card.preprocessing)
    save_bundle(folder, network, card)
    return folder


def liven(network: nn.Module, record: Preprocessing) -> None:
    """Random weights whose scores vary: He's rule, and batch norm knows its statistics."""
    rng = np.random.default_rng(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for name, parameter in network.named_parameters():
            if parameter.ndim > 1 and "auxiliary" not in name:
                nn.init.kaiming_normal_(parameter)
        for parameter in network.head.parameters():  # type: ignore[union-attr]
            if parameter.ndim == 1:
                nn.init.normal_(parameter)
        # Of very different contrast, as pictures are.
        size = (8, record.height, record.width, record.channels)
        images = rng.integers(0, rng.integers(1, 256, (8, 1, 1, 1)), size, np.uint8, endpoint=True)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = None  # the first batch's statistics, at once
        network.train()
        with torch.no_grad():
            network(torch.from_numpy(record.tensor(images)))
    network.eval()


@pytest.fixture(scope="session", autouse=True)
def untraced() -> None:
    """Pytest would keep torch's trace of every export, which takes longer than the export."""
    logging.getLogger("torch.__trace").propagate = False


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that is not to be changed."""
    return make_bundle(tmp_path_factory.mktemp("made") / "bundle")


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "bundle"))


@pytest.fixture(scope="session")
def graphs(made: Path) -> tuple[bytes, bytes]:
    """The network's graph for a batch, and for one image."""
    from pellucid.inference.onnx.model import onnx_models

    batch, image = onnx_models(rebuild(open_bundle(made)), CARD)
    return batch, image


@pytest.fixture
def with_graph(bundle: Path, graphs: tuple[bytes, bytes]) -> Path:
    """A bundle folder with the graph that predictions without torch run."""
    add_part(open_bundle(bundle), "model.onnx", graphs[0])
    return bundle
