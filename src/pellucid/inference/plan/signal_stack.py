"""The memory on which signal handlers of a thread run, left as it was."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _Stack(ctypes.Structure):
    """``stack_t`` of <signal.h> on Linux."""

    _fields_ = (
        ("address", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("size", ctypes.c_size_t),
    )


@contextmanager
def kept_signal_stack() -> Iterator[None]:
    """Give this thread back the alternate signal stack that it had before.

    A model compiled by OpenVINO leaves the thread a stack of its own, and takes it away, with the
    one before put back, when the model is freed. Models freed in the order of their making thus
    leave the stack of a freed one, and the next Ctrl-C ends in a segmentation fault. With the
    stack put back at once, each model finds, and puts back, the thread's own.

    >>> with kept_signal_stack():
    ...     pass
    """
    if sys.platform != "linux":  # where the fault was seen, and where stack_t is as above
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    before = _Stack()
    libc.sigaltstack(None, ctypes.byref(before))
    try:
        yield
    finally:
        libc.sigaltstack(ctypes.byref(before), None)
