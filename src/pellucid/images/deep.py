"""Images of more than 8 bits a channel that Pillow cannot hold, through OpenCV.

Pillow has no mode for 16-bit colour: it drops the low byte, which rounds down instead of to
nearest. Of TIFF it also refuses float colour, float64 and big-endian 32-bit integers.
"""

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from pellucid.images.depth import scaling, split_alpha
from pellucid.images.quiet import quiet_opencv
from pellucid.images.raw import ROTATED, Raw, refuse_bomb

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _ORIENTATION = 256, 257, 258, 262, 274
_EXTRA_SAMPLES, _PROFILE = 338, 34675
_SAMPLES, _PLANAR, _SAMPLE_FORMAT = 277, 284, 339
_SEPARATE, _SIGNED = 2, 2
_STRIP_OFFSETS, _STRIP_COUNTS, _TILE_OFFSETS, _TILE_COUNTS = 273, 279, 324, 325
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_UNSPECIFIED, _PREMULTIPLIED = 0, 1


@dataclass(frozen=True, slots=True)
class TiffHeader:
    """The tags of a TIFF's first page that decide how its numbers are read.

    Attributes:
        width: in pixels, as stored.
        height: in pixels, as stored.
        bits: of the deepest channel.
        photometric: 0 white is zero, 1 black is zero, 2 RGB, others as in TIFF 6.0.
        orientation: 1 to 8.
        channels: samples per pixel.
        signed: whether they are signed integers.
        planes: whether each channel is stored apart.
        extra: meaning of the fourth channel (TIFF 6.0, ExtraSamples), None where not said.
        profile: the ICC profile.
    """

    width: int
    height: int
    bits: int
    photometric: int
    orientation: int
    channels: int
    signed: bool
    planes: bool
    extra: int | None
    profile: bytes | None

    @property
    def deep(self) -> bool:
        """Whether OpenCV is to decode it: Pillow also takes signed bytes for unsigned ones."""
        return self.photometric <= _RGB and (self.bits in (16, 32, 64) or self.signed)


def tiff_header(data: bytes) -> TiffHeader:
    """Read the first directory; any exception means that the file is broken."""
    tags = _directory(data)
    extra = tags.get(_EXTRA_SAMPLES)
    orientation = tags.get(_ORIENTATION, 1)
    return TiffHeader(
        width=int(tags[_WIDTH]),
        height=int(tags[_HEIGHT]),
        bits=max(tags.get(_BITS, (1,))),
        photometric=int(tags.get(_PHOTOMETRIC, _BLACK_IS_ZERO)),
        orientation=orientation if orientation in range(1, 9) else 1,
        channels=int(tags.get(_SAMPLES, 1)),
        signed=_SIGNED in tags.get(_SAMPLE_FORMAT, ()),
        planes=tags.get(_PLANAR) == _SEPARATE,
        extra=int(extra[0]) if extra else None,
        profile=tags.get(_PROFILE),
    )


def tiff_is_cut(data: bytes) -> bool:
    """Whether the directory, or a strip or tile that it lists, lies past the end of the file."""
    try:
        tags = _directory(data)
        starts = tags.get(_STRIP_OFFSETS) or tags.get(_TILE_OFFSETS, ())
        counts = tags.get(_STRIP_COUNTS) or tags.get(_TILE_COUNTS, ())
        return any(start + count > len(data) for start, count in zip(starts, counts, strict=False))
    except (EOFError, IndexError, struct.error):
        return True
    except Exception:  # a directory, but of nonsense
        return False


def _directory(data: bytes) -> ImageFileDirectory_v2:
    """The tags of the first page.

    Raises:
        EOFError: the file ends before its directory does.
    """
    tags = ImageFileDirectory_v2(data[: 16 if data[2] == 43 else 8])  # 43 is BigTIFF
    if tags.next + 2 > len(data):
        raise EOFError("the file ends before its directory")
    stream = BytesIO(data)
    stream.seek(tags.next)
    tags.load(stream)
    return tags


def decode_values(data: bytes) -> NDArray[Any]:
    """The stored numbers, (H, W, C) in RGB(A) order; C is 1, 3 or 4.

    Raises:
        ValueError: OpenCV gives nothing, or another number of channels.
    """
    with quiet_opencv():
        values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ValueError("OpenCV cannot decode it")
    if values.ndim == 2:
        return values[..., None]
    if values.shape[2] not in (3, 4):
        raise ValueError(f"{values.shape[2]} channels, not 1, 3 or 4")
    return values[..., [2, 1, 0, 3][: values.shape[2]]]


def decode_deep_tiff(data: bytes, header: TiffHeader, name: str, max_pixels: int) -> Raw:
    """Decode a TIFF of 16, 32 or 64 bits a channel, gray or RGB, integer or float.

    Raises:
        ImageError: ``bomb`` or ``non-finite``.
        ValueError: OpenCV cannot decode it, or not rightly.
    """
    refuse_bomb(header.width, header.height, max_pixels, name)
    if header.planes and header.channels > 1:  # OpenCV mixes them up, and says nothing
        raise ValueError(f"colours of {header.bits} bits stored in separate planes are not read")
    values = decode_values(data)  # upright: OpenCV carries out a TIFF's orientation
    if (values.dtype.itemsize * 8, values.shape[2]) != (header.bits, header.channels):
        raise ValueError(f"{header.channels} channels of {header.bits} bits are not read")
    rule = scaling(name, values)
    colors, alpha, mode = split_alpha(values, rule)
    if header.photometric == _WHITE_IS_ZERO:
        colors = 255 - colors
    if header.extra == _UNSPECIFIED:
        alpha = None
    if alpha is not None and header.extra == _PREMULTIPLIED:
        opacity = np.maximum(alpha, 1)[..., None].astype(np.float32) / 255
        colors = np.minimum(np.rint(colors / opacity), 255).astype(np.uint8)
    notes = [rule.note] if rule.note else []
    if header.orientation > 1:
        notes.append(ROTATED)
    return Raw(colors, "TIFF", mode, alpha, profile=header.profile, notes=tuple(notes))
