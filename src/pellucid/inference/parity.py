"""Do several ways of computing the same answers give the same? The worst difference of each."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.inference.cases import Case
from pellucid.inference.onnx_runtime import IMAGE, IMAGES, PROBABILITIES
from pellucid.inference.predictor import Predictor

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from torch import nn

    from pellucid.data.preprocessing import Preprocessing

#: From images to their probabilities (N, K).
Way = Callable[[Sequence[Case]], NDArray[np.float32]]
#: Probabilities that differ by no more are the same answer.
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Difference:
    """How far one way is from the reference.

    Attributes:
        way: its name.
        worst: largest difference of any class's probability on any image; infinite where an
            answer is no number.
        image: on which.
    """

    way: str
    worst: float
    image: str


@dataclass(frozen=True, slots=True)
class Parity:
    """What a comparison found.

    Attributes:
        reference: the way that the others are compared with.
        images: how many.
        tolerance: the largest difference that passes.
        differences: of each other way.
    """

    reference: str
    images: int
    tolerance: float
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether every way is within the tolerance."""
        return all(one.worst <= self.tolerance for one in self.differences)

    def to_json(self) -> dict[str, Any]:
        """As plain values; an infinite difference is None."""
        return {
            "agrees": self.agrees,
            "reference": self.reference,
            "images": self.images,
            "tolerance": self.tolerance,
            "ways": [
                {
                    "way": one.way,
                    "worst": one.worst if math.isfinite(one.worst) else None,
                    "image": one.image,
                    "agrees": one.worst <= self.tolerance,
                }
                for one in self.differences
            ],
        }


def compare_ways(
    cases: Sequence[Case],
    reference: tuple[str, Way],
    ways: Mapping[str, Way] | Iterable[tuple[str, Way]],
    tolerance: float = TOLERANCE,
) -> Parity:
    """Compare ways of computing probabilities with a reference.

    Args:
        cases: the images, at least one.
        reference: name and way to compare with.
        ways: the others.
        tolerance: the largest difference that passes.

    >>> case = Case("dot", np.zeros((1, 1, 1), np.uint8))
    >>> half = lambda cases: np.full((len(cases), 2), 0.5, np.float32)
    >>> more = lambda cases: half(cases) + np.float32(0.25)
    >>> compare_ways([case], ("half", half), {"more": more}).differences[0].worst
    0.25
    """
    name, way = reference
    expected = way(cases).astype(np.float64)
    found = dict(ways)
    differences = [_difference(other, found[other](cases), expected, cases) for other in found]
    return Parity(name, len(cases), tolerance, tuple(differences))


def _difference(
    way: str, found: NDArray[np.float32], expected: NDArray[np.float64], cases: Sequence[Case]
) -> Difference:
    if found.shape != expected.shape:
        return Difference(way, math.inf, cases[0].name)
    gaps = np.abs(found.astype(np.float64) - expected).max(1)  # (N,)
    gaps[~np.isfinite(gaps)] = math.inf
    worst = int(gaps.argmax())
    return Difference(way, float(gaps[worst]), cases[worst].name)


def training_way(network: "nn.Module", record: "Preprocessing") -> Way:
    """The network as training calls it, image by image: the reference.

    Args:
        network: in evaluation mode.
        record: its preprocessing.
    """
    import torch

    def answer(cases: Sequence[Case]) -> NDArray[np.float32]:
        rows = []
        for case in cases:
            tensor = torch.from_numpy(record.tensor(record.fit(case.pixels)[None]))
            with torch.inference_mode():
                rows.append(network(tensor.contiguous()).float().softmax(1).numpy())
        return np.concatenate(rows)

    return answer


def predictor_way(predictor: Predictor) -> Way:
    """A predictor, as ``pellucid.load`` gives it."""

    def answer(cases: Sequence[Case]) -> NDArray[np.float32]:
        found = predictor.predict([case.pixels for case in cases])
        return np.array([one.probabilities for one in found], np.float32)

    return answer


def graph_way(session: "InferenceSession", record: "Preprocessing") -> Way:
    """An exported graph alone: given an image of any size, or what the record makes of it."""
    whole = session.get_inputs()[0].name == IMAGE

    def answer(cases: Sequence[Case]) -> NDArray[np.float32]:
        rows = []
        for case in cases:
            given = {IMAGE: case.pixels} if whole else {IMAGES: record.fit(case.pixels)[None]}
            rows.append(session.run([PROBABILITIES], given)[0])
        return np.concatenate(rows)

    return answer
