"""What a finished training is worth: its network on images that it has not learnt from."""

import cv2
import numpy as np

from pellucid.errors import ImageError
from pellucid.evaluation.judge import judge
from pellucid.evaluation.result import Evaluation
from pellucid.images.read import Pixels
from pellucid.inference.predictor import Predictor
from pellucid.storage import write_bytes
from pellucid.training.prepare import Prepared
from pellucid.training.run import MISTAKES, Run
from pellucid.watch import Watcher

#: Longer side of a mistake's picture, in pixels.
_PICTURE = 192


def held_back(predictor: Predictor, prepared: Prepared, watch: Watcher) -> Evaluation | None:
    """Figures on the test images, or on the validation images where there are no others."""
    splits = prepared.splits
    split, indices = ("test", splits.test) if len(splits.test) else ("val", splits.val)
    if not len(indices):
        return None
    watch.stage("testing", len(indices))
    names = [sample.name for sample in prepared.catalogue.samples]
    return judge(
        predictor,
        prepared.pixels,
        prepared.labels,
        names,
        indices,
        split=split,
        advance=watch.advance,
    )


def save_mistakes(run: Run, evaluation: Evaluation, prepared: Prepared) -> None:
    """Keep a picture of each listed mistake, as the original looks, for the report.

    Raises:
        StorageError: one cannot be written.
    """
    splits = prepared.splits
    indices = splits.test if evaluation.split == "test" else splits.val
    for rank, mistake in enumerate(evaluation.mistakes):
        try:
            picture = prepared.catalogue.source.load(int(indices[mistake.index]))
        except ImageError:
            # The file was there when it was scanned; the report does without its picture.
            continue
        write_bytes(run.folder / MISTAKES / f"{rank}.png", _thumbnail(picture.pixels))


def _thumbnail(pixels: Pixels) -> bytes:
    """PNG of an image (H, W, C), its longer side at most 192 pixels."""
    scale = _PICTURE / max(pixels.shape[:2])
    if scale < 1:
        size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        pixels = np.ascontiguousarray(pixels[..., ::-1])
    return bytes(cv2.imencode(".png", pixels)[1])
