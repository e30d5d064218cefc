"""From an image of the data set to the why room."""

from urllib.parse import urlencode

from nicegui import ui

from pellucid.studio.photos import Photo
from pellucid.studio.rooms.data.state import DataState
from pellucid.studio.visit import Visit


def open_photo(visit: Visit[DataState], photo: Photo, answer: str = "", truth: str = "") -> None:
    """Take an image into the session and ask why.

    Args:
        visit: of the room.
        photo: the image.
        answer: the class that the network said; empty: whichever it is.
        truth: the class that it is compared with; empty: none.
    """
    visit.session.photos.put(photo.name, photo, photo.pixels.nbytes)
    asked = {"picture": photo.name}
    if answer and answer != truth:
        asked |= {"target": answer, "against": truth}
    ui.navigate.to(f"/why?{urlencode(asked)}")
