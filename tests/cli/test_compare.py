"""``pellucid compare``: what is passed on, and what is printed."""

import inspect
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from pellucid.cli import compare as compare_command
from pellucid.cli.main import run
from pellucid.cli.standings import standings_view
from pellucid.comparison.results import Standing

from .conftest import FakeApi


@pytest.fixture
def calls(api: FakeApi) -> list[Any]:
    """What the Python interface was called with; it answers that nothing finished."""
    found: list[Any] = []
    done = SimpleNamespace(
        status="finished", standings=(), record={"status": "finished"}, folder=Path("c"),
        failures=[{"folder": "nin", "error": "too small."}],
    )  # fmt: skip

    def note(name: str, *arguments: Any, **options: Any) -> Any:
        options.pop("watch")
        found.append((name, arguments, options))
        return done

    api.compare = lambda *arguments, **options: note("compare", *arguments, **options)
    api.resume_comparison = lambda *arguments, **options: note("resume", *arguments, **options)
    return found


@pytest.mark.parametrize(
    "words",
    ["d --models a b c", "d --models a,b,c", "d --models a --models b c", "--models a d b c"],
)
def test_models_may_be_written_in_a_row(words: str, calls: list[Any]) -> None:
    run(["compare", *words.split()])
    [(_, arguments, options)] = calls
    assert arguments == (Path("d"), None)
    assert options["models"] == ("a", "b", "c")


def test_options_are_passed_on(calls: list[Any]) -> None:
    line = "compare d -o f --heads --epochs 3 --seeds 2 --size 64 --seed 9 --strict --overwrite"
    run(line.split())
    [(_, arguments, options)] = calls
    assert arguments == (Path("d"), Path("f"))
    given = {"heads": True, "epochs": 3, "seeds": 2, "size": 64, "seed": 9, "strict": True}
    assert given.items() <= options.items() and options["overwrite"]


def test_nothing_finished_is_a_failure(
    calls: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", "--resume", "c"]) == 1
    assert calls == [("resume", (Path("c"),), {})]
    said = capsys.readouterr().err
    assert "nin did not finish: too small." in said and "No network finished." in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("compare", "compare needs DATA"),
        ("compare d e", "compare takes one DATA, not 2"),
        ("compare d --resume r", "leave DATA out"),
        ("compare --resume r --heads", "leave --heads out"),
    ],
)
def test_calls_that_make_no_sense(
    words: str, sentence: str, calls: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words.split()) == 2
    assert sentence in capsys.readouterr().err and calls == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--models compcat", "did you mean 'compact'?"),
        ("--models compact compact", "named twice"),
        ("--seeds 0", "seeds is 1 to 100"),
        ("--parameters 3", "parameters is 1,000 to"),
        ("--heads --parameters 9999", "give one of them"),
        ("--epochs 1 --minutes 1", "exclude each other"),
    ],
)
def test_values_are_checked_by_the_python_function(
    words: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", "d", *words.split()]) == 2
    assert sentence in capsys.readouterr().err


def test_compare_has_the_defaults_of_the_api() -> None:
    from pellucid import api

    command = inspect.signature(compare_command.command).parameters
    function = inspect.signature(api.compare).parameters
    for name, parameter in function.items():
        if name not in ("data", "models", "watch"):
            assert command[name].default == parameter.default, name
    assert set(command) - set(function) == {"context", "resume", "as_json"}


def test_the_table_fits_80_columns() -> None:
    one = Standing(
        "locally_connected", 123_456_789, 1_583_000_000, 10_000, (0, 1), (0.99, 1.0), 0.995,
        (0.99, 1.0), 345.6, 100, 0.001234, 751_000_000, True, True,
    )  # fmt: skip
    text = io.StringIO()
    console = Console(file=text, width=80)
    console.print(standings_view([one], ["A sentence."]))
    lines = text.getvalue().splitlines()
    assert lines[1].split() == [
        "locally_connected", "99.5%", "99.0-100.0%", "123", "M*", "1.58", "G*", "346", "s",
        "1,234", "µs", "751", "MB",
    ]  # fmt: skip
    assert max(map(len, lines)) <= 80
