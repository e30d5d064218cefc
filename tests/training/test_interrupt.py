"""The first Ctrl-C asks, the second insists, and the handler before comes back."""

import os
import signal
import threading

import pytest

from pellucid.training.learning.interrupt import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_asks_and_the_second_insists(number: int) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruptible() as stopped:
        assert not stopped()
        os.kill(os.getpid(), number)
        assert stopped()
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_elsewhere_than_in_the_main_thread_it_never_says_yes() -> None:
    said = []

    def work() -> None:
        with interruptible() as stopped:
            said.append(stopped())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert said == [False]
