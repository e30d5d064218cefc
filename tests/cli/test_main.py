"""The frame: help, versions, exit codes, sentences for errors, Ctrl-C, closed pipes, completion."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import pellucid
from pellucid.cli.main import COMMANDS, run
from pellucid.errors import DataError, RunError, UsageError

from .conftest import FakeApi


def script(*words: str, **options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pellucid", *words],
        capture_output=True, text=True, check=False, env={**os.environ, **options},
    )  # fmt: skip


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"pellucid {pellucid.__version__}\n"


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_names_every_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 0
    printed = capsys.readouterr().out
    assert "Examples:" in printed
    for name in COMMANDS:
        assert f"\n  {name} " in printed


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    printed = capsys.readouterr().out
    assert f"\n    pellucid {name}" in printed
    assert "Usage: pellucid " + name in printed


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["trian"], "unknown command 'trian'; did you mean 'train'?"),
        (["--verison"], "Did you mean --version? See 'pellucid --help'."),
        (["train", "x", "--epoch", "3"], "Did you mean --epochs? See 'pellucid train --help'."),
        (["train", "x", "--epochs", "many"], "'--epochs'"),
        (["train", "x", "--color", "grey"], "'auto', 'gray', 'rgb'"),
        (["evaluate", "x"], "Missing argument 'DATA'. See 'pellucid evaluate --help'."),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (DataError("expected images in x, found none."), 1, "expected images in x, found none.\n"),
        (RunError("two\nlines \x1b[31m"), 1, "two\\nlines \\x1b[31m\n"),
        (UsageError("no such model."), 2, "no such model.\n"),
        (PermissionError(13, "Permission denied", "/x/y"), 1, "/x/y: Permission denied.\n"),
        (ZeroDivisionError("by 0"), 1, "Unexpected ZeroDivisionError: by 0. Set PELLUCID_DEBUG=1"),
        (KeyboardInterrupt(), 130, "Stopped by Ctrl-C.\n"),
    ],
)
def test_errors(
    error: BaseException, code: int, sentence: str, api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.fails = error
    assert run(["train", "photos"]) == code
    printed = capsys.readouterr().err
    assert printed.startswith(sentence)
    assert "Traceback" not in printed


@pytest.mark.parametrize("words", [["--debug", "train", "photos"], ["train", "photos"]])
def test_debug_shows_the_traceback(
    words: list[str], api: FakeApi, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("PELLUCID_DEBUG", "0" if "--debug" in words else "1")
    api.fails = DataError("nothing there.")
    assert run(words) == 1
    printed = capsys.readouterr().err
    assert "Traceback" in printed
    assert printed.endswith("\nnothing there.\n")


def test_red_only_where_wanted() -> None:
    forced = script("nothing", FORCE_COLOR="1")
    assert forced.stderr.startswith("\x1b[31m")
    plain = script("nothing", FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b[31m" not in plain.stderr


def test_ctrl_c_in_a_process_of_its_own(tmp_path: Path) -> None:
    code = (
        "import sys, time, types, pellucid; from pellucid.cli.main import main\n"
        "def load(run, **options):\n print('ready', flush=True); time.sleep(30)\n"
        "pellucid.api = sys.modules['pellucid.api'] = types.SimpleNamespace(load=load)\n"
        "sys.argv = ['pellucid', 'predict', 'run', 'x.png']; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=20)
    assert process.returncode == 130
    assert printed == "Stopped by Ctrl-C.\n"


@pytest.mark.parametrize("count", [3, 20_000])
def test_a_reader_that_goes_away_is_met_quietly(count: int, tmp_path: Path) -> None:
    code = (
        "import sys, types, pellucid; from pellucid.cli.main import main\n"
        "class P:\n classes = ('a',)\n"
        " def stream(self, images, **options):\n"
        "  for image in images:\n"
        "   yield types.SimpleNamespace(name=str(image), label='a', probability=1.0,"
        " probabilities=(1.0,), error=None)\n"
        "pellucid.api = sys.modules['pellucid.api'] ="
        " types.SimpleNamespace(load=lambda run, **options: P())\n"
        "sys.stdin.readline()\n"
        f"sys.argv = ['pellucid', 'predict', 'run', '--csv'] + ['x.png'] * {count}; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": ""},  # a short answer lies in the buffer to the end
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, printed = process.communicate("go\n", timeout=30)
    assert process.returncode == 1
    assert printed == ""


def test_completion_script_for_bash() -> None:
    done = script("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert done.returncode == 0, done.stderr
    assert "complete -o default -F" in done.stdout
    assert subprocess.run(["bash", "-n"], input=done.stdout, text=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("line", "expected"), [("pellucid ev", "evaluate"), ("pellucid train --over", "--overwrite")]
)
def test_completion_answers(line: str, expected: str) -> None:
    words = line.split()
    done = subprocess.run(
        [sys.executable, "-c", "from pellucid.cli.main import main; main()"],
        capture_output=True, text=True, check=False,
        env={**os.environ, "_PELLUCID_COMPLETE": "complete_bash",
             "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
    )  # fmt: skip
    assert done.stdout.split() == [expected], done.stderr
