"""The seam to the explanations: a class map of one upload."""

from functools import lru_cache
from typing import TYPE_CHECKING

from pellucid.images.read import decode_image
from pellucid.inference.predictor import predictor_of
from pellucid.service.model import Model
from pellucid.service.uploads import Upload

if TYPE_CHECKING:
    from torch import nn

    from pellucid.explain.maps import ClassMap


def explain(
    model: Model, upload: Upload, max_pixels: int, target: str | None, against: str | None
) -> "ClassMap":
    """Show what parts of a picture make the score of a class, or of one class over another.

    Args:
        model: in use.
        upload: one picture.
        max_pixels: width × height, at most.
        target: name of the class; the most probable one by default.
        against: name of the class to compare with.

    Raises:
        ImageError: the upload cannot be read.
        UsageError: there is no such class.
    """
    # Imports torch, which a bundle with an exported graph otherwise does without.
    from pellucid.explain import trace_picture
    from pellucid.explain.maps import explain_class

    picture = decode_image(upload.data, upload.name, max_pixels=max_pixels)
    trace = trace_picture(
        _network(model), picture, model.card.preprocessing, classes=model.card.classes
    )
    return explain_class(trace, target, against)


@lru_cache(maxsize=1)
def _network(model: Model) -> "nn.Module":
    """The torch network of the bundle, whatever runtime predicts with it."""
    return predictor_of(model.bundle, "torch").network
