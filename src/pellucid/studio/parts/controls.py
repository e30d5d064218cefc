"""Controls that look alike and have labels: NiceGUI's, dressed by ``web/studio.css``."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

T = TypeVar("T")


def columns() -> AbstractContextManager[Any]:
    """What is seen on the left, what is set on the right; one below the other on a phone."""
    return ui.element("div").classes("columns")


def stage() -> AbstractContextManager[Any]:
    """The left one."""
    return ui.element("div").classes("stage")


def panel(title: str) -> AbstractContextManager[Any]:
    """A group of controls with a heading."""
    made = ui.element("section").classes("panel")
    with made:
        heading(title)
    return made


def part(title: str) -> AbstractContextManager[Any]:
    """A part of the page with a heading, over its whole width."""
    made = ui.element("section").classes("part")
    with made:
        heading(title)
    return made


def heading(words: str) -> ui.label:
    """Of a part of the page."""
    return ui.label(words).props("role=heading aria-level=2").classes("heading")


def choose(
    label: str, options: Mapping[T, str] | Sequence[T], value: T, react: Callable[[T], None]
) -> ui.select:
    """One of several, from a list that opens; a mapping has a title for each."""
    offered = dict(options) if isinstance(options, Mapping) else list(options)
    made = ui.select(offered, label=label, value=value, on_change=_of(react))
    return made.props("outlined dense options-dense").classes("control")


def switch(label: str, value: bool, react: Callable[[bool], None]) -> ui.switch:
    """On or off."""
    return ui.switch(label, value=value, on_change=_of(react)).classes("control")


def slide(
    label: str,
    least: float,
    most: float,
    value: float,
    react: Callable[[float], None],
    *,
    step: float = 1,
    unit: str = "",
) -> ui.slider:
    """A number by a slider, written beside it."""
    with ui.element("div").classes("slide"):
        ui.label(label).classes("name")
        shown = ui.label(_number(value, unit)).classes("value")

        def change(number: float) -> None:
            shown.set_text(_number(number, unit))
            react(number)

        made = ui.slider(min=least, max=most, step=step, value=value, on_change=_of(change))
        made.props(f'aria-label="{label}"')
    return made


def whole(label: str, least: int, most: int, value: int, react: Callable[[int], None]) -> ui.number:
    """A whole number to type or step."""

    def change(number: float | None) -> None:
        if number is not None and least <= number <= most and number == int(number):
            react(int(number))

    made = ui.number(label, min=least, max=most, step=1, value=value, on_change=_of(change))
    return made.props("outlined dense").classes("control short")


def typed(label: str, value: str, react: Callable[[str], None], *, lines: bool = False) -> Any:
    """A text; taken when it is left, or with Enter where it is one line."""
    made = ui.textarea(label, value=value) if lines else ui.input(label, value=value)
    made.props("outlined dense").classes("control typed")
    made.on("blur", lambda: react(made.value or ""))
    if not lines:
        made.on("keydown.enter", lambda: react(made.value or ""))
    return made


def press(label: str, react: Callable[[], Any], *, main: bool = False) -> ui.button:
    """A button; the main one of a page is filled."""
    made = ui.button(label, on_click=react, color=None).props("no-caps unelevated")
    return made.classes("press main" if main else "press")


def _of(react: Callable[[Any], None]) -> Callable[[ValueChangeEventArguments[Any]], None]:
    return lambda event: react(event.value)


def _number(value: float, unit: str) -> str:
    return f"{value:g}{unit}".replace("-", "−")
