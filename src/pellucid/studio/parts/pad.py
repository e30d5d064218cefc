"""A pad to draw on, and a camera: both give pictures as they change."""

import base64
import binascii
from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.errors import PellucidError
from pellucid.images import Picture, decode_image
from pellucid.studio.parts import ESM, WEB

#: Of one picture, in pixels.
_MOST = 1_000_000


class _Giving(ui.element):
    """Something that gives pictures as data URLs.

    Args:
        take: called with each picture; the next one comes when it returns.
        say: told what is wrong.
    """

    def __init__(self, take: Callable[[Picture], None], say: Callable[[str], None]) -> None:
        super().__init__()

        def given(event: GenericEventArguments) -> None:
            try:
                take(_picture(str(event.args)))
            except PellucidError as error:
                say(str(error))
            finally:
                self.run_method("answered")

        self.on("picture", given)
        self.on("problem", lambda event: say(str(event.args)))


class Pad(_Giving, component=WEB / "pad.js", esm=ESM):
    """A black square to draw on in white, as handwritten digits and garments are stored."""


class Camera(_Giving, component=WEB / "camera.js", esm=ESM):
    """The camera of this device, if the browser allows it."""


def _picture(data: str) -> Picture:
    """The picture of a data URL.

    Raises:
        ImageError: it is none.
    """
    try:
        content = base64.b64decode(data.partition(",")[2], validate=True)
    except binascii.Error:
        content = b""
    return decode_image(content, "the picture", max_pixels=_MOST)
