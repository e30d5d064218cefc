"""The network in use: a predictor that has been tried, and how an upload is fitted to it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pellucid.errors import BundleError
from pellucid.images.raw import Pixels
from pellucid.images.read import decode_image
from pellucid.inference.bundle import Bundle, open_bundle
from pellucid.inference.card import Card
from pellucid.inference.fingerprint import fingerprint
from pellucid.inference.predictor import Predictor, predictor_of
from pellucid.service.uploads import Upload


@dataclass(frozen=True, eq=False)
class Model:
    """A bundle in use.

    Attributes:
        predictor: the network with its preprocessing.
        bundle: where it comes from.
        digest: its fingerprint, 64 hexadecimal digits.
    """

    predictor: Predictor
    bundle: Bundle
    digest: str

    @property
    def card(self) -> Card:
        """What the bundle says of itself."""
        return self.predictor.card

    def picture(self, upload: Upload, max_pixels: int) -> Pixels:
        """Decode an upload: (H, W, C) uint8, upright.

        Raises:
            ImageError: it cannot be read, or its header says that it is too large.
        """
        return decode_image(upload.data, upload.name, max_pixels=max_pixels).pixels

    def fit(self, upload: Upload, max_pixels: int) -> Pixels:
        """Decode an upload and fit it to the network's input.

        Raises:
            ImageError: as :meth:`picture`.
        """
        return self.card.preprocessing.fit(self.picture(upload, max_pixels))


def load_model(path: Path) -> Model:
    """Open a run or a bundle and try it on an empty image.

    Raises:
        BundleError: there is none, it is damaged, or it gives no probabilities.
    """
    bundle = open_bundle(path)
    predictor = predictor_of(bundle, "auto")
    record = predictor.card.preprocessing
    empty = np.zeros((1, record.height, record.width, record.channels), np.uint8)
    found = predictor.probabilities(empty)
    if not np.isfinite(found).all():
        raise BundleError(
            f"{path}: the network gives NaN or infinity for an empty image: train it anew."
        )
    return Model(predictor, bundle, fingerprint(bundle))
