"""The choice of a picture: a bundled one, or one's own from a file, dropped or pasted."""

from collections.abc import Callable, Mapping

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.studio.parts import ESM, WEB


class Chooser(ui.element, component=WEB / "chooser.js", esm=ESM):
    """A list of pictures, a button for files, and the whole page to drop on and paste into.

    Args:
        choose: called with the name of the picture that was chosen.
    """

    def __init__(self, choose: Callable[[str], None]) -> None:
        super().__init__()

        def chosen(event: GenericEventArguments) -> None:
            choose(str(event.args))

        self.on("choose", chosen)

    def offer(self, pictures: Mapping[str, str], chosen: str) -> None:
        """What there is, by name with titles, and which one is in use."""
        self._props["pictures"] = [{"name": name, "title": pictures[name]} for name in pictures]
        self._props["chosen"] = chosen
        self.update()
