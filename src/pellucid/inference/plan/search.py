"""The search for a plan: one step at a time, each timed, compared, and kept or rejected."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from pellucid.errors import BundleError
from pellucid.inference.plan.graph import Graph, to_onnx
from pellucid.inference.plan.judge import Judge, Material
from pellucid.inference.plan.quantise import quantise
from pellucid.inference.plan.rewrites import REWRITES
from pellucid.inference.plan.settings import settings_of
from pellucid.inference.plan.setup import Engine, Setup
from pellucid.inference.plan.step import Accuracy, Step, Verdict
from pellucid.inference.plan.timing import Timing
from pellucid.inference.runtime import Runtime

#: The largest difference in probability from the reference that float32 may show.
TOLERANCE = 1e-4
#: Percentage points of accuracy that fewer bits (bfloat16, int8) may cost.
MOST_FALL = 0.5
BATCHES = (1, 4, 16, 32)


@dataclass(frozen=True)
class Contestant:
    """A way of computing the scores.

    Attributes:
        setup: runtime and settings; None is the reference.
        graph: before quantisation; None for the reference.
        content: of the ONNX file that it runs.
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
        self._judge = Judge(material)

    def run(self, engines: list[Engine]) -> Found:
        """Search over some runtimes: the best of each, and of those the best."""
        best = Contestant(None, None, None, self._material.reference)
        for engine in engines:
            champion = self._champion(engine)
            if champion is not None:
                best = self._duel(best, champion)
        timing = self._judge.time(self._material.reference, best.runtime)
        gain = 1.0 if best.setup is None else timing.gain
        rates = {size: self._judge.rate(best.runtime, size) for size in BATCHES}
        return Found(best, gain, rates, tuple(self._steps))

    def _champion(self, engine: Engine) -> Contestant | None:
        """The fastest faithful way of one runtime; None where it cannot run the network."""
        champion = self._first(engine)
        if champion is None:
            return None
        for name, rewrite in REWRITES.items():
            champion = self._rewritten(champion, name, rewrite)
        for name, setup in settings_of(engine):
            # what was kept before stays, the one setting changes
            champion = self._try(champion, name, setup(_setup(champion)), champion.graph)
        return self._rounded(champion)

    def _first(self, engine: Engine) -> Contestant | None:
        graph, content = self._material.graph, to_onnx(self._material.graph)
        setup = Setup(engine)
        try:
            runtime = setup.start(content)
        except BundleError as error:
            self._note(Step(engine, "as exported", "rejected", str(error)))
            return None
        difference = self._judge.difference(runtime)
        timing = self._judge.time(self._material.reference, runtime)
        faithful = difference <= TOLERANCE
        reason = "to start from" if faithful else _unfaithful(difference)
        self._note(Step(engine, "as exported", _verdict(faithful), reason, timing, difference))
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
        difference = self._judge.difference(runtime)
        timing = self._judge.time(champion.runtime, runtime)
        if difference > TOLERANCE:
            kept, reason = False, _unfaithful(difference)
        else:
            kept, reason = timing.faster, _speed(timing)
        self._note(Step(setup.engine, name, _verdict(kept), reason, timing, difference))
        return Contestant(setup, graph, content, runtime) if kept else champion

    def _rounded(self, champion: Contestant) -> Contestant:
        """Fewer bits against the float32 champion: bfloat16, then int8."""
        setup = _setup(champion)
        if setup.engine == "openvino":
            assert champion.graph is not None
            fewer, same = replace(setup, precision="bf16"), partial(to_onnx, champion.graph)
            champion = self._judged(champion, "bfloat16", fewer, same)
        if setup.engine != "torch":
            graph, images = champion.graph, self._material.calibration
            assert graph is not None
            write = None if images is None else partial(quantise, graph, images)
            champion = self._judged(champion, "int8", _setup(champion), write)
        return champion

    def _judged(
        self,
        champion: Contestant,
        precision: str,
        setup: Setup,
        write: Callable[[], bytes] | None,
    ) -> Contestant:
        """A contestant that rounds more, by its accuracy; the better of the two.

        Args:
            champion: to beat.
            precision: of the contestant, which is also the step's name.
            setup: of the contestant.
            write: makes the content of its ONNX file; None where the images for it are missing.
        """
        if write is None or self._material.judged is None:
            reason = "there are no labelled images to calibrate and to judge on: give --data"
            self._note(Step(setup.engine, precision, "rejected", reason))
            return champion
        content = write()
        try:
            runtime = setup.start(content)
        except BundleError as error:
            self._note(Step(setup.engine, precision, "rejected", str(error)))
            return champion
        timing = self._judge.time(champion.runtime, runtime)
        accuracy = self._judge.accuracy(runtime)
        kept = timing.faster and accuracy.fall <= MOST_FALL
        reason = _speed(timing) if accuracy.fall <= MOST_FALL else _inaccurate(accuracy)
        difference = self._judge.difference(runtime)
        step = Step(setup.engine, precision, _verdict(kept), reason, timing, difference, accuracy)
        self._note(step)
        return Contestant(setup, champion.graph, content, runtime, precision) if kept else champion

    def _duel(self, best: Contestant, other: Contestant) -> Contestant:
        """The faster of two; the first where there is no telling."""
        timing = self._judge.time(best.runtime, other.runtime)
        opponent = "the reference" if best.setup is None else best.setup.engine
        verdict = _verdict(timing.faster)
        name = f"its best against {opponent}"
        difference = self._judge.difference(other.runtime)
        step = Step(_setup(other).engine, name, verdict, _speed(timing), timing, difference)
        self._note(step)
        return other if timing.faster else best

    def _note(self, step: Step) -> None:
        self._steps.append(step)
        self._tell(step)


def machine_load() -> float | None:
    """Processes that want a core, a mean over the last minute; None where that is not known."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _setup(contestant: Contestant) -> Setup:
    assert contestant.setup is not None
    return contestant.setup


def _verdict(kept: bool) -> Verdict:
    return "kept" if kept else "rejected"


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
