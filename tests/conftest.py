"""What all tests share."""

import signal


def pytest_configure() -> None:
    """Let Ctrl-C reach the processes that tests start, as it reaches a user's.

    A shell starts its background jobs with it ignored, and all that they start inherits that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
