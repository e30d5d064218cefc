"""Pictures of a run's mistakes, and maps of what made the network give the wrong answer."""

from typing import Any

import cv2
import numpy as np

from pellucid.errors import ImageError, UsageError
from pellucid.evaluation.result import Evaluation, Mistake
from pellucid.explain import trace_picture
from pellucid.explain.maps import ClassMap, explain_class
from pellucid.images import Picture, Pixels, encode_png
from pellucid.inference.predictor import Predictor
from pellucid.storage import write_bytes, write_json
from pellucid.training.planning.prepare import Prepared
from pellucid.training.run import MAPS, MISTAKES, Run

#: Longer side of a mistake's picture and of its map, in pixels.
_PICTURE, _MAP = 192, 128
#: How many mistakes get a map, at most, and the multiply-adds that all of them may take: on two
#: cores well under a second.
_MAPS, _MACS = 12, 10e9


def save_mistakes(
    run: Run, evaluation: Evaluation, prepared: Prepared, predictor: Predictor
) -> None:
    """Keep a picture of each listed mistake for the report, and maps of the surest ones.

    ``mistakes/RANK.png`` is the original, made smaller; ``RANK-map.png`` the map of the answer
    against the truth on it, and ``maps.json`` says what the maps add up to.

    Raises:
        StorageError: one cannot be written.
    """
    folder, splits = run.folder / MISTAKES, prepared.splits
    indices = splits.test if evaluation.split == "test" else splits.val
    count = min(_MAPS, max(1, int(_MACS / max(1, run.record["model"]["macs"]))))
    maps: list[dict[str, Any]] = []
    problem = None
    for rank, mistake in enumerate(evaluation.mistakes):
        try:
            picture = prepared.catalogue.source.load(int(indices[mistake.index]))
        except ImageError:
            # The file was there when it was scanned; the report does without its picture.
            continue
        write_bytes(folder / f"{rank}.png", thumbnail(picture.pixels))
        if rank < count and problem is None:
            try:
                found = _map(predictor, picture, mistake)
            except UsageError as error:  # a network that cannot be explained is still trained
                problem = str(error)
                continue
            pixels = found.overlay(side=_MAP, key=False)
            write_bytes(folder / f"{rank}-map.png", encode_png(pixels))
            maps.append({"rank": rank, **_record(found)})
    write_json(folder / MAPS, {"maps": maps, "problem": problem})


def _map(predictor: Predictor, picture: Picture, mistake: Mistake) -> ClassMap:
    """Why the answer and not the truth."""
    card = predictor.card
    trace = trace_picture(
        predictor.network, picture, card.preprocessing, classes=tuple(card.classes)
    )
    return explain_class(trace, mistake.predicted, mistake.truth)


def _record(found: ClassMap) -> dict[str, Any]:
    """What the report says of a map."""
    return {
        "method": found.method,
        "score": found.score,
        "explained": found.explained,
        "sums": [list(part) for part in found.sums],
        "scale": found.scale.high,
        "layer": found.layers[0],
        "words": found.words,
    }


def thumbnail(pixels: Pixels) -> bytes:
    """PNG of an image (H, W, C), its longer side at most 192 pixels."""
    scale = _PICTURE / max(pixels.shape[:2])
    if scale < 1:
        size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        pixels = np.ascontiguousarray(pixels[..., ::-1])
    return bytes(cv2.imencode(".png", pixels)[1])
