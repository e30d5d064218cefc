"""From image files or arrays to named class probabilities, with a bundle's own preprocessing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import ImageError, UsageError, unknown_name
from pellucid.images.read import Pixels
from pellucid.inference.bundle import GRAPH, Bundle, open_bundle, rebuild
from pellucid.inference.card import Card
from pellucid.inference.lanes import in_lanes
from pellucid.inference.onnx_runtime import OnnxRuntime, is_installed
from pellucid.inference.pixels import Image, name_of, pixels_of
from pellucid.inference.plan.record import objection, planned_runtime, read_plan
from pellucid.inference.runtime import RUNTIMES, Runtime, RuntimeName
from pellucid.softmax import softmax
from pellucid.threads import cores
from pellucid.watch import Watcher

if TYPE_CHECKING:
    from torch import nn

#: A JPEG that is decoded at a part of its size keeps at least so many times the input's sides.
REDUCED_TO = 2


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network says of one image.

    Attributes:
        name: the file as it was named, or ``array N``.
        label: the most probable class; None where the image cannot be read.
        probability: of that class, in [0, 1].
        probabilities: of all classes, in their order; they sum to 1.
        error: why there is no answer; None where there is one.
    """

    name: str
    label: str | None = None
    probability: float | None = None
    probabilities: tuple[float, ...] | None = None
    error: str | None = None


class Predictor:
    """A trained network with everything needed to use it.

    Attributes:
        runtime: computes the scores.
        card: what the bundle says of itself.
    """

    def __init__(self, runtime: Runtime, card: Card) -> None:
        self.runtime = runtime
        self.card = card

    @property
    def network(self) -> "nn.Module":
        """The torch network that answers: (N, C, H, W) float32 to scores (N, K).

        Raises:
            UsageError: the runtime is another.
        """
        found: nn.Module | None = getattr(self.runtime, "network", None)
        if found is None:
            raise UsageError(
                f"{self.runtime.name} answers here, not a torch network: load with "
                "runtime='torch' for that."
            )
        return found

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the probabilities."""
        return self.card.classes

    def predict(self, images: Image | Iterable[Image]) -> list[Prediction]:
        """Predict a few images.

        Args:
            images: one image or several; a folder is not taken (see the command line's
                ``predict`` for folders).

        Returns:
            A prediction for each, in order; files that cannot be read have ``error`` set.

        Raises:
            UsageError: an array is not H×W or H×W×C uint8 with one or three channels.
        """
        single = isinstance(images, (str, Path, np.ndarray))
        several: Iterable[Image] = [images] if single else images  # type: ignore[list-item,assignment]
        return list(self.stream(several))

    def stream(
        self, images: Iterable[Image], *, batch: int = 16, reduced: bool = False
    ) -> Iterator[Prediction]:
        """Predict any number of images in bounded memory; the order is kept.

        Each core reads, fits and predicts batches of its own. Most of the time goes where it
        can: nobody waits for another.

        Args:
            images: files or arrays.
            batch: images that a core takes at once.
            reduced: decode a JPEG at n/8 of its size where that leaves at least twice the
                network's input: quicker for large photographs, at slightly other probabilities.

        Raises:
            UsageError: an array is not H×W or H×W×C uint8 with one or three channels.
            DataError: a disk does not answer.
        """
        enough = self._enough() if reduced else None
        with self.runtime.one_core() as runtime:
            for found in in_lanes(
                enumerate(images),
                lambda chunk: self._answer(chunk, runtime, enough),
                size=batch,
                threads=cores(),
            ):
                yield from found

    def _enough(self) -> int:
        """Least height and width of a reduced JPEG."""
        record = self.card.preprocessing
        return REDUCED_TO * max(record.height, record.width)

    def probabilities(self, fitted: Pixels, *, batch: int = 256) -> NDArray[np.float32]:
        """Class probabilities of images that have the input's size already.

        Args:
            fitted: (N, H, W, C) uint8, as :meth:`Preprocessing.fit` makes them.
            batch: images that the network sees at once.

        Returns:
            (N, K) float32, rows sum to 1: the softmax of the scores.
        """
        parts = [
            softmax(self.runtime.scores(fitted[begin : begin + batch]))
            for begin in range(0, len(fitted), batch)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def _answer(
        self, chunk: Sequence[tuple[int, Image]], runtime: Runtime, enough: int | None
    ) -> list[Prediction]:
        """Read, fit and predict some images, in the calling thread."""
        fitted, errors = [], {}
        for position, image in chunk:
            try:
                fitted.append(self.card.preprocessing.fit(pixels_of(image, enough)))
            except ImageError as error:
                errors[position] = str(error)
        rows = iter(softmax(runtime.scores(np.stack(fitted))) if fitted else ())
        return [
            self._prediction(name_of(position, image), errors.get(position), rows)
            for position, image in chunk
        ]

    def _prediction(self, name: str, error: str | None, rows: Iterator[Any]) -> Prediction:
        if error is not None:
            return Prediction(name, error=error)
        row = next(rows)
        best = int(row.argmax())
        return Prediction(name, self.classes[best], float(row[best]), tuple(row.tolist()))


def load_predictor(
    path: str | Path, runtime: RuntimeName = "torch", *, watch: Watcher | None = None
) -> Predictor:
    """Open a run folder, a bundle folder or a bundle .zip for prediction.

    Args:
        path: of it.
        runtime: what computes: ``torch`` (the reference), ``onnxruntime`` (the exported graph; does
            without torch), or ``auto``: what ``pellucid optimize`` chose for this machine, else
            the graph where there is one and onnxruntime is installed.
        watch: told where ``auto`` has to do without onnxruntime, or cannot use a plan.

    Raises:
        BundleError: there is none, or it is damaged, or holds no graph for ``onnxruntime``.
        UsageError: the runtime is unknown or not installed.
    """
    if runtime not in RUNTIMES:
        raise unknown_name("runtime", runtime, RUNTIMES)
    return predictor_of(open_bundle(path), runtime, watch=watch)


def predictor_of(
    bundle: Bundle, runtime: RuntimeName = "torch", *, watch: Watcher | None = None
) -> Predictor:
    """The predictor of an opened bundle; as :func:`load_predictor`."""
    if runtime == "auto":
        watch = watch or Watcher()
        if (planned := _planned(bundle, watch)) is not None:
            return Predictor(planned, bundle.card)
        runtime = _best(bundle, watch)
    return Predictor(_torch(bundle) if runtime == "torch" else _onnx(bundle), bundle.card)


def _planned(bundle: Bundle, watch: Watcher) -> Runtime | None:
    """The runtime of the plan beside the bundle; None where there is none for this machine."""
    plan = read_plan(bundle)
    if plan is None:
        return None
    if (reason := objection(plan, bundle)) is not None:
        watch.message(
            f"The plan in {bundle.path} is not used: {reason}. Run `pellucid optimize` again."
        )
        return None
    return planned_runtime(plan, bundle)


def _best(bundle: Bundle, watch: Watcher) -> RuntimeName:
    if not bundle.has(GRAPH):
        return "torch"
    if is_installed():
        return "onnxruntime"
    watch.message(
        f"{bundle.path} has {GRAPH}, but onnxruntime is not installed, so torch answers: "
        "pip install 'pellucid[onnx]' for a quicker start."
    )
    return "torch"


def _torch(bundle: Bundle) -> Runtime:
    if find_spec("torch") is None:
        raise UsageError(
            "to predict, torch is needed, or onnxruntime and an exported graph in the bundle "
            "(`pellucid export RUN`): neither is there."
        )
    from pellucid.inference.torch_runtime import TorchRuntime

    return TorchRuntime(rebuild(bundle), bundle.card.preprocessing)


def _onnx(bundle: Bundle) -> Runtime:
    if not bundle.has(GRAPH):
        raise UsageError(
            f"{bundle.path} has no {GRAPH} for onnxruntime: write one with `pellucid export RUN`."
        )
    return OnnxRuntime(bundle.read(GRAPH), bundle.card)
