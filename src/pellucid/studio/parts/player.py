"""Steps through the outputs of a window, by hand or by itself."""

from collections.abc import Callable

from nicegui import ui

from pellucid.studio.parts import controls

#: Seconds between two steps at the slowest.
_SLOWEST = 1.0


class Player:
    """Buttons for one step back and ahead, for play and pause, and the pace.

    Args:
        go: called with (y, x) of the output to look at.
        stay: called with it when the play is paused or stepped by hand.
    """

    def __init__(self, go: Callable[[int, int], None], stay: Callable[[int, int], None]) -> None:
        self._go, self._stay = go, stay
        self._shape, self._at = (0, 0), -1
        with ui.element("div").classes("player").props('role=group aria-label="Slide the kernel"'):
            controls.press("◀ Step", lambda: self._by_hand(-1))
            self._button = controls.press("▶ Play", self._toggle, main=True)
            controls.press("Step ▶", lambda: self._by_hand(1))
            controls.slide("Steps a second", 1, 20, 4, self._pace)
        self._timer = ui.timer(_SLOWEST / 4, self._tick, active=False, immediate=False)

    def over(self, shape: tuple[int, int], at: tuple[int, int]) -> None:
        """Start anew over an output of another shape.

        Args:
            shape: (H', W').
            at: (y, x) to begin with; y −1: nowhere yet.
        """
        self._shape = shape
        y, x = at
        inside = 0 <= y < shape[0] and 0 <= x < shape[1]
        self._at = y * shape[1] + x if inside else -1
        if inside:
            self._go(y, x)

    def _place(self) -> tuple[int, int]:
        return divmod(self._at, self._shape[1])

    def _step(self, by: int) -> bool:
        count = self._shape[0] * self._shape[1]
        if not count:
            return False
        self._at = (self._at + by) % count
        self._go(*self._place())
        return self._at < count - 1

    def _by_hand(self, by: int) -> None:
        self._pause()
        if self._shape[0] * self._shape[1]:
            self._step(by)
            self._stay(*self._place())

    def _toggle(self) -> None:
        if self._timer.active:
            self._pause()
            if self._at >= 0:  # else it has not taken its first step
                self._stay(*self._place())
        else:
            self._button.set_text("❚❚ Pause")
            self._timer.activate()

    def _pause(self) -> None:
        self._button.set_text("▶ Play")
        self._timer.deactivate()

    def _tick(self) -> None:
        if not self._step(1):
            self._pause()

    def _pace(self, steps: float) -> None:
        self._timer.interval = _SLOWEST / steps
