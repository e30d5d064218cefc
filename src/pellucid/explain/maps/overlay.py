"""A map of signed numbers as a film of colour on a gray picture."""

import numpy as np

from pellucid.explain.maps.place import Place, Plane
from pellucid.images import Pixels
from pellucid.images.colour.gray import rgb_to_gray
from pellucid.images.fit import fit
from pellucid.images.scale import Scale
from pellucid.images.show import LARGE, sized

#: The darkest gray of the picture below a film: on black no colour could be seen.
_DARKEST = 110
#: How much of the picture the strongest colour hides.
_OPAQUE = 0.85


def overlay(
    plane: Plane, place: Place, picture: Pixels, scale: Scale, side: int | None = None
) -> Pixels:
    """A map over a network's input as a film of colour on the picture, brought up to light grays.

    The film is as opaque as the value is far from 0, up to :data:`_OPAQUE` at the scale's ends.

    Args:
        plane: (H, W), over the input.
        place: where the input lies on the picture.
        picture: (H₀, W₀, 1 or 3).
        scale: signed.
        side: the longer side of the drawn picture; None for the size that notebooks show.

    Returns:
        (height, width, 3) uint8.
    """
    most = side or LARGE
    small = fit(picture, most, most) if max(picture.shape[:2]) > most else picture
    values = np.nan_to_num(place.at(*small.shape[:2]).lay(plane))
    light = _DARKEST + (255 - _DARKEST) / 255 * rgb_to_gray(small).astype(np.float32)
    opaque = _OPAQUE * np.clip(np.abs(values) / scale.high, 0, 1)[..., None]
    ends = scale.apply(np.where(values < 0, scale.low, scale.high))
    film = np.rint(light * (1 - opaque) + ends * opaque).astype(np.uint8)
    return sized(film) if side is None else fit(film, side, side)
