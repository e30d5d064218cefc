"""Images to try a run's network on: its own validation images, else the demo's."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pellucid.data.open import open_catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.inference import Card, save_bundle
from pellucid.training.outcome.samples import sample_cases
from pellucid.training.planning.prepare import prepare
from pellucid.watch import Watcher

RECORD = Preprocessing("rgb", 8, 8, (0.5,) * 3, (0.5,) * 3)


class Notes(Watcher):
    def __init__(self) -> None:
        self.said: list[str] = []

    def message(self, sentence: str) -> None:
        self.said.append(sentence)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in ("ant", "bee"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for index in range(20):
            pixels = rng.integers(0, 256, (9, 11, 3), np.uint8)
            cv2.imwrite(str(tmp_path / "data" / name / f"{index}.png"), pixels)
    return tmp_path / "data"


@pytest.fixture
def run(tmp_path: Path, data: Path) -> Path:
    folder = tmp_path / "run"
    card = Card("compact", {"classes": 2, "channels": 3, "widths": [4]}, RECORD, ("ant", "bee"))
    save_bundle(folder / "bundle", card.architecture.build(), card)
    record = {
        "schema": 1, "status": "finished", "evaluation": None,
        "data": {"path": str(data)}, "wishes": {"seed": 0},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def test_validation_images(run: Path, data: Path) -> None:
    notes = Notes()
    cases = sample_cases(run, 100, notes)
    catalogue = open_catalogue(data)
    prepared = prepare(catalogue, RECORD, 0, Watcher())
    names = {catalogue.samples[index].name for index in prepared.splits.val}
    assert notes.said == [] and {case.name for case in cases} == names and names
    for case in cases:
        assert np.array_equal(case.pixels, cv2.imread(str(data / case.name))[..., ::-1])
    assert len(sample_cases(run, 2, notes)) == 2


def test_the_data_is_gone(run: Path, data: Path) -> None:
    data.rename(data.with_name("elsewhere"))
    notes = Notes()
    assert [case.pixels.shape for case in sample_cases(run, 3, notes)] == [(28, 28, 1)] * 3
    assert len(notes.said) == 1 and "the demo's are taken: there is no file" in notes.said[0]


def test_a_bundle_alone(run: Path) -> None:
    notes = Notes()
    assert len(sample_cases(run / "bundle", 3, notes)) == 3
    assert len(notes.said) == 1 and "without its run" in notes.said[0]
