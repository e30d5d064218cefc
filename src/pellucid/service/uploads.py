"""The images of a request: raw bytes with an image's content type, or the files of a form.

A body is read into memory up to the limit and nothing is written to disk.
"""

from collections.abc import AsyncGenerator
from typing import NamedTuple

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from pellucid.service.gate import Held
from pellucid.service.limits import Limits
from pellucid.service.problem import ProblemError
from pellucid.text import counted

_RAW = ("image/", "application/octet-stream")
_FORM = "multipart/form-data"
#: Bytes of a refused body that are still read, so that its sender gets to read the answer.
_LINGER = 64 * 2**20


class Upload(NamedTuple):
    """One image as it came.

    Attributes:
        name: of the file; ``image`` where it had none.
        data: its content.
    """

    name: str
    data: bytes


async def read_uploads(request: Request, limits: Limits, held: Held) -> list[Upload]:
    """Read all images of a request.

    Args:
        request: with a body still to be read.
        limits: of bytes and files.
        held: accounts for the bytes; they are in memory until it is let go.

    Raises:
        ProblemError: ``media-type``, ``too-large``, ``too-many-files``, ``no-file``,
            ``malformed`` or ``busy``.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM and not kind.startswith(_RAW):
        await linger(request)
        found = f"'{kind}'" if kind else "none"
        raise ProblemError(
            "media-type",
            f"expected the content type image/… or {_FORM}, found {found}: send the bytes of one "
            "picture as image/jpeg, or a form with files.",
        )
    body = await _read_body(request, limits, held)
    uploads = await _read_form(request, body, limits) if kind == _FORM else [_raw(body)]
    if not uploads:
        raise ProblemError("no-file", "expected at least one file in the form, found none.")
    return uploads


def _raw(body: bytes) -> Upload:
    if not body:
        raise ProblemError("no-file", "expected the bytes of a picture, found an empty body.")
    return Upload("image", body)


async def _read_body(request: Request, limits: Limits, held: Held) -> bytes:
    announced = request.headers.get("content-length", "")
    blocks: list[bytes] = []
    too_large = announced.isdecimal() and int(announced) > limits.bytes
    if not too_large:
        async for block in request.stream():
            if held.bytes + len(block) > limits.bytes:
                too_large = True
                break
            held.add(len(block))
            blocks.append(block)
    if too_large:
        await linger(request)
        raise ProblemError(
            "too-large",
            f"expected at most {limits.bytes:,} bytes in a request, found more: send fewer or "
            "smaller pictures.",
        )
    return b"".join(blocks)


async def linger(request: Request) -> None:
    """Read on for a while what is not wanted: who is still sending would not hear the answer."""
    left = _LINGER
    async for block in request.stream():
        left -= len(block)
        if left < 0:
            return


async def _read_form(request: Request, body: bytes, limits: Limits) -> list[Upload]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    # One more than allowed: the parser's own sentence would not say what the limit is called.
    parser = MultiPartParser(
        request.headers, stream(), max_files=limits.files + 1, max_fields=limits.files
    )
    parser.spool_max_size = len(body) + 1  # nothing is written to disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if error.message.startswith("Too many files"):
            raise _too_many(limits) from error
        raise ProblemError(
            "malformed", f"expected a form as its content type says: {error.message.rstrip('.')}."
        ) from error
    except (KeyError, ValueError, LookupError) as error:
        raise ProblemError(
            "malformed", f"expected a form as its content type says, found damage ({error!r})."
        ) from error
    try:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if len(files) > limits.files:
            raise _too_many(limits)
        return [Upload(file.filename or "image", await file.read()) for file in files]
    finally:
        await form.close()


def _too_many(limits: Limits) -> ProblemError:
    allowed = counted(limits.files, "file")
    return ProblemError(
        "too-many-files", f"expected at most {allowed} in a request, found more: send several."
    )
