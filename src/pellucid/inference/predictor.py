"""From image files or arrays to named class probabilities, with a bundle's own preprocessing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.workers import for_each
from pellucid.errors import ImageError, UsageError, unknown_name
from pellucid.images.read import Pixels, read_image
from pellucid.inference.bundle import GRAPH, Bundle, open_bundle, rebuild
from pellucid.inference.card import Card
from pellucid.inference.onnx_runtime import OnnxRuntime, is_installed
from pellucid.inference.runtime import RUNTIMES, Runtime, RuntimeName, softmax
from pellucid.watch import Watcher

if TYPE_CHECKING:
    from torch import nn

#: An image: a file, or pixels H×W or H×W×C uint8 (C 1 or 3, RGB order).
Image = str | Path | NDArray[np.uint8]


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

    def stream(self, images: Iterable[Image], *, batch: int = 64) -> Iterator[Prediction]:
        """Predict any number of images in bounded memory; the order is kept.

        Args:
            images: files or arrays.
            batch: images that the network sees at once.
        """
        numbered = enumerate(images)
        while chunk := list(islice(numbered, batch)):
            yield from self._answer(chunk)

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

    def _answer(self, chunk: Sequence[tuple[int, Image]]) -> list[Prediction]:
        fitted: list[Pixels | None] = [None] * len(chunk)
        errors: list[str | None] = [None] * len(chunk)

        def work(index: int) -> None:
            try:
                pixels = _pixels(chunk[index][1])
                fitted[index] = self.card.preprocessing.fit(pixels)
            except ImageError as error:
                errors[index] = str(error)

        for_each(len(chunk), work)
        good = [pixels for pixels in fitted if pixels is not None]
        rows = iter(self.probabilities(np.stack(good)) if good else ())
        return [
            self._prediction(_name(*chunk[index]), errors[index], rows)
            for index in range(len(chunk))
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
            without torch), or ``auto``: the graph where there is one and onnxruntime is
            installed.
        watch: told where ``auto`` has to do without onnxruntime.

    Raises:
        BundleError: there is none, or it is damaged, or holds no graph for ``onnxruntime``.
        UsageError: the runtime is unknown or not installed.
    """
    if runtime not in RUNTIMES:
        raise unknown_name("runtime", runtime, RUNTIMES)
    bundle = open_bundle(path)
    if runtime == "auto":
        runtime = _best(bundle, watch or Watcher())
    return Predictor(_torch(bundle) if runtime == "torch" else _onnx(bundle), bundle.card)


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


def _name(position: int, image: Image) -> str:
    return f"array {position}" if isinstance(image, np.ndarray) else str(image)


def _pixels(image: Image) -> Pixels:
    if not isinstance(image, np.ndarray):
        return read_image(image).pixels
    pixels = image[..., None] if image.ndim == 2 else image
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or pixels.dtype != np.uint8:
        raise UsageError(
            "an array to predict is H×W or H×W×C with one or three channels, uint8; found shape "
            f"{image.shape} of {image.dtype}."
        )
    if 0 in pixels.shape:
        raise UsageError(f"an array to predict has no pixels: shape {image.shape}.")
    return pixels
