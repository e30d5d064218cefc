"""Figures and verdicts from right and wrong answers."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from pellucid.comparison.findings import findings
from pellucid.comparison.results import Measured, Pair, Standing, pairs, standings
from pellucid.evaluation.metrics import wilson_interval


def measured(right: int, count: int = 400, shift: int = 0) -> Measured:
    """So many of the first images right, counted from ``shift``."""
    answers = np.zeros(count, bool)
    answers[shift : shift + right] = True
    return Measured(answers, 10.0, 5, 1e-4, 1000)


def networks(*sizes: tuple[str, int, int]) -> list[dict]:
    return [{"name": name, "parameters": size, "macs": macs} for name, size, macs in sizes]


def test_accuracy_interval_and_spread_over_seeds() -> None:
    [one] = standings(networks(("a", 10, 20)), {"a": {4: measured(200), 5: measured(240)}})
    assert one.seeds == (4, 5)
    assert one.accuracies == (0.5, 0.6)
    assert one.accuracy == pytest.approx(0.55)
    assert one.interval == wilson_interval(220, 400)


def test_the_front_is_of_those_that_none_beats() -> None:
    figures = {
        "cheap": {0: measured(100)},
        "good": {0: measured(300)},
        "beaten": {0: measured(90)},
        "equal": {0: measured(300)},
        "dear": {0: measured(300)},
    }
    sizes = networks(
        ("cheap", 1, 10), ("good", 5, 50), ("beaten", 2, 60), ("equal", 5, 50), ("dear", 6, 70)
    )
    found = {one.name: one for one in standings(sizes, figures)}
    assert [n for n, one in found.items() if one.macs_front] == ["cheap", "good", "equal"]
    assert [n for n, one in found.items() if one.parameters_front] == ["cheap", "good", "equal"]


def test_a_pair_counts_the_images_that_only_one_gets_right() -> None:
    [pair] = pairs({"a": {0: measured(300)}, "b": {0: measured(240, shift=100)}})
    assert (pair.only_one, pair.only_two) == ((100,), (40,))
    assert pair.difference == pytest.approx(60 / 400)
    assert pair.decided and pair.chance == pair.adjusted


def test_the_same_accuracy_on_other_images_is_undecided() -> None:
    [pair] = pairs({"a": {0: measured(200)}, "b": {0: measured(200, shift=200)}})
    assert pair.chance == 1 and not pair.decided


def test_seeds_that_disagree_decide_nothing() -> None:
    better, worse = measured(300), measured(200)
    [pair] = pairs({"a": {0: better, 1: worse}, "b": {0: worse, 1: better}})
    assert pair.chance == 1 and not pair.decided
    [pair] = pairs({"a": {0: better, 1: better}, "b": {0: worse, 1: worse}})
    assert pair.decided


def test_only_common_seeds_are_compared() -> None:
    assert pairs({"a": {0: measured(3)}, "b": {1: measured(3)}}) == ()


def standing(name: str, right: int, **changes: object) -> Standing:
    [one] = standings(networks((name, 100, 1000)), {name: {0: measured(right)}})
    return replace(one, **changes)  # type: ignore[arg-type]


def test_sentences_follow_the_verdicts() -> None:
    line_up = [standing("fc", 200), standing("cnn", 320), standing("nin", 316)]
    verdicts = [
        Pair("fc", "cnn", -0.3, (10,), (130,), 1e-9, 1e-9, True),
        Pair("fc", "nin", -0.29, (10,), (126,), 1e-9, 1e-9, True),
        Pair("cnn", "nin", 0.01, (30,), (26,), 0.6, 0.6, False),
    ]
    said = "\n".join(findings(line_up, verdicts, 0.1, "test"))
    assert "cnn is right most often: 80.0% of 400 test images (95% interval 75." in said
    assert "it beats fc by 30.0 points" in said and "p < 0.001" in said
    assert "Between cnn and nin it is undecided: 1.0 points" in said
    assert "nin is 29.0 points ahead of fc, with about as many parameters (decided" in said
    assert "cannot be told from always giving" not in said
    assert "trained once" in said


def test_sentences_name_those_that_only_guess() -> None:
    said = "\n".join(findings([standing("a", 200), standing("b", 42)], [], 0.1, "val"))
    assert "b cannot be told from always giving the most frequent class" in said
    assert "validation images" in said


def test_equals_are_called_equal() -> None:
    [pair] = pairs({"a": {0: measured(200)}, "b": {0: measured(200, shift=100)}})
    said = "\n".join(findings([standing("a", 200), standing("b", 200)], [pair], 0.1, "test"))
    assert "a and b are right equally often: 50.0% of 400" in said
    assert "most often" not in said and "0.0 points" not in said


def test_records_come_back_from_json() -> None:
    import json

    one = standing("a", 200)
    assert Standing.from_json(json.loads(json.dumps(asdict(one)))) == one
