"""Ordinary JPEG files, fast: one scan of the markers, one call of libjpeg-turbo.

simplejpeg's TurboJPEG gives the same pixels as Pillow (both are libjpeg-turbo with the accurate
DCT and smooth chroma), without Pillow's start-up and per-file cost. It runs in strict mode:
libjpeg otherwise fills what is missing or damaged with gray and goes on.
"""

import re
import struct
from dataclasses import dataclass

import simplejpeg

from pellucid.images.orientation import exif_orientation
from pellucid.images.raw import Pixels, Raw, image_error, refuse_bomb

#: Frame headers (SOF0 … SOF15 but DHT, JPG and DAC): ITU-T T.81, table B.1.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = 0xC2
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"
#: Each scan of a progressive file passes over the whole image; real files have about ten.
_MAX_SCANS = 500
_COLORS = {1: ("GRAY", "gray"), 3: ("RGB", "RGB"), 4: ("CMYK", "CMYK")}
#: Junk between the last scan and the end marker costs no pixel.
_DAMAGE = re.compile(r"Corrupt JPEG data(?!.*extraneous bytes before marker 0xd9)")


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What stands before the first scan.

    Attributes:
        width: in pixels.
        height: in pixels.
        components: 1 gray, 3 colour, 4 CMYK.
        progressive: whether the image comes in several passes.
        exif: the EXIF block.
        profile: the ICC profile, its chunks joined in order.
    """

    width: int
    height: int
    components: int
    progressive: bool
    exif: bytes | None
    profile: bytes | None


def scan_header(data: bytes) -> JpegHeader | None:
    """Read the markers up to the first scan; None where they are not as in ordinary files.

    None also for 12-bit and lossless JPEG. Nothing is decoded, nothing raised.
    """
    frame: tuple[int, int, int, int] | None = None
    exif: bytes | None = None
    chunks: list[tuple[int, bytes]] = []
    position = 2
    try:
        while data[position] == 0xFF:
            marker = data[position + 1]
            if marker == 0xFF:  # a fill byte
                position += 1
                continue
            if marker == _START_OF_SCAN:
                break
            (length,) = struct.unpack_from(">H", data, position + 2)
            start, end = position + 4, position + 2 + length
            if marker in _FRAMES:
                precision, height, width, components = struct.unpack_from(">BHHB", data, start)
                if precision != 8 or frame is not None:
                    return None
                frame = (width, height, components, marker)
            elif marker == 0xE1 and exif is None and data.startswith(_EXIF, start):
                exif = data[start:end]
            elif marker == 0xE2 and data.startswith(_ICC, start):
                chunks.append((data[start + 12], data[start + 14 : end]))
            position = end
    except (IndexError, struct.error):  # the file ends inside its header
        return None
    if frame is None:
        return None
    profile = b"".join(chunk for _, chunk in sorted(chunks)) or None
    return JpegHeader(*frame[:3], frame[3] == _PROGRESSIVE, exif, profile)


def decode_jpeg(data: bytes, name: str, max_pixels: int, enough: int | None = None) -> Raw | None:
    """Decode an ordinary JPEG; None for an odd one, which is left to Pillow.

    Args:
        data: the whole file, starting with a JPEG signature.
        name: for messages.
        max_pixels: larger images are refused before decoding.
        enough: height and width of at least so many pixels will do, see
            :func:`pellucid.images.read.decode_image`.

    Raises:
        ImageError: ``truncated``, ``broken`` or ``bomb``.
    """
    header = scan_header(data)
    if header is None or header.components not in _COLORS:
        return None
    size = (header.height, header.width)
    refuse_bomb(header.width, header.height, max_pixels, name)
    if header.progressive and data.count(bytes([0xFF, _START_OF_SCAN])) > _MAX_SCANS:
        raise image_error(name, "bomb", f"more than {_MAX_SCANS} progressive scans")
    space, mode = _COLORS[header.components]
    try:
        values: Pixels = simplejpeg.decode_jpeg(
            data, space, strict=True, min_height=enough or 0, min_width=enough or 0
        )
    except ValueError as error:
        message = str(error)
        if "remature end" in message:
            raise image_error(name, "truncated", message) from error
        if _DAMAGE.search(message):
            raise image_error(name, "broken", message) from error
        return None
    if header.components == 4:
        values = 255 - values  # Adobe's convention, which all writers of CMYK JPEG follow
    return Raw(
        values,
        "JPEG",
        mode,
        orientation=exif_orientation(header.exif),
        profile=header.profile,
        full=None if values.shape[:2] == size else size,
    )
