"""What a number sees of the picture, quickly: the hull of its receptive field, by geometry.

:func:`pellucid.explain.receptive_field` follows every cell and takes a while in large networks;
the hull is there at once, so that it can follow the pointer.
"""

from collections.abc import Sequence
from math import ceil, floor
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from pellucid.explain import Trace
    from pellucid.ledger.moves import Seen

_FIELDS: WeakKeyDictionary["Trace", tuple["Seen | None", ...]] = WeakKeyDictionary()

#: (top, left, height, width) on the picture, in its pixels.
Frame = tuple[int, int, int, int]


def hull(trace: "Trace", node: int, at: Sequence[int]) -> Frame | None:
    """The smallest box of the picture around all that a number can see.

    Args:
        trace: a forward pass on a picture.
        node: index of the layer.
        at: (c, y, x) in it.

    Returns:
        None where the layer is no window that slides over the network's input.

    >>> import numpy as np
    >>> from torch import nn
    >>> from pellucid.data.preprocessing import Preprocessing
    >>> from pellucid.explain import trace_image
    >>> record = Preprocessing("gray", 8, 8, (0.5,), (0.5,))
    >>> network = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.MaxPool2d(2))
    >>> trace = trace_image(network, np.zeros((16, 16), np.uint8), record)
    >>> hull(trace, trace.node("1").index, (0, 0, 1))
    (0, 2, 6, 8)
    """
    from pellucid.explain.maps.place import Place

    own = node - trace.input.index
    if own < 0 or len(trace.input.shape) != 4:
        return None
    seen = _fields(trace)[own]
    if seen is None or len(seen.fields) != 2 or len(at) != 3:
        return None
    height, width = trace.input.shape[2:]
    rows, columns = (
        field.inside(place, size)
        for field, place, size in zip(seen.fields, at[1:], (height, width), strict=True)
    )
    whole = Place.of(trace)
    down, across = whole.rows / height, whole.columns / width
    top, bottom = floor(rows.start * down), ceil(rows.stop * down)
    left, right = floor(columns.start * across), ceil(columns.stop * across)
    return whole.top + top, whole.left + left, bottom - top, right - left


def _fields(trace: "Trace") -> "tuple[Seen | None, ...]":
    from pellucid.ledger.fields import receptive_fields

    found = _FIELDS.get(trace)
    if found is None:
        found = _FIELDS[trace] = receptive_fields(trace.store.graph)
    return found
