"""``pellucid studio``: what is refused, what it opens with, where it keeps its network."""

import socket
from importlib import util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pellucid import api
from pellucid.cli import studio
from pellucid.cli.main import run
from pellucid.errors import TrainingError
from pellucid.images import save_image
from pellucid.studio import server


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the studio would have been opened with."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(server, "open_studio", lambda *given, **rest: calls.append(given))
    return calls


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def trained(status: str, made: list[Path]) -> Any:
    """A training that is over at once."""

    def train(data: Path, folder: Path, **options: Any) -> Any:
        folder.mkdir(parents=True)
        (folder / "run.json").write_text("{}")
        made.append(folder)
        return SimpleNamespace(status=status, folder=folder)

    return train


def test_the_network_is_trained_once_and_kept(
    cache: Path, opened: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    monkeypatch.setattr(api, "train", trained("finished", made))
    assert run(["studio"]) == run(["studio"]) == 0
    assert len(made) == 1
    assert opened[0][0] == opened[1][0]
    assert opened[0][0].is_relative_to(cache) and (opened[0][0] / "run.json").is_file()
    assert len(list(opened[0][0].parent.iterdir())) == 1


def test_a_stopped_training_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "train", trained("interrupted", []))
    with pytest.raises(TrainingError, match="was stopped"):
        studio._bundled()
    assert list((cache / "pellucid" / "studio").iterdir()) == []


def test_a_picture_alone_is_the_picture(
    cache: Path,
    tmp_path: Path,
    opened: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api, "train", trained("finished", []))
    save_image(tmp_path / "cat.png", np.full((3, 4, 3), 7, np.uint8))
    assert run(["studio", str(tmp_path / "cat.png")]) == 0
    _, photo, host, port = opened[0]
    assert photo.title == "cat.png" and photo.pixels.shape == (3, 4, 3)
    assert (host, port) == ("127.0.0.1", 8400)


def test_what_cannot_be_opened_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], opened: list[tuple[Any, ...]]
) -> None:
    (tmp_path / "notes.png").write_text("no picture")
    assert run(["studio", str(tmp_path / "notes.png")]) == 1
    assert "cannot read" in capsys.readouterr().err
    assert run(["studio", str(tmp_path)]) == 1
    assert str(tmp_path) in capsys.readouterr().err
    assert opened == []


def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "nicegui" else found(name))
    assert run(["studio"]) == 2
    assert "nicegui is needed and not installed: pip install 'pellucid[studio]'" in (
        " ".join(capsys.readouterr().err.split())
    )


def test_a_port_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "_checked", lambda run: run)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run(["studio", str(tmp_path), "--port", str(port)]) == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in " ".join(capsys.readouterr().err.split())
