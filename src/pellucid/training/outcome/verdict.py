"""What a finished training is worth: its network on images that it has not learnt from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from pellucid.data.catalogue import Catalogue, Split
from pellucid.data.open import open_catalogue, place_of
from pellucid.errors import DataError
from pellucid.evaluation.judge import judge
from pellucid.evaluation.result import Evaluation
from pellucid.inference.card import Card
from pellucid.inference.predictor import Predictor, load_predictor
from pellucid.inference.torch_runtime import TorchRuntime
from pellucid.training.choices.recipe import Recipe
from pellucid.training.outcome.calibration import fit_temperature
from pellucid.training.planning.prepare import Prepared, prepare_again
from pellucid.training.run import RECORD, Run, open_run
from pellucid.watch import Watcher


def trained(network: nn.Module, recipe: Recipe, prepared: Prepared) -> Predictor:
    """A network as it comes out of a training, behind the predictor that users call.

    Args:
        network: in evaluation mode; what is changed in it later changes the answers.
        recipe: by which it was trained.
        prepared: on which images.
    """
    card = Card(
        recipe.architecture.name,
        recipe.architecture.arguments,
        recipe.preprocessing,
        tuple(prepared.catalogue.classes),
    )
    return Predictor(TorchRuntime(network, recipe.preprocessing), card)


def temperature(predictor: Predictor, prepared: Prepared) -> float:
    """What the scores are to be divided by, so that the probabilities can be trusted."""
    val = prepared.splits.val
    chances = predictor.probabilities(prepared.pixels.gather(val))
    return fit_temperature(np.log(np.maximum(chances, 1e-30)), prepared.labels[val])


def held_back(predictor: Predictor, prepared: Prepared, watch: Watcher) -> Evaluation | None:
    """Figures on the test images, or on the validation images where there are no others."""
    splits = prepared.splits
    split, indices = ("test", splits.test) if len(splits.test) else ("val", splits.val)
    if not len(indices):
        return None
    watch.stage("testing", len(indices))
    return _judge(predictor, prepared, indices, split, watch)


def evaluate_run(path: Path, data: str | Path, split: Split | None, watch: Watcher) -> Evaluation:
    """Judge a run's network on labelled images; see :func:`pellucid.evaluate`."""
    predictor = load_predictor(path)
    run = open_run(path) if (path / RECORD).is_file() else None
    catalogue = renumbered(_open(data, run), predictor.classes)
    record = None if run is None else run.record
    prepared = prepare_again(catalogue, record, predictor.card.preprocessing, watch)
    own = record is not None and record["data"]["fingerprint"] == prepared.fingerprint
    part, indices = _choose(prepared, split, own=own)
    watch.stage("testing", len(indices))
    return _judge(predictor, prepared, indices, part, watch)


def _judge(
    predictor: Predictor, prepared: Prepared, indices: NDArray[np.intp], split: str, watch: Watcher
) -> Evaluation:
    return judge(
        predictor,
        prepared.pixels,
        prepared.labels,
        [sample.name for sample in prepared.catalogue.samples],
        indices,
        split=split,
        advance=watch.advance,
    )


def renumbered(catalogue: Catalogue, classes: tuple[str, ...]) -> Catalogue:
    """The catalogue with labels that index the network's classes.

    Raises:
        DataError: it has classes that the network does not know.
    """
    known = {name: label for label, name in enumerate(classes)}
    unknown = [name for name in catalogue.classes if name not in known]
    if unknown:
        raise DataError(
            f"{catalogue.root} has {len(unknown)} classes that the network does not know, first "
            f"'{unknown[0]}'; it knows {', '.join(classes[:10])}{' …' if classes[10:] else ''}."
        )
    to = [known[name] for name in catalogue.classes]
    samples = [replace(sample, label=to[sample.label]) for sample in catalogue.samples]
    return replace(catalogue, classes=classes, samples=samples)


def _open(data: str | Path, run: Run | None) -> Catalogue:
    """A data set; the run's own as its training read it, for the same images to be held back."""
    if run is not None and run.streamed and place_of(data) == run.record["data"]["path"]:
        return run.open_data()
    return open_catalogue(data)


def _choose(prepared: Prepared, split: Split | None, *, own: bool) -> tuple[str, NDArray[np.intp]]:
    """Which images to judge on, and what they are called."""
    parts = {name: getattr(prepared.splits, name) for name in ("train", "val", "test")}
    divided = own or any(sample.split for sample in prepared.catalogue.samples)
    if split is None:
        if divided and len(parts["test"]):
            return "test", parts["test"]
        if own and len(parts["val"]):
            return "val", parts["val"]
        return "all", np.flatnonzero(prepared.scan.good)
    if not divided or not len(parts[split]):
        raise DataError(
            f"{prepared.catalogue.root} has no {split} part, and it is not what this network was "
            "trained on: leave --split out to judge on all its images."
        )
    return split, parts[split]
