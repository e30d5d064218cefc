"""A run folder as training writes it, of any number of classes."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pellucid.evaluation.metrics import Evaluation, evaluate_probabilities

MakeRun = Callable[..., Path]


def invented_evaluation(classes: Sequence[str], count: int = 600) -> Evaluation:
    """Softmax rows that are right four times in five or so."""
    generator = np.random.default_rng(7)
    labels = generator.integers(0, len(classes), count)
    scores = generator.normal(size=(count, len(classes)))
    scores[np.arange(count), labels] += 3.2
    powers = np.exp(1.3 * scores)
    return evaluate_probabilities(
        powers / powers.sum(axis=1, keepdims=True),
        labels,
        classes,
        split="test",
        names=[f"{classes[label]}/{i:04}.png" for i, label in enumerate(labels)],
    )


def invented_history(epochs: int) -> list[dict[str, Any]]:
    """Curves that fall and rise as curves do."""
    generator = np.random.default_rng(3)
    noise = generator.normal(0, 0.008, (epochs, 2))
    return [
        {
            "epoch": epoch,
            "seconds": 4.1,
            "loss": round(0.55 + 1.3 * float(np.exp(-epoch / 3)), 4),
            "accuracy": round(0.93 - 0.5 * float(np.exp(-epoch / 2.5)), 4),
            "val_loss": round(0.62 + 1.1 * float(np.exp(-epoch / 2.6)) + noise[epoch - 1, 0], 4),
            "val_accuracy": round(0.915 - 0.4 * float(np.exp(-epoch / 2)) + noise[epoch - 1, 1], 4),
            "learning_rate": round(0.004 * min(epoch / 3, (epochs + 1 - epoch) / epochs), 6),
            "images_per_second": 5210.0 + 13 * epoch,
        }
        for epoch in range(1, epochs + 1)
    ]


def run_record(
    evaluation: Evaluation | None, classes: Sequence[str], epochs: int
) -> dict[str, Any]:
    """The content of a ``run.json``."""
    return {
        "schema": 1,
        "status": "finished",
        "created": "2031-08-02T14:05:09+00:00",
        "command": "pellucid train data/fashion -o runs/fashion --minutes 1 --seed 3",
        "recipe": {
            "architecture": {"name": "compact", "arguments": {"width": 32}},
            "preprocessing": {"color": "gray", "height": 28, "width": 28},
            "augmentation": {"flip": True, "shift": 2, "rotate": 0.0},
            **{"epochs": epochs, "batch_size": 128, "optimiser": "muon", "learning_rate": 0.02},
            **{"label_smoothing": 0.1, "class_weights": None, "seed": 3},
        },
        "plan": {
            "sentences": [
                f"{len(classes)} classes, 5,400 images to train on, 600 to watch, 1,000 to test.",
                "Images stay 28×28 gray; each is flipped left to right every other epoch.",
                f"{epochs} epochs of 4.1 s each, measured at 5,210 images a second: done in 58 s.",
            ]
        },
        "data": {
            "path": "data/fashion",
            "kind": "idx",
            "fingerprint": "b2:5f0c3a9d1e7742b8a0c4",
            "classes": list(classes),
            "counts": {"train": 5400, "val": 600, "test": 1000},
            "audit": {
                "verdicts": [
                    {"severity": "warning", "sentence": "3 pictures occur in two splits."},
                    {"severity": "note", "sentence": "All images are 28×28, gray."},
                ]
            },
        },
        "model": {
            "name": "compact",
            "arguments": {"classes": len(classes), "channels": 1, "width": 32},
            "parameters": 287_946,
            "macs": 4_812_160,
        },
        "preprocessing": {
            **{"color": "gray", "height": 28, "width": 28, "mean": [0.286], "std": [0.353]},
            **{"resize": "stretch", "filter": "area", "exif": "apply", "scale": 1 / 255},
            "layout": "NCHW",
        },
        "machine": {
            **{"cpu": "Example CPU @ 2.40GHz", "cores": 2, "threads": 2, "memory_gib": 7.8},
            **{"system": "Linux 6.1", "load": [0.31, 0.2, 0.15]},
        },
        "versions": {
            **{"pellucid": "0.1.0", "torch": "2.13.0", "numpy": "2.4.6", "opencv": "5.0.0"},
            "python": "3.11.2",
        },
        "history": invented_history(epochs),
        "seconds": {"prepare": 1.2, "train": 48.3, "evaluate": 0.4, "total": 52.9},
        "evaluation": None if evaluation is None else evaluation.to_json(),
    }


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make a run folder: ``make_run(classes, **changes)``; changes replace top-level fields."""

    def make(classes: Sequence[str], *, epochs: int = 12, **changes: Any) -> Path:
        folder = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        (folder / "mistakes").mkdir(parents=True)
        evaluation = invented_evaluation(classes)
        for rank in range(len(evaluation.mistakes)):
            pixels = np.random.default_rng(rank).integers(0, 255, (8, 8), np.uint8)
            Image.fromarray(pixels).save(folder / "mistakes" / f"{rank}.png")
        record = run_record(evaluation, classes, epochs) | changes
        (folder / "run.json").write_text(json.dumps(record))
        return folder

    return make
