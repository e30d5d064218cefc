"""A picture of which a part is covered: people drag the patch over it."""

from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.studio.parts import ESM, WEB


class Patch(ui.element, component=WEB / "patch.js", esm=ESM):
    """The picture with the patch.

    Args:
        label: what it shows, for screen readers.
        move: called with (top, left) whenever the patch is moved; call :meth:`answered` when the
            page shows what follows, then the next place is told.
        rest: called with (top, left) when it is let go.
    """

    def __init__(
        self, label: str, move: Callable[[int, int], None], rest: Callable[[int, int], None]
    ) -> None:
        super().__init__()
        self._props["label"] = label

        def called(react: Callable[[int, int], None]) -> Callable[[GenericEventArguments], None]:
            return lambda event: react(int(event.args["top"]), int(event.args["left"]))

        self.on("move", called(move))
        self.on("rest", called(rest))

    def show(
        self,
        src: str,
        cover: str,
        shape: tuple[int, int],
        patch: tuple[int, int],
        place: tuple[int, int],
    ) -> None:
        """Show another picture or patch.

        Args:
            src: address of the picture.
            cover: of what is seen where it is covered, as large.
            shape: (H, W) of both.
            patch: (height, width) of the patch.
            place: (top, left) of it; top −1: nothing is covered yet.
        """
        self._props.update(src=src, cover=cover, shape=shape, patch=patch, place=place)
        self.update()

    def answered(self) -> None:
        """The page shows what followed from the last place."""
        self.run_method("answered")
