"""What stands around every room: its name, the list of rooms, the choice of a picture.

The header is plain HTML in the page: it is painted before any script runs.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from pellucid.errors import PellucidError
from pellucid.studio.model import Network
from pellucid.studio.parts.chooser import Chooser
from pellucid.studio.room import Room
from pellucid.studio.session import Session
from pellucid.studio.state import State, read_state
from pellucid.studio.visit import Visit


def open_room(
    room: Room[Any],
    rooms: Sequence[Room[Any]],
    query: Mapping[str, str],
    session: Session,
    network: Network,
) -> None:
    """Make the page of a room, in the state that its address says.

    Args:
        room: to open.
        rooms: all there are, in order.
        query: of the address.
        session: of the browser.
        network: that the studio was opened with.
    """
    state, notes = read_state(room.state, query)
    ui.add_head_html(_head())
    ui.add_body_html(_header(room, rooms, state))
    with ui.element("div").classes("room").props('id="room"'):
        visit = Visit(state, session, room.path, network)
        if not room.narrow:
            _chooser(visit)
        try:
            room.build(visit)
        except PellucidError as error:
            notes = (*notes, str(error))
    visit.check_photo()
    for note in notes:
        visit.say(note)


def _chooser(visit: Visit[Any]) -> None:
    def offer() -> None:
        chooser.offer(visit.session.titles(), visit.photo.name)

    def choose(name: str) -> None:
        visit.change(picture=name)
        visit.check_photo()

    chooser = Chooser(choose)
    visit.on_change(offer, "picture")
    offer()


@cache
def _asset(name: str) -> str:
    return (files("pellucid.studio") / "web" / name).read_text("utf-8")


def _head() -> str:
    return f"<style>{_asset('studio.css')}</style><script>{_asset('head.js')}</script>"


def _header(room: Room[Any], rooms: Sequence[Room[Any]], state: State) -> str:
    query = "" if state.picture == State.picture else f"?{urlencode({'picture': state.picture})}"
    here = {True: ' aria-current="page"', False: ""}
    links = "".join(
        f'<li><a href="{escape(each.path + query)}" data-room="{each.path}"{here[each is room]}>'
        f"{escape(each.title)}</a></li>"
        for each in rooms
    )
    return (
        '<a class="skip" href="#room">To the room</a>'
        '<header><div class="top"><a class="mark" href="/">Pellucid</a>'
        f'<nav aria-label="Rooms"><ul>{links}</ul></nav>'
        '<button type="button" class="theme" onclick="pellucid.turn()" '
        'aria-label="Light or dark" title="Light or dark"></button></div>'
        f'<div class="lead"><h1>{escape(room.title)}</h1><p>{escape(room.lead)}</p></div></header>'
    )
