"""The terminal's view of an evaluation says what the evaluation says."""

import io

import numpy as np
import pytest
from rich.console import Console

from pellucid.cli.show import evaluation_view
from pellucid.evaluation.metrics import Evaluation, evaluate_probabilities


def judged(classes: list[str], answers: list[int], labels: list[int]) -> Evaluation:
    return evaluate_probabilities(
        np.eye(len(classes))[answers],
        labels,
        classes,
        split="test",
        names=[f"{i}.png" for i in range(len(labels))],
    )


def printed(evaluation: Evaluation, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(evaluation_view(evaluation))
    return out.getvalue()


def test_figures_classes_and_confusions() -> None:
    text = printed(judged(["cat", "dog", "cow"], [0, 0, 1, 1, 1], [0, 0, 0, 1, 1]))
    assert "80.0% of 5 test images right (95% interval 37.6% to 96.4%)" in text
    assert "top-5" not in text
    rows = [line.split() for line in text.splitlines()]
    assert ["cat", "3", "100.0%", "66.7%", "80.0%"] in rows
    assert ["dog", "2", "66.7%", "100.0%", "80.0%"] in rows
    assert ["cow", "0", "–", "–", "–"] in rows
    assert ["cat", "dog", "1", "of", "3"] in rows


def test_no_confusions_no_table() -> None:
    assert "confusions" not in printed(judged(["cat", "dog"], [0, 1], [0, 1]))


def test_many_classes_are_folded_to_the_worst() -> None:
    names = [f"kind{k}" for k in range(30)]
    answers = [k if k >= 12 else (k + 1) % 12 for k in range(30)]
    text = printed(judged(names, answers, list(range(30))))
    assert "The 10 worst of 30 classes" in text and "top-5" in text
    listed = {line.split()[0] for line in text.splitlines() if line.startswith("kind")}
    assert len(listed) == 10 and listed <= set(names[:12])


@pytest.mark.parametrize(
    "name", ["[bold]cat[/bold]", "two\nlines", "\x1b[31mred", "caf\udce9", "🐈"]
)
def test_any_name_is_shown_on_one_line(name: str) -> None:
    text = printed(judged([name, "dog"], [0, 1], [0, 1]))
    text.encode()
    assert "\x1b" not in text
    shown = {"two\nlines": r"two\nlines", "\x1b[31mred": r"\x1b[31mred", "caf\udce9": r"caf\udce9"}
    assert any(line.startswith(shown.get(name, name)) for line in text.splitlines())
    assert len(text.splitlines()) == 7


def test_fits_a_narrow_terminal() -> None:
    text = printed(judged(["a" * 90, "dog"], [1, 1], [0, 1]), width=60)
    assert max(map(len, text.splitlines())) <= 60
    assert "…" not in text
