"""What a run keeps of its mistakes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.whole.conftest import write
from torch import nn

from pellucid.data.open import open_catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.evaluation.judge import judge
from pellucid.evaluation.result import Evaluation
from pellucid.inference.bundle import Card
from pellucid.inference.predictor import Predictor
from pellucid.inference.torch_runtime import TorchRuntime
from pellucid.models import Architecture
from pellucid.training.outcome.mistakes import save_mistakes
from pellucid.training.planning.prepare import prepare
from pellucid.training.run import Run
from pellucid.watch import Watcher

GRAY = Preprocessing("gray", 28, 28, (0.5,), (0.5,))


def kept(folder: Path, network: nn.Module, macs: int = 1) -> tuple[Evaluation, dict[str, Any]]:
    """The mistakes of an untrained network, and the record of their maps."""
    prepared = prepare(open_catalogue(write(folder / "data")), GRAY, 0, Watcher())
    arguments = {"classes": 3, "channels": 1, "widths": [4]}
    card = Card("compact", arguments, GRAY, tuple(prepared.catalogue.classes))
    predictor = Predictor(TorchRuntime(network.eval(), GRAY), card)
    names = [sample.name for sample in prepared.catalogue.samples]
    test = prepared.splits.test
    evaluation = judge(predictor, prepared.pixels, prepared.labels, names, test, split="test")
    run = Run(folder / "run", {"model": {"macs": macs}})
    save_mistakes(run, evaluation, prepared, predictor)
    return evaluation, json.loads((run.folder / "mistakes" / "maps.json").read_text())


def wide_awake(model: str) -> nn.Module:
    """An untrained network whose classes do not all score the same."""
    torch.manual_seed(0)
    arguments: dict[str, Any] = {"classes": 3, "channels": 1}
    arguments |= {"widths": [4, 8]} if model == "compact" else {"height": 28, "width": 28}
    network = Architecture(model, arguments).build()
    for parameter in network.head.parameters():  # type: ignore[union-attr]
        nn.init.normal_(parameter, std=0.3 if model == "compact" else 0.02)
    return network


@pytest.mark.parametrize(("model", "method"), [("compact", "cam"), ("alexnet_small", "grad-cam")])
def test_the_surest_mistakes_have_maps_of_the_answer_against_the_truth(
    tmp_path: Path, model: str, method: str
) -> None:
    evaluation, record = kept(tmp_path, wide_awake(model))
    assert record["problem"] is None and evaluation.mistakes
    assert len(record["maps"]) == min(12, len(evaluation.mistakes))
    for found, mistake in zip(record["maps"], evaluation.mistakes, strict=False):
        folder = tmp_path / "run" / "mistakes"
        with Image.open(folder / f"{found['rank']}-map.png") as picture:
            assert max(picture.size) <= 128
        assert (folder / f"{found['rank']}.png").is_file()
        # Probabilities are the softmax of scores: their ratio gives the scores' difference back.
        apart = np.log(mistake.probability / mistake.probability_of_truth)
        assert found["score"] == pytest.approx(apart, abs=1e-4)
        assert found["method"] == method
        if method == "cam":
            assert sum(part for _, part in found["sums"]) == pytest.approx(apart, abs=1e-4)


def test_heavy_networks_get_fewer_maps(tmp_path: Path) -> None:
    _, record = kept(tmp_path, wide_awake("compact"), macs=4_000_000_000)
    assert [found["rank"] for found in record["maps"]] == [0, 1]


def test_a_network_that_cannot_be_explained_is_no_obstacle(tmp_path: Path) -> None:
    torch.manual_seed(0)
    flat = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    evaluation, record = kept(tmp_path, flat)
    assert record["maps"] == [] and "no layer with maps" in record["problem"]
    pictures = list((tmp_path / "run" / "mistakes").glob("*.png"))
    assert len(pictures) == len(evaluation.mistakes) > 0
