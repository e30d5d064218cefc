"""``pellucid serve``: what is wrong with the call is one sentence, before anything is loaded."""

import importlib.util
import socket
from pathlib import Path
from typing import Any

import pytest

from pellucid.cli.main import run


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    printed = capsys.readouterr()
    assert printed.out == ""
    [line] = printed.err.splitlines()
    return line


def test_the_port_is_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run(["serve", str(tmp_path), "--port", str(port)]) == 1
    line = complaint(capsys)
    assert f"port {port}: address already in use" in line and "--port" in line


def test_there_is_no_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", str(tmp_path), "--port", "0"]) == 1
    assert "holds no bundle" in complaint(capsys)


def test_there_is_no_such_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", str(tmp_path), "--host", "256.0.0.1x"]) == 2
    assert "an address of this machine for --host, found '256.0.0.1x'" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["fastapi", "python_multipart"])
def test_what_it_needs_is_not_installed(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> Any:
        return None if name == missing else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    assert run(["serve", "run"]) == 2
    line = complaint(capsys)
    assert missing.replace("_", "-") in line and "pip install 'pellucid[serve]'" in line


@pytest.mark.parametrize(
    ("words", "sentence", "code"),
    [
        (["--token", "a", "--token-file", "b"], "exclude each other", 2),
        (["--token-file", "nowhere"], "cannot read the token", 1),
        (["--token", ""], "printable", 2),
        (["--token", "é"], "printable", 2),
        (["--cors", "example.org"], "https://example.org", 2),
        (["--cors", "https://example.org/page"], "such as https://example.org", 2),
        (["--max-files", "200"], "raise the queue", 2),
        (["--timeout", "0"], "seconds", 2),
        (["--timeout", "nan"], "seconds", 2),
        (["--port", "70000"], "--port", 2),
    ],
)
def test_wrong_calls(
    words: list[str], sentence: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "run", *words]) == code
    assert sentence in complaint(capsys)
