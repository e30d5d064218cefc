"""The look of the rooms about a network, beside what all rooms have."""

from contextlib import AbstractContextManager
from typing import Any

from nicegui import ui

from pellucid.studio.parts import WEB


def add_look() -> None:
    """Add ``web/rooms.css`` to the page."""
    ui.add_css(WEB / "rooms.css")


def waiting() -> ui.label:
    """A sentence that is seen until the page has something to show; the caller hides it then."""
    words = "The network is loading: the first time takes some seconds…"
    return ui.label(words).classes("caption").props('role="status"')


def form_columns() -> AbstractContextManager[Any]:
    """As ``controls.columns``, with the controls on the left: what they set comes only later."""
    return ui.element("div").classes("columns form")


def wide_columns() -> AbstractContextManager[Any]:
    """As ``controls.columns``, with room for tables on the right."""
    return ui.element("div").classes("columns wide")
