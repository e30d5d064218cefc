"""Make a plan for a run's network, on the images of its own data."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.open import open_catalogue
from pellucid.errors import StorageError, UsageError
from pellucid.images.raw import Pixels
from pellucid.inference.bundle import WEIGHTS, Bundle, open_bundle, rebuild
from pellucid.inference.card import Card
from pellucid.inference.onnx.network import network_model
from pellucid.inference.onnx_runtime import SCORES
from pellucid.inference.plan.graph import from_onnx
from pellucid.inference.plan.judge import Material
from pellucid.inference.plan.machine import Machine
from pellucid.inference.plan.record import Plan, save_plan
from pellucid.inference.plan.search import Search, machine_load
from pellucid.inference.plan.setup import installed
from pellucid.inference.plan.step import Step
from pellucid.inference.torch_runtime import TorchRuntime
from pellucid.storage import atomic
from pellucid.training.outcome.verdict import renumbered
from pellucid.training.planning.prepare import prepare_again
from pellucid.training.run import RECORD, open_run
from pellucid.watch import Watcher

#: Images that answers are compared on, that accuracy is measured on, that int8 is scaled by.
MOST_COMPARED, MOST_JUDGED, MOST_CALIBRATION = 64, 2000, 128


@dataclass(frozen=True)
class _Images:
    """Fitted images (N, H, W, C) uint8 for a search, and where they are from."""

    compared: Pixels
    judged: tuple[Pixels, NDArray[np.intp]] | None
    calibration: Pixels | None
    source: str


def optimise_run(
    path: Path, data: str | Path | None, batch: int, seconds: float, watch: Watcher
) -> Plan:
    """Find the fastest faithful way to run a network here; see :func:`pellucid.optimize`."""
    if batch < 1:
        raise UsageError(f"expected a batch of at least 1 image, found {batch}.")
    for package in ("onnx", "onnxscript", "onnxruntime"):
        if find_spec(package) is None:
            raise UsageError(f"to optimize, {package} is needed: pip install 'pellucid[onnx]'.")
    bundle = open_bundle(path)
    folder = _writable(bundle)
    network = rebuild(bundle)
    images = _images(path, data, bundle.card, watch)
    watch.stage("writing the graph", None)
    content = network_model(network, bundle.card.preprocessing).SerializeToString()
    material = Material(
        graph=from_onnx(content, [SCORES]),
        reference=TorchRuntime(network, bundle.card.preprocessing),
        images=images.compared,
        judged=images.judged,
        calibration=images.calibration,
        batch=batch,
        seconds=seconds,
    )
    watch.stage("trying", None)

    def tell(step: Step) -> None:
        watch.advance(1)
        watch.message(f"{step.engine}, {step.name}: {step.verdict} ({step.reason})")

    found = Search(material, tell).run(installed())
    rates = found.rates
    plan = Plan(
        machine=Machine.here(),
        weights=bundle.parts[WEIGHTS].sha256,
        setup=found.best.setup,
        precision=found.best.precision,
        graph=None,
        gain=found.gain,
        batch=max(rates, key=lambda size: rates[size]),
        rates=rates,
        steps=found.steps,
        load=machine_load(),
        images=images.source,
    )
    return save_plan(folder, plan, found.best.content)


def _writable(bundle: Bundle) -> Path:
    """The bundle's folder, if a plan can be kept in it.

    Raises:
        UsageError: it is a .zip.
        StorageError: nothing can be written there.
    """
    if not bundle.path.is_dir():
        raise UsageError(
            f"{bundle.path} is one file, and a plan belongs to one machine: unpack it into a "
            "folder and optimize that."
        )
    probe = bundle.path / ".plan"
    try:
        with atomic(probe) as temporary:  # said at once, not after minutes of timing
            temporary.touch()
        probe.unlink()
    except OSError as error:
        raise StorageError(f"cannot write into {bundle.path}: {error.strerror}.") from error
    return bundle.path


def _images(path: Path, data: str | Path | None, card: Card, watch: Watcher) -> _Images:
    """Validation and training images of the data, or random ones where there is none."""
    record: dict[str, Any] | None = open_run(path).record if (path / RECORD).is_file() else None
    if data is None and record is not None and Path(record["data"]["path"]).exists():
        data = record["data"]["path"]
    if data is None:
        watch.message(
            f"{path} does not say where its images are: answers are compared on random ones, and "
            "int8 is left out. Give --data for both."
        )
        return _random(card)
    catalogue = renumbered(open_catalogue(data), card.classes)
    prepared = prepare_again(catalogue, record, card.preprocessing, watch)
    with prepared.pixels as pixels:
        val = _some(prepared.splits.val, MOST_JUDGED)
        if not len(val):
            watch.message(f"{data} has no validation images: int8 is left out.")
            return _random(card)
        judged = pixels.gather(val)
        calibration = pixels.gather(_some(prepared.splits.train, MOST_CALIBRATION))
    return _Images(
        judged[:: max(1, len(judged) // MOST_COMPARED)][:MOST_COMPARED],
        (judged, prepared.labels[val]),
        calibration,
        f"{len(val):,} validation images of {data}",
    )


def _some(indices: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """At most so many, evenly spread."""
    if len(indices) <= most:
        return indices
    return indices[np.linspace(0, len(indices) - 1, most).astype(np.intp)]


def _random(card: Card) -> _Images:
    record = card.preprocessing
    shape = (16, record.height, record.width, record.channels)
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return _Images(noise, None, None, "16 random images")
