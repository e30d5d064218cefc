"""What the shades of a picture stand for."""

from nicegui import ui

from pellucid.images.scale import Scale, number


class Legend(ui.element):
    """A strip of shades with the numbers at its ends and, where it is signed, zero."""

    def __init__(self) -> None:
        super().__init__("div")
        self.classes("legend")
        with self:
            self._low = ui.label()
            self._strip = ui.element("i")
            self._high = ui.label()

    def show(self, scale: Scale) -> None:
        """Another scale."""
        self._low.set_text(number(scale.low))
        self._high.set_text(number(scale.high))
        self._strip.classes(replace="signed" if scale.signed else "plain")
