"""The preprocessing record: how an image becomes the network's input, everywhere the same.

One frozen record, saved with the model. Training, prediction, service and studio all call
:meth:`Preprocessing.fit` (image to cached uint8, H×W×C) and :meth:`Preprocessing.tensor`
(a batch of those to N×C×H×W float32), so the same file gives the same bytes in each.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pellucid.data.fitting import Step, steps
from pellucid.errors import BundleError, UsageError
from pellucid.images.read import Pixels


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How an image becomes a network's input.

    The tensor's value is ``(pixel * scale - mean[c]) / std[c]``.

    Attributes:
        color: ``gray`` (1 channel, BT.601 luma of colour images) or ``rgb`` (3 channels;
            gray images repeat their one).
        height: of the input, in pixels.
        width: of the input, in pixels.
        resize: ``stretch`` scales both axes to fit; ``crop`` scales the image to cover the
            input, then keeps its centre.
        filter: ``area``: an axis that shrinks averages the covered cells (each weighted by the
            covered length), an axis that grows is interpolated linearly.
        exif: ``apply``: a photograph's stored rotation is carried out.
        scale: factor from uint8 to unit range.
        mean: per channel, in units of ``pixel * scale``.
        std: per channel, likewise; positive.
        layout: axis order of the tensor.
    """

    color: Literal["gray", "rgb"]
    height: int
    width: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resize: Literal["stretch", "crop"] = "stretch"
    filter: Literal["area"] = "area"
    exif: Literal["apply"] = "apply"
    scale: float = 1 / 255
    layout: Literal["NCHW"] = "NCHW"

    def __post_init__(self) -> None:
        choices = {
            "color": ("gray", "rgb"),
            "resize": ("stretch", "crop"),
            "filter": ("area",),
            "exif": ("apply",),
            "layout": ("NCHW",),
        }
        for field, known in choices.items():
            if getattr(self, field) not in known:
                raise UsageError(
                    f"preprocessing: {field} is one of {', '.join(known)}, "
                    f"not {getattr(self, field)!r}."
                )
        if min(self.height, self.width) < 1:
            raise UsageError(
                f"preprocessing: the input is at least 1×1 pixels, not {self.height}×{self.width}."
            )
        if len(self.mean) != self.channels or len(self.std) != self.channels:
            raise UsageError(f"preprocessing: {self.color} takes {self.channels} means and stds.")
        if not (self.scale > 0 and all(value > 0 for value in self.std)):
            raise UsageError("preprocessing: scale and every std are positive.")

    @property
    def channels(self) -> int:
        """C: 1 for gray, 3 for rgb."""
        return 1 if self.color == "gray" else 3

    def fit(self, image: Pixels) -> Pixels:
        """Colour mode, size and crop: image (H, W, 1 or 3) to input (height, width, C), uint8.

        >>> record = Preprocessing("gray", 1, 2, (0.5,), (0.5,))
        >>> image = np.array([[[0], [2], [10], [20]]], np.uint8)
        >>> record.fit(image).tolist()
        [[[1], [15]]]
        """
        for step in self.steps(image):
            image = step.pixels
        return np.ascontiguousarray(image)

    def steps(self, image: Pixels) -> Iterator[Step]:
        """What :meth:`fit` does with an image (H, W, 1 or 3), without what changes nothing.

        >>> record = Preprocessing("gray", 1, 2, (0.5,), (0.5,))
        >>> [step.operation for step in record.steps(np.zeros((9, 9, 3), np.uint8))]
        ['recolor', 'resize']
        """
        return steps(
            image,
            height=self.height,
            width=self.width,
            channels=self.channels,
            crop=self.resize == "crop",
        )

    def tensor(self, batch: Pixels) -> NDArray[np.float32]:
        """Scale and normalise: fitted images (N, H, W, C) uint8 to tensor (N, C, H, W) float32.

        >>> record = Preprocessing("gray", 1, 2, (0.5,), (0.5,))
        >>> record.tensor(np.array([[[[0], [255]]]], np.uint8)).tolist()
        [[[[-1.0, 1.0]]]]
        """
        gain, offset = self.affine()
        return np.moveaxis(batch.astype(np.float32) * gain + offset, -1, 1)

    def affine(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Normalisation as ``pixel * gain + offset``, one of each per channel, shape (C,)."""
        std = np.asarray(self.std, np.float64)
        gain = self.scale / std
        offset = -np.asarray(self.mean, np.float64) / std
        return gain.astype(np.float32), offset.astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Preprocessing":
        """The inverse of :meth:`to_json`.

        Raises:
            BundleError: a field is missing, unknown or of the wrong kind.
        """
        try:
            values = dict(record)
            values["mean"] = tuple(float(value) for value in values["mean"])
            values["std"] = tuple(float(value) for value in values["std"])
            return cls(**values)
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"the preprocessing record cannot be used: {error}") from error
