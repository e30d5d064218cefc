"""EXIF orientation: read the stored rotation, carry it out."""

import struct

import numpy as np

from pellucid.images.raw import Pixels

_TAG = 0x0112
_SHORT = 3
#: From this orientation on, rows and columns change places.
SIDEWAYS = 5


def exif_orientation(exif: bytes | None) -> int:
    """The orientation stored in an EXIF block: 1 to 8, and 1 (upright) where it has none.

    An EXIF block is a small TIFF file: byte order, offset of the first directory, and there
    12-byte entries (tag, type, count, value). CIPA DC-008 (Exif 2.32), section 4.6.4.

    Args:
        exif: the block, with or without its ``Exif\\0\\0`` prefix.

    >>> header, entry = struct.pack("<2sHIH", b"II", 42, 8, 1), (0x0112, 3, 1, 6)
    >>> exif_orientation(header + struct.pack("<HHIH", *entry))
    6
    """
    if not exif:
        return 1
    block = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", block, 4)
        (entries,) = struct.unpack_from(order + "H", block, start)
        for entry in range(start + 2, start + 2 + 12 * entries, 12):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", block, entry)
            if tag == _TAG:
                return int(value) if kind == _SHORT and 1 <= value <= 8 else 1
    except struct.error:  # the directory points past the end of the block
        return 1
    return 1


def upright(image: Pixels, orientation: int) -> Pixels:
    """Undo the camera's rotation: image (H, W, C) to (H, W, C), or (W, H, C) from 5 on.

    Orientation says where the stored first row and column are in the scene: 2 to 4 are mirrored
    or upside down, 5 to 8 the same four, transposed.

    >>> upright(np.array([[[1], [2]]], np.uint8), 6)[..., 0].tolist()
    [[1], [2]]
    """
    if orientation >= SIDEWAYS:
        image = image.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    return np.ascontiguousarray(image)
