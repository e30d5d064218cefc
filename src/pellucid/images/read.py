"""Read any image file a user really has, rightly, into H×W×C uint8 (see ``read_image``)."""

import os
import stat
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from pellucid.images.jpeg import decode_jpeg
from pellucid.images.orientation import SIDEWAYS, upright
from pellucid.images.png import decode_png
from pellucid.images.profile import to_srgb
from pellucid.images.raw import ROTATED, Pixels, Raw, image_error

__all__ = ["MAX_PIXELS", "Picture", "Pixels", "decode_image", "digest_of", "finish", "read_image"]

#: Larger images are refused before anything is decoded.
MAX_PIXELS = 100_000_000

#: Opening a pipe would otherwise wait until somebody writes to it.
_READ = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0)

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    *((f"P{kind}".encode(), "PPM") for kind in "123456fF"),
)
_UNSUPPORTED = (
    (4, b"ftyp", "AVIF or HEIC"),
    (4, b"jP  ", "JPEG 2000"),
    (4, b"JXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"MM\0+", "Big-endian BigTIFF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\1\0", "icon"),
    (0, b"<svg", "SVG"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image with what its file said.

    Attributes:
        pixels: H×W×C uint8, upright, sRGB order; C is 1 (gray data) or 3 (colour).
        format: ``JPEG``, ``PNG``, …; ``array`` where there was no image file.
        mode: how the file stored it, e.g. ``RGB``, ``gray``, ``CMYK``, ``palette``,
            ``gray16``, ``RGBA``, ``float32``, ``1-bit``.
        digest: 16-byte BLAKE2b of the file's bytes (of shape and pixels for arrays).
        notes: what was done beyond decoding, e.g. ``rotated by EXIF``, ``alpha over white``.
        full: upright (H, W) of the file's image where ``pixels`` is a reduced one.
    """

    pixels: Pixels
    format: str
    mode: str
    digest: bytes
    notes: tuple[str, ...] = ()
    full: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Upright (H, W) of the file's image, in pixels."""
        return self.full or (self.pixels.shape[0], self.pixels.shape[1])


def read_image(
    path_or_bytes: str | os.PathLike[str] | bytes,
    *,
    name: str | None = None,
    max_pixels: int = MAX_PIXELS,
    enough: int | None = None,
) -> Picture:
    """Read one image from a file, or from the bytes of one.

    See :func:`decode_image` for what is read and how.

    Args:
        path_or_bytes: a path, or the content itself.
        name: for messages; the path where not given.
        max_pixels: larger images (width × height) are refused.
        enough: see :func:`decode_image`.

    Raises:
        ImageError: the file is missing, unreadable, or holds no image that can be decoded.

    >>> read_image(b"P5 2 1 255 \\x00\\xff").pixels[..., 0].tolist()
    [[0, 255]]
    """
    if isinstance(path_or_bytes, bytes):
        data, name = path_or_bytes, name or "<bytes>"
    else:
        path = os.fspath(path_or_bytes)
        name = name or path
        data = _read_file(path, name)
    return decode_image(data, name, max_pixels=max_pixels, enough=enough)


def decode_image(
    data: bytes, name: str, *, max_pixels: int = MAX_PIXELS, enough: int | None = None
) -> Picture:
    """Decode the bytes of an image file.

    JPEG, PNG, WebP, GIF, BMP, TIFF and PNM, of every colour mode; the first frame or page where
    there are several. The file's content decides, not its name. In this order: numbers deeper
    than 8 bits are scaled (see :func:`pellucid.images.depth.scaling`), colours are converted to
    sRGB, transparent pixels are laid over white, the EXIF orientation is carried out. Gray data
    stays one channel. Safe to call from several threads.

    Args:
        data: the whole file.
        name: for messages.
        max_pixels: larger images (width × height) are refused before decoding.
        enough: a picture of at least this height and width will do: a JPEG is then decoded at a
            half, a quarter, … (n/8) of its size by leaving out its high frequencies. All of the
            file is still read, so damage shows.

    Raises:
        ImageError: with the fault ``empty``, ``truncated``, ``broken``, ``not-an-image``,
            ``bomb`` or ``non-finite``.

    >>> picture = decode_image(b"P6 1 1 255 \\x00\\x80\\xff", "dot.ppm")
    >>> picture.pixels.tolist(), picture.format, picture.mode
    ([[[0, 128, 255]]], 'PPM', 'RGB')
    """
    if not data:
        raise image_error(name, "empty")
    format = _format(data, name)
    raw = None
    if format == "JPEG":
        raw = decode_jpeg(data, name, max_pixels, enough)
    elif format == "PNG":
        raw = decode_png(data, name, max_pixels)
    if raw is None:
        # Pillow costs its start-up only where it is needed.
        from pellucid.images.pillow import decode_with_pillow

        raw = decode_with_pillow(data, format, name, max_pixels)
    pixels, notes = finish(raw)
    full = raw.full if raw.full is None or raw.orientation < SIDEWAYS else raw.full[::-1]
    return Picture(pixels, raw.format, raw.mode, digest_of(data), notes, full)


def digest_of(data: bytes) -> bytes:
    """16-byte BLAKE2b of some bytes.

    >>> digest_of(b"").hex()
    'cae66941d9efbd404e4d88758ea67670'
    """
    return blake2b(data, digest_size=16).digest()


def _read_file(path: str, name: str) -> bytes:
    try:
        # Plain system calls: a file object costs more than reading a small photograph.
        descriptor = os.open(path, _READ)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):  # it may never end
                raise image_error(name, "unreadable", "it is a pipe or device, not a file")
            return _read_all(descriptor, status.st_size)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise image_error(name, "missing") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise image_error(name, "unreadable", reason) from error


def _read_all(descriptor: int, size: int) -> bytes:
    """The content to its end: one call gives at most 2 GiB, and the size may have changed."""
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    blocks = [data]
    while blocks[-1]:
        blocks.append(os.read(descriptor, size + 1))
    return b"".join(blocks)


def _format(data: bytes, name: str) -> str:
    """The format by the first bytes."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    for signature, format in _SIGNATURES:
        if data.startswith(signature):
            return format
    for start, signature, format in _UNSUPPORTED:
        if data.startswith(signature, start):
            raise image_error(name, "broken", f"{format} is not read by Pellucid")
    raise image_error(name, "not-an-image", f"it starts with {data[:12]!r}")


def finish(raw: Raw) -> tuple[Pixels, tuple[str, ...]]:
    """Colours to sRGB, alpha over white, upright; and the notes on it."""
    notes = list(raw.notes)
    pixels, note = to_srgb(raw.values, raw.profile)
    if note:
        notes.append(note)
    if raw.alpha is not None and raw.alpha.min() < 255:
        pixels = _over_white(pixels, raw.alpha)
        notes.append("alpha over white")
    if raw.orientation > 1:
        pixels = upright(pixels, raw.orientation)
        notes.append(ROTATED)
    return np.ascontiguousarray(pixels), tuple(notes)


def _over_white(pixels: Pixels, alpha: Pixels) -> Pixels:
    """(v·a + 255·(255 - a)) / 255, rounded to nearest; every step fits 16 bits."""
    opacity = alpha[..., None].astype(np.uint16)
    mixed = pixels * opacity + 255 * (255 - opacity)
    return ((mixed + 127) // 255).astype(np.uint8)
