"""Stand-ins for what lies behind the commands; they record how they are called."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import pellucid


@dataclass(frozen=True)
class FakePrediction:
    name: str
    label: str | None = None
    probability: float | None = None
    probabilities: tuple[float, ...] | None = None
    error: str | None = None


@dataclass(frozen=True)
class FakeRun:
    folder: Path
    status: str = "finished"
    evaluation: Any = None
    record: dict[str, Any] = field(default_factory=lambda: {"schema": 1, "status": "finished"})

    @property
    def report(self) -> Path:
        return self.folder / "report.html"


class FakePredictor:
    """Answers by the file's name: ``cat*`` is a cat, ``bad*`` cannot be read, else a dog."""

    classes = ("cat", "dog", "bird")
    runtime = SimpleNamespace(name="fake")

    def __init__(self) -> None:
        self.asked = 0

    def stream(
        self, images: Iterable[str], *, batch: int = 16, reduced: bool = False
    ) -> Iterator[FakePrediction]:
        for name in images:
            self.asked += 1
            path = Path(name)
            if path.name.startswith("bad"):
                yield FakePrediction(name, error=f"{name}: the file has zero bytes.")
            elif path.name.startswith("cat"):
                yield FakePrediction(name, "cat", 0.75, (0.75, 0.05, 0.2))
            else:
                yield FakePrediction(name, "dog", 0.5, (0.25, 0.5, 0.25))


class FakeApi(SimpleNamespace):
    """Stands for ``pellucid.api``; ``calls`` lists (function, arguments, options without watch)."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.predictor = FakePredictor()
        self.run = FakeRun(Path("runs/photos-1"), evaluation=SimpleNamespace(to_json=dict))
        self.fails: BaseException | None = None

    def _note(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        self.watch = options.pop("watch", None)
        self.calls.append((name, arguments, options))
        if self.fails is not None:
            raise self.fails

    def train(self, *arguments: Any, **options: Any) -> FakeRun:
        self._note("train", arguments, options)
        self.watch.stage("training", 2)
        self.watch.advance(2)
        self.watch.message("one thing")
        return self.run

    def resume(self, *arguments: Any, **options: Any) -> FakeRun:
        self._note("resume", arguments, options)
        return self.run

    def evaluate(self, *arguments: Any, **options: Any) -> Any:
        self._note("evaluate", arguments, options)
        return SimpleNamespace(to_json=lambda: {"accuracy": 0.5})

    def load(self, *arguments: Any, **options: Any) -> FakePredictor:
        self._note("load", arguments, options)
        return self.predictor


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    fake = FakeApi()
    monkeypatch.setattr(pellucid, "api", fake, raising=False)
    monkeypatch.setitem(sys.modules, "pellucid.api", fake)
    show = SimpleNamespace(evaluation_view=lambda evaluation: "THE EVALUATION")
    monkeypatch.setitem(sys.modules, "pellucid.cli.show", show)
    return fake
