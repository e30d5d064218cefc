"""Every image that is not an ordinary JPEG, through Pillow (imported with this module)."""

import re
from importlib import import_module
from io import BytesIO
from typing import Any

import numpy as np
from PIL import ImageCms

from pellucid.errors import ImageError
from pellucid.images.deep import decode_deep_tiff, decode_values, tiff_header, tiff_is_cut
from pellucid.images.depth import Scaling, scaling, split_alpha
from pellucid.images.orientation import exif_orientation
from pellucid.images.quiet import quiet_pillow
from pellucid.images.raw import ROTATED, Pixels, Raw, image_error, refuse_bomb

#: Called directly: ``Image.open`` would also try formats that run other programs (EPS), and has
#: its own, looser size limit.
_PLUGINS = {
    "JPEG": ("JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PngImagePlugin", "PngImageFile"),
    "GIF": ("GifImagePlugin", "GifImageFile"),
    "BMP": ("BmpImagePlugin", "BmpImageFile"),
    "WEBP": ("WebPImagePlugin", "WebPImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"),
    "PPM": ("PpmImagePlugin", "PpmImageFile"),
}
#: How a whole file ends, but for some bytes that programs append.
_ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND", "GIF": b"\0;"}
_CUT = re.compile(r"truncat|unexpected end|reached eof|end of file|not large enough", re.I)
_MODES = {"1": "1-bit", "L": "gray", "LA": "gray+alpha", "P": "palette", "PA": "palette"}


def decode_with_pillow(data: bytes, format: str, name: str, max_pixels: int) -> Raw:
    """Decode a whole file of a known format.

    Raises:
        ImageError: ``truncated``, ``broken``, ``bomb`` or ``non-finite``.
    """
    try:
        with quiet_pillow():
            if format == "TIFF":
                header = tiff_header(data)
                if header.deep:
                    return decode_deep_tiff(data, header, name, max_pixels)
            return _decode(data, format, name, max_pixels)
    except ImageError:
        raise
    except MemoryError as error:
        raise image_error(name, "bomb", "it needs more memory than there is") from error
    except Exception as error:  # Pillow raises nearly every built-in exception on damaged files
        fault = "truncated" if _is_cut(data, format, error) else "broken"
        raise image_error(name, fault, str(error) or type(error).__name__) from error


def _decode(data: bytes, format: str, name: str, max_pixels: int) -> Raw:
    module, plugin = _PLUGINS[format]
    with getattr(import_module(f"PIL.{module}"), plugin)(BytesIO(data)) as image:
        refuse_bomb(image.width, image.height, max_pixels, name)
        tiles = list(image.tile)
        if format == "PPM" and (tiles[0].codec_name == "ppm" or tiles[0].args == "I;16B"):
            return _scaled_pnm(data, image, tiles[0])
        rotation = _orientation(image)
        image.load()
        if image.mode in ("RGB", "RGBA") and tiles and str(tiles[0].args).endswith(";16B"):
            values, alpha, mode = _deep_png(data, tiles[0].args)
            notes: tuple[str, ...] = ()
        else:
            values, alpha, mode, notes = _channels(image, name)
        if format == "TIFF":  # Pillow has carried out the rotation
            notes += (ROTATED,) if rotation > 1 else ()
            rotation = 1
        else:  # PNG may have its EXIF after the pixels
            rotation = exif_orientation(image.info.get("exif"))
        profile = None if image.mode == "LAB" else image.info.get("icc_profile")
        return Raw(values, format, mode, alpha, rotation, profile, notes)


def _orientation(image: Any) -> int:
    """A TIFF's own orientation tag, before loading; 1 elsewhere."""
    value = getattr(image, "tag_v2", {}).get(274, 1)
    return value if value in range(1, 9) else 1


def _scaled_pnm(data: bytes, image: Any, tile: Any) -> Raw:
    """PGM or PPM whose largest value is not 255: Pillow would scale it number by number."""
    limit = tile.args[1] if tile.codec_name == "ppm" else 65535
    channels = 3 if image.mode == "RGB" else 1
    dtype = np.dtype(">u2" if limit > 255 else "u1")
    count = image.height * image.width * channels
    if len(data) - tile.offset < count * dtype.itemsize:
        raise EOFError("unexpected end of file")
    values = np.frombuffer(data, dtype, count, tile.offset)
    pixels = Scaling(0, limit).apply(values.reshape(image.height, image.width, channels))
    color = "RGB" if channels == 3 else "gray"
    return Raw(pixels, "PPM", color + ("16" if limit > 255 else ""))


def _deep_png(data: bytes, rawmode: str) -> tuple[Pixels, Pixels | None, str]:
    """16-bit colour or alpha, once Pillow has found the file to be whole."""
    values = decode_values(data)
    colors, alpha, mode = split_alpha(values, Scaling(0, 65535))
    if rawmode.startswith("LA"):
        return colors[..., :1], alpha, "gray16+alpha"
    return colors, alpha, mode


def _channels(image: Any, name: str) -> tuple[Pixels, Pixels | None, str, tuple[str, ...]]:
    """A loaded Pillow image as colours (H, W, C), alpha, mode and notes."""
    stored = image.mode
    mode = _MODES.get(stored, stored)
    if stored.startswith("I;16"):
        return _gray16(image)
    if stored in ("I", "F"):
        numbers = np.asarray(image)
        rule = Scaling(0, 65535) if image.format == "PPM" and stored == "I" else None
        rule = rule or scaling(name, numbers)
        mode = "float32" if stored == "F" else "gray16" if image.format == "PPM" else "int32"
        return rule.apply(numbers)[..., None], None, mode, (rule.note,) if rule.note else ()
    clear = image.has_transparency_data
    if stored == "CMYK":
        return np.asarray(image), None, mode, ()
    if stored == "LAB":
        image = ImageCms.profileToProfile(
            image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
        return np.asarray(image), None, mode, ()
    gray = stored in ("1", "L", "LA", "La")
    target = ("LA" if clear else "L") if gray else ("RGBA" if clear else "RGB")
    values = np.asarray(image if stored == target else image.convert(target))
    if values.ndim == 2:
        values = values[..., None]
    colors = values[..., : 1 if gray else 3]
    if stored == "P" and (colors[..., :1] == colors).all():
        colors = colors[..., :1]  # a palette of grays: GIF has no other way to store gray data
    return colors, values[..., -1] if clear else None, mode, ()


def _gray16(image: Any) -> tuple[Pixels, Pixels | None, str, tuple[str, ...]]:
    """Gray of 16 bits, or of 12 in a TIFF; a PNG may name one value that is transparent."""
    bits = max(getattr(image, "tag_v2", {}).get(258, (16,)))
    values = np.asarray(image)
    pixels = Scaling(0, 2**bits - 1).apply(values)[..., None]
    clear = image.info.get("transparency")
    alpha = None if clear is None else np.where(values == clear, 0, 255).astype(np.uint8)
    return pixels, alpha, f"gray{bits}", ()


def _is_cut(data: bytes, format: str, error: Exception) -> bool:
    """Whether a file that could not be decoded ends too early."""
    if format == "WEBP":
        return len(data) < 12 or len(data) < 8 + int.from_bytes(data[4:8], "little")
    if format == "TIFF":
        return tiff_is_cut(data)
    if format in _ENDS and _ENDS[format] not in data[-64:]:
        return True
    return isinstance(error, EOFError) or _CUT.search(str(error)) is not None
