"""How much memory a piece of work takes at its peak, as the system counts it."""

from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class PeakMemory:
    """Growth of this process's resident memory, from now on, at its highest.

    Linux keeps the highest mark and resets it on request (``man 5 proc``: ``VmHWM`` in ``status``,
    5 to ``clear_refs``). Memory that the process held and freed before is taken again without
    showing, so only the figure of a fresh process is the work's own.
    """

    def __init__(self) -> None:
        self._before: int | None = None
        try:
            _RESET.write_text("5")
            self._before = _resident("VmRSS")
        except OSError:
            pass

    def growth(self) -> int | None:
        """Bytes; None where the system does not tell.

        >>> peak = PeakMemory()
        >>> growth = (bytearray(50_000_000), peak.growth())[1]
        >>> growth is None or 40_000_000 < growth < 100_000_000
        True
        """
        return None if self._before is None else max(0, _resident("VmHWM") - self._before)


def _resident(field: str) -> int:
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(lines[field].split()[0]) * 1024
