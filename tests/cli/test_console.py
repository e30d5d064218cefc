"""What is printed where: the progress bar on a terminal, plain lines elsewhere."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pellucid.cli import console

WORK = """
import sys, time
from pellucid.cli.console import progress, say, tell
with progress(4, "counting") as advance:
    for number in range(4):
        advance(1)
        time.sleep(0.15)
        if number == 1:
            say("half [way] \\x1b")
            print("result", flush=True)
"""


def on_a_terminal(code: str, **environment: str) -> tuple[str, str]:
    """stdout (a pipe) and stderr (a terminal) of a process."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=theirs, text=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
    )  # fmt: skip
    os.close(theirs)
    shown = b"".join(read_all(ours))
    os.close(ours)
    printed, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    return printed, shown.decode()


def read_all(descriptor: int) -> Iterator[bytes]:
    try:
        while block := os.read(descriptor, 4096):
            yield block
    except OSError:  # Linux's way to say that the other side of a terminal is closed
        return


def test_bar_on_a_terminal() -> None:
    printed, shown = on_a_terminal(WORK)
    assert printed == "result\n"
    assert "counting" in shown
    assert "4/4" in shown
    assert "/s" in shown
    assert "half [way] \\x1b" in shown


def test_no_colour() -> None:
    _, shown = on_a_terminal("from pellucid.cli.console import complain; complain('no')")
    assert "\x1b[31mno" in shown
    _, shown = on_a_terminal(
        "from pellucid.cli.console import complain; complain('no')", NO_COLOR="1"
    )
    assert shown == "no\r\n"


def test_silent_when_short_and_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress(3, "counting") as advance:
        advance(3)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("total", "line"),
    [
        (8677, "decoding: 1,000 of 8,677 (12%), 100/s, 77 s left\n"),
        (None, "decoding: 1,000, 100/s\n"),
    ],
)
def test_plain_lines_now_and_then(
    total: int | None, line: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    now = [0.0]
    monkeypatch.setattr(console, "monotonic", lambda: now[0])
    with console.progress(total, "decoding") as advance:
        for second in range(1, 13):
            now[0] = float(second)
            advance(100)
            if second == 9:
                assert capsys.readouterr().err == ""
    assert capsys.readouterr().err == line


def test_long_lines_are_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("x" * 500)
    console.tell("y" * 500)
    assert capsys.readouterr() == ("y" * 500 + "\n", "x" * 500 + "\n")
