"""The search for a plan: one step at a time, each timed, compared, and kept or rejected."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import BundleError
from pellucid.inference.plan.graph import Graph, to_onnx
from pellucid.inference.plan.quantise import quantise
from pellucid.inference.plan.rewrites import REWRITES
from pellucid.inference.plan.setup import Engine, Setup
from pellucid.inference.plan.step import Accuracy, Step
from pellucid.inference.plan.timing import Timing, alternate
from pellucid.inference.runtime import Runtime, softmax
from pellucid.threads import cores

if TYPE_CHECKING:
    from pellucid.images.raw import Pixels

#: The largest difference in probability from the reference that float32 may show.
TOLERANCE = 1e-4
#: Percentage points of accuracy that int8 may cost.
MOST_FALL = 0.5
BATCHES = (1, 4, 16, 32)
_AT_ONCE = 32


@dataclass(frozen=True)
class Material:
    """What a search works on.

    Attributes:
        graph: the network as exported.
        reference: the network as trained.
        images: (N, H, W, C) uint8 that answers are compared on.
        judged: images and their (N,) labels to measure accuracy on; None where there are none.
        calibration: images that int8 is scaled by; None leaves int8 out.
        batch: images at once at which everything is timed.
        seconds: for each timing, about.
    """

    graph: Graph
    reference: Runtime
    images: "Pixels"
    judged: "tuple[Pixels, NDArray[np.intp]] | None"
    calibration: "Pixels | None"
    batch: int
    seconds: float


@dataclass(frozen=True)
class Contestant:
    """A way of computing the scores.

    Attributes:
        setup: runtime and settings; None is the reference.
        graph: that it runs; None after quantisation, and of the reference.
        content: of the ONNX file.
        runtime: loaded.
        precision: of its products.
    """

    setup: Setup | None
    graph: Graph | None
    content: bytes | None
    runtime: Runtime
    precision: str = "float32"


@dataclass(frozen=True)
class Found:
    """What a search ends with.

    Attributes:
        best: the fastest way that is faithful.
        gain: against the reference.
        rates: images a second of the best, by batch size.
        steps: all that was tried.
    """

    best: Contestant
    gain: float
    rates: dict[int, float]
    steps: tuple[Step, ...]


class Search:
    """Tries everything in order and keeps the account.

    Args:
        material: what to work on.
        tell: called with each step when it is done.
    """

    def __init__(self, material: Material, tell: Callable[[Step], None] = lambda _: None) -> None:
        self._material, self._tell = material, tell
        self._steps: list[Step] = []
        self._expected = _answers(material.reference, material.images)
        self._timed = np.resize(
            material.images, (material.batch, *material.images.shape[1:])
        )  # (batch, H, W, C): the images again and again
        self._right: NDArray[np.bool_] | None = None

    def run(self, engines: list[Engine]) -> Found:
        """Search over some runtimes: the best of each, and of those the best."""
        best = Contestant(None, None, None, self._material.reference)
        for engine in engines:
            champion = self._champion(engine)
            if champion is not None:
                best = self._duel(best, champion)
        timing = self._time(self._material.reference, best.runtime)
        gain = 1.0 if best.setup is None else timing.gain
        rates = {size: self._rate(best.runtime, size) for size in BATCHES}
        return Found(best, gain, rates, tuple(self._steps))

    def _champion(self, engine: Engine) -> Contestant | None:
        """The fastest faithful way of one runtime; None where it cannot run the network."""
        champion = self._first(engine)
        if champion is None:
            return None
        for name, rewrite in REWRITES.items():
            champion = self._rewritten(champion, name, rewrite)
        for name, setup in _settings(engine):
            # what was kept before stays, the one setting changes
            champion = self._try(champion, name, setup(_setup(champion)), champion.graph)
        return self._quantised(champion)

    def _first(self, engine: Engine) -> Contestant | None:
        graph, content = self._material.graph, to_onnx(self._material.graph)
        setup = Setup(engine)
        try:
            runtime = setup.start(content)
        except BundleError as error:
            self._note(Step(engine, "as exported", "rejected", str(error)))
            return None
        difference = self._difference(runtime)
        timing = self._time(self._material.reference, runtime)
        faithful = difference <= TOLERANCE
        reason = "to start from" if faithful else _unfaithful(difference)
        verdict = "kept" if faithful else "rejected"
        self._note(Step(engine, "as exported", verdict, reason, timing, difference))
        return Contestant(setup, graph, content, runtime) if faithful else None

    def _rewritten(
        self, champion: Contestant, name: str, rewrite: Callable[[Graph], Graph]
    ) -> Contestant:
        assert champion.graph is not None
        graph = rewrite(champion.graph)
        if graph is champion.graph:
            reason = "the graph has no place for it"
            self._note(Step(_setup(champion).engine, name, "nothing to do", reason))
            return champion
        return self._try(champion, name, _setup(champion), graph)

    def _try(
        self, champion: Contestant, name: str, setup: Setup, graph: Graph | None
    ) -> Contestant:
        """A float contestant against the champion; the better of the two."""
        assert graph is not None
        if setup == champion.setup and graph is champion.graph:
            return champion
        content = to_onnx(graph)
        try:
            runtime = setup.start(content)
        except BundleError as error:
            self._note(Step(setup.engine, name, "rejected", str(error)))
            return champion
        difference = self._difference(runtime)
        timing = self._time(champion.runtime, runtime)
        if difference > TOLERANCE:
            kept, reason = False, _unfaithful(difference)
        else:
            kept, reason = timing.faster, _speed(timing)
        verdict = "kept" if kept else "rejected"
        self._note(Step(setup.engine, name, verdict, reason, timing, difference))
        precision = {"f32": "float32", "bf16": "bfloat16"}[setup.precision]
        return Contestant(setup, graph, content, runtime, precision) if kept else champion

    def _quantised(self, champion: Contestant) -> Contestant:
        """int8 against the float champion."""
        setup, material = _setup(champion), self._material
        if setup.engine == "torch":
            return champion
        if material.calibration is None or material.judged is None:
            reason = "there are no labelled images to calibrate and to judge on: give --data"
            self._note(Step(setup.engine, "int8", "rejected", reason))
            return champion
        assert champion.graph is not None
        content = quantise(champion.graph, material.calibration)
        try:
            runtime = setup.start(content)
        except BundleError as error:
            self._note(Step(setup.engine, "int8", "rejected", str(error)))
            return champion
        timing, accuracy = self._time(champion.runtime, runtime), self._accuracy(runtime)
        kept = timing.faster and accuracy.fall <= MOST_FALL
        reason = _speed(timing) if accuracy.fall <= MOST_FALL else _inaccurate(accuracy)
        verdict = "kept" if kept else "rejected"
        difference = self._difference(runtime)
        self._note(Step(setup.engine, "int8", verdict, reason, timing, difference, accuracy))
        return Contestant(setup, None, content, runtime, "int8") if kept else champion

    def _duel(self, best: Contestant, other: Contestant) -> Contestant:
        """The faster of two; the first where there is no telling."""
        timing = self._time(best.runtime, other.runtime)
        opponent = "the reference" if best.setup is None else best.setup.engine
        verdict = "kept" if timing.faster else "rejected"
        name = f"its best against {opponent}"
        difference = self._difference(other.runtime)
        step = Step(_setup(other).engine, name, verdict, _speed(timing), timing, difference)
        self._note(step)
        return other if timing.faster else best

    def _note(self, step: Step) -> None:
        self._steps.append(step)
        self._tell(step)

    def _time(self, first: Runtime, second: Runtime) -> Timing:
        images = self._timed
        return alternate(
            lambda: first.scores(images),
            lambda: second.scores(images),
            seconds=self._material.seconds,
        )

    def _rate(self, runtime: Runtime, size: int) -> float:
        """Images a second with batches of a size."""
        images = np.resize(self._timed, (size, *self._timed.shape[1:]))

        def work() -> object:
            return runtime.scores(images)

        return size / alternate(work, work, seconds=self._material.seconds / 2).before

    def _difference(self, runtime: Runtime) -> float:
        found = _answers(runtime, self._material.images)
        return float(np.abs(found - self._expected).max())

    def _accuracy(self, runtime: Runtime) -> Accuracy:
        assert self._material.judged is not None
        images, labels = self._material.judged
        if self._right is None:
            self._right = _answers(self._material.reference, images).argmax(1) == labels
        now = _answers(runtime, images).argmax(1) == labels
        lost, won = int((self._right & ~now).sum()), int((now & ~self._right).sum())
        return Accuracy(len(labels), float(self._right.mean()), float(now.mean()), lost, won)


def machine_load() -> float | None:
    """Processes that want a core, a mean over the last minute; None where that is not known."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _setup(contestant: Contestant) -> Setup:
    assert contestant.setup is not None
    return contestant.setup


def _answers(runtime: Runtime, images: "Pixels") -> NDArray[np.float32]:
    """Probabilities (N, K)."""
    parts = range(0, len(images), _AT_ONCE)
    return np.concatenate([softmax(runtime.scores(images[i : i + _AT_ONCE])) for i in parts])


def _settings(engine: Engine) -> list[tuple[str, Callable[[Setup], Setup]]]:
    """Each setting that is tried alone, in order: name, and how it changes a setup."""
    if engine == "torch":
        return []  # its threads are one number for the whole process, the caller's
    found: list[tuple[str, Callable[[Setup], Setup]]] = [
        (f"threads: {count}", lambda setup, count=count: replace(setup, threads=count))  # type: ignore[misc]
        for count in _thread_counts(cores())
    ]
    if engine == "onnxruntime":
        found += [
            ("its rewriting: extended", lambda setup: replace(setup, level="extended")),
            ("its rewriting: basic", lambda setup: replace(setup, level="basic")),
            ("no arena", lambda setup: replace(setup, arena=False)),
        ]
    if engine == "openvino":
        found += [
            ("hint: throughput", lambda setup: replace(setup, hint="throughput")),
            ("bfloat16", lambda setup: replace(setup, precision="bf16")),
        ]
    return found


def _thread_counts(most: int) -> list[int]:
    """All up to 4, then powers of two, and the number of cores.

    >>> _thread_counts(2), _thread_counts(12)
    ([1, 2], [1, 2, 3, 4, 8, 12])
    """
    few = [count for count in (1, 2, 3, 4) if count <= most]
    powers = [2**power for power in range(3, 12) if 2**power < most]
    return sorted({*few, *powers, most})


def _speed(timing: Timing) -> str:
    if timing.faster:
        return f"{timing.gain:.2f} times as fast"
    if timing.high < 1:
        return "slower"
    return "within the spread"


def _unfaithful(difference: float) -> str:
    return f"answers differ by {difference:.1e}, {TOLERANCE:.0e} at most"


def _inaccurate(accuracy: Accuracy) -> str:
    return (
        f"accuracy falls by {accuracy.fall:.2f} points on {accuracy.images:,} images, "
        f"{MOST_FALL} at most"
    )
