"""The look of the rooms about a network, beside what all rooms have."""

from nicegui import ui

from pellucid.studio.parts import WEB


def add_look() -> None:
    """Add ``web/rooms.css`` to the page."""
    ui.add_css(WEB / "rooms.css")
