"""Ordinary PNG files, fast: one look at the chunks, one call of OpenCV's decoder.

OpenCV gives the same pixels as Pillow (both leave the numbers as they are) in a fifth of the time
for small images, but says nothing of what a file holds beside them, and little of damage. So the
chunks are looked at first, with their check sums; whatever is not plain goes to Pillow.
"""

import struct
import zlib

import numpy as np

from pellucid.images.raw import Raw, refuse_bomb

_SIGNATURE_END = 8
#: Width, height, bits, colour type, compression, filter, interlace: ISO/IEC 15948, section 11.2.2.
_HEADER = struct.Struct(">IIBBBBB")
_COLORS = {0: "gray", 2: "RGB"}
#: Beside header, pixels and end: chunks that change no pixel. A profile, transparency, EXIF or text
#: that may hold it is Pillow's.
_HARMLESS = frozenset((b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tIME"))
_PLAIN = _HARMLESS | {b"IHDR", b"IDAT", b"IEND"}


def decode_png(data: bytes, name: str, max_pixels: int) -> Raw | None:
    """Decode a PNG of 8 bits, gray or RGB, that holds nothing else and is whole; else None.

    Args:
        data: the whole file, starting with the PNG signature.
        name: for messages.
        max_pixels: larger images are refused before decoding.

    Raises:
        ImageError: ``bomb``.
    """
    color = _color_of_plain(data)
    if color is None:
        return None
    width, height = struct.unpack_from(">II", data, _SIGNATURE_END + 8)
    refuse_bomb(width, height, max_pixels, name)
    import cv2  # costs its start-up only where it is needed

    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if found is None:
        return None
    values = np.asarray(found, np.uint8)
    return Raw(values[..., None] if values.ndim == 2 else values[..., ::-1], "PNG", color)


def _color_of_plain(data: bytes) -> str | None:
    """``gray`` or ``RGB`` where every chunk is a plain one and as it was written; else None."""
    position, kind, color = _SIGNATURE_END, b"", None
    while kind != b"IEND":
        if len(data) < position + 12:
            return None
        (length,) = struct.unpack_from(">I", data, position)
        kind, end = data[position + 4 : position + 8], position + 8 + length
        if kind not in _PLAIN or len(data) < end + 4:
            return None
        if zlib.crc32(data[position + 4 : end]) != int.from_bytes(data[end : end + 4]):
            return None
        if position == _SIGNATURE_END:
            color = _color_of(data, position + 8) if kind == b"IHDR" and length == 13 else None
            if color is None:
                return None
        position = end + 4
    return color if position == len(data) else None


def _color_of(data: bytes, position: int) -> str | None:
    """By the header: 8 bits, not interlaced, and nothing that is not in the standard."""
    width, height, bits, kind, *rest = _HEADER.unpack_from(data, position)
    plain = width and height and bits == 8 and rest == [0, 0, 0]
    return _COLORS.get(kind) if plain else None
