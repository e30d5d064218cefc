"""Ordinary PNG files, fast: one look at the chunks, one call of OpenCV's decoder.

OpenCV gives the same pixels as Pillow (both leave the numbers as they are) in less time for small
images, but says nothing of what a file holds beside them, and little of damage. So the chunks are
looked at first, with their check sums; whatever is not plain goes to Pillow.
"""

import struct
import zlib

import numpy as np

from pellucid.images.raw import Raw, refuse_bomb

#: Where the first chunk begins, and its content.
_SIGNATURE_END, _HEADER_AT = 8, 16
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
    if not _is_plain(data):
        return None
    width, height, bits, kind, *rest = _HEADER.unpack_from(data, _HEADER_AT)
    if bits != 8 or kind not in _COLORS or rest != [0, 0, 0] or not width or not height:
        return None
    refuse_bomb(width, height, max_pixels, name)
    import cv2  # costs its start-up only where it is needed

    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if found is None:
        return None
    values = np.asarray(found, np.uint8)
    return Raw(values[..., None] if values.ndim == 2 else values[..., ::-1], "PNG", _COLORS[kind])


def _is_plain(data: bytes) -> bool:
    """A header first, then only plain chunks to the end, each as it was written."""
    position, kind = _SIGNATURE_END, b""
    if data[position:_HEADER_AT] != struct.pack(">I", _HEADER.size) + b"IHDR":
        return False
    while kind != b"IEND":
        if len(data) < position + 12:
            return False
        (length,) = struct.unpack_from(">I", data, position)
        kind, end = data[position + 4 : position + 8], position + 8 + length
        if kind not in _PLAIN or len(data) < end + 4:
            return False
        if zlib.crc32(data[position + 4 : end]) != int.from_bytes(data[end : end + 4]):
            return False
        position = end + 4
    return position == len(data)
