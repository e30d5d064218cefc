"""Keep decoders' own warnings from the user: what matters is raised or noted by Pellucid."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class _PillowWarnings:
    """Ignore Pillow's warnings while at least one thread decodes.

    ``warnings.catch_warnings`` saves and restores a global list, so two threads that overlap
    may restore each other's state; here only the first one in saves and the last one out
    restores.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._saved = warnings.catch_warnings()

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._saved.__exit__(None, None, None)


_pillow = _PillowWarnings()


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Within the block Pillow's warnings are not shown, nor raised under ``-W error``."""
    _pillow.enter()
    try:
        yield
    finally:
        _pillow.leave()


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Within the block OpenCV prints nothing to stderr."""
    from cv2.utils import logging

    level = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        logging.setLogLevel(level)
