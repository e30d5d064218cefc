"""The evaluation's figures against scikit-learn, SciPy and plain loops."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest  # type: ignore[import-untyped]
from sklearn import metrics as reference  # type: ignore[import-untyped]
from sklearn.calibration import calibration_curve  # type: ignore[import-untyped]

from pellucid.errors import RunError, UsageError
from pellucid.evaluation.metrics import Evaluation, evaluate_probabilities, wilson_interval

Table = NDArray[np.float64]


def sample(seed: int, count: int, classes: int) -> tuple[Table, NDArray[np.int64]]:
    """Random predictions that are right more often than not, as softmax rows."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, count)
    scores = generator.normal(size=(count, classes))
    scores[np.arange(count), labels] += 1.5
    powers = np.exp(scores)
    return powers / powers.sum(axis=1, keepdims=True), labels


def judge(table: Table, labels: NDArray[np.int64], mistakes: int = 24) -> Evaluation:
    return evaluate_probabilities(
        table,
        labels,
        [f"class {k}" for k in range(table.shape[-1])],
        split="test",
        names=[f"{i}.png" for i in range(len(table))],
        mistakes=mistakes,
    )


problems = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 80), st.integers(2, 14)).map(
    lambda drawn: sample(*drawn)
)


@given(problems)
def test_agrees_with_scikit_learn(problem: tuple[Table, NDArray[np.int64]]) -> None:
    table, labels = problem
    found = judge(table, labels)
    answer = np.array([max(range(len(row)), key=row.__getitem__) for row in table.tolist()])
    known = list(range(table.shape[1]))
    precision, recall, f1, support = reference.precision_recall_fscore_support(
        labels, answer, labels=known, zero_division=np.nan
    )
    for k, scores in enumerate(found.classes):
        assert scores.support == support[k]
        for mine, theirs in ((scores.precision, precision[k]), (scores.recall, recall[k])):
            assert (mine is None) == math.isnan(theirs)
            assert mine is None or mine == pytest.approx(theirs, abs=1e-12)
        # scikit-learn calls F1 undefined only where precision and recall both are.
        assert (scores.f1 is None) == math.isnan(f1[k])
        assert scores.f1 is None or scores.f1 == pytest.approx(f1[k], abs=1e-12)
    assert found.accuracy == pytest.approx(reference.accuracy_score(labels, answer))
    matrix = reference.confusion_matrix(labels, answer, labels=known)
    assert [list(row) for row in found.confusion] == matrix.tolist()
    assert found.log_loss == pytest.approx(
        reference.log_loss(labels, table, labels=known), abs=1e-6
    )
    assert found.macro_f1 == pytest.approx(
        reference.f1_score(labels, answer, labels=known, average="macro", zero_division=np.nan)
    )
    seen = np.unique(labels)
    assert found.balanced_accuracy == pytest.approx(
        reference.recall_score(labels, answer, labels=seen, average="macro")
    )
    if table.shape[1] >= 10:
        top5 = reference.top_k_accuracy_score(labels, table, k=5, labels=known)
        assert found.top5 == pytest.approx(top5)
    else:
        assert found.top5 is None


def test_balanced_accuracy_when_every_class_occurs() -> None:
    table, labels = sample(3, 300, 6)
    expected = reference.balanced_accuracy_score(labels, table.argmax(axis=1))
    assert judge(table, labels).balanced_accuracy == pytest.approx(expected)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_agrees_with_scipy(pair: tuple[int, int]) -> None:
    correct, count = pair
    expected = binomtest(correct, count).proportion_ci(0.95, method="wilson")
    assert wilson_interval(correct, count) == pytest.approx(tuple(expected), abs=1e-12)
    low, high = wilson_interval(correct, count)
    assert 0 <= low <= correct / count <= high <= 1


@given(problems)
def test_calibration_agrees_with_a_loop_and_with_scikit_learn(
    problem: tuple[Table, NDArray[np.int64]],
) -> None:
    table, labels = problem
    found = judge(table, labels)
    error = 0.0
    for m in range(15):
        low, high = Fraction(m, 15), Fraction(m + 1, 15)
        rows = [
            (max(row), row.index(max(row)) == label)
            for row, label in zip(table.tolist(), labels.tolist(), strict=True)
            if low < Fraction(max(row)) <= high
        ]
        assert found.reliability[m].count == len(rows)
        if rows:
            confidence = sum(p for p, _ in rows) / len(rows)
            accuracy = sum(hit for _, hit in rows) / len(rows)
            error += len(rows) / len(labels) * abs(accuracy - confidence)
    assert found.calibration_error == pytest.approx(error, abs=1e-12)
    right = table.argmax(axis=1) == labels
    if 0 < right.sum() < len(right):
        accuracies, confidences = calibration_curve(right, table.max(axis=1), n_bins=15)
        full = [piece for piece in found.reliability if piece.count]
        assert [piece.accuracy for piece in full] == pytest.approx(accuracies)
        assert [piece.confidence for piece in full] == pytest.approx(confidences)


def test_bins_take_their_upper_edge() -> None:
    found = judge(np.array([[1.0, 0.0], [0.8, 0.2]]), np.array([0, 0]))
    assert [piece.count for piece in found.reliability[11:]] == [1, 0, 0, 1]
    assert (found.reliability[11].low, found.reliability[11].high) == (11 / 15, 12 / 15)


def test_undefined_ratios_are_none_and_left_out_of_means() -> None:
    table = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0]])
    found = judge(table, np.array([0, 1]))
    first, second, third = found.classes
    assert (first.precision, first.recall) == (0.5, 1.0)
    assert (second.precision, second.recall, second.f1) == (None, 0.0, 0.0)
    assert (third.precision, third.recall, third.f1) == (None, None, None)
    assert found.macro_f1 == pytest.approx((2 / 3 + 0) / 2)
    assert found.balanced_accuracy == 0.5


def test_mistakes_are_the_most_confident_wrong_answers() -> None:
    table, labels = sample(5, 200, 4)
    found = judge(table, labels, mistakes=7)
    wrong = []
    for i, row in enumerate(table.tolist()):
        k = row.index(max(row))
        if k != labels[i]:
            wrong.append((-row[k], i, f"class {labels[i]}", f"class {k}", row[labels[i]]))
    assert [
        (-m.probability, m.index, m.truth, m.predicted, m.probability_of_truth)
        for m in found.mistakes
    ] == sorted(wrong)[:7]
    assert all(m.name == f"{m.index}.png" for m in found.mistakes)
    assert judge(table, labels, mistakes=0).mistakes == ()


def test_top5_ranks_equal_probabilities_in_label_order() -> None:
    even = np.full((10, 10), 0.1)
    assert judge(even, np.arange(10)).top5 == 0.5


def test_confusions_and_worst_first() -> None:
    table = np.eye(3)[[0, 1, 1, 1, 2, 2]]
    found = judge(table, np.array([0, 0, 0, 1, 1, 2]))
    pairs = [(c.truth, c.predicted, c.count, c.support) for c in found.confusions(5)]
    assert pairs == [("class 0", "class 1", 2, 3), ("class 1", "class 2", 1, 2)]
    assert len(found.confusions(1)) == 1
    f1 = [scores.f1 for scores in found.worst_first()]
    assert f1 == sorted(f1, key=lambda value: value or 0.0)


@given(problems)
def test_json_round_trip(problem: tuple[Table, NDArray[np.int64]]) -> None:
    found = judge(*problem)
    record = found.to_json()
    text = json.dumps(record, allow_nan=False)
    assert json.loads(text) == record
    assert Evaluation.from_json(json.loads(text)) == found


def test_an_impossible_truth_does_not_make_the_loss_infinite() -> None:
    assert judge(np.array([[1.0, 0.0]]), np.array([1])).log_loss == pytest.approx(23 * math.log(2))


GOOD = np.array([[0.9, 0.1], [0.2, 0.8]])


@pytest.mark.parametrize(
    ("table", "labels", "words"),
    [
        (np.zeros((0, 2)), np.zeros(0, int), "N ≥ 1"),
        (np.ones((2, 1)), np.zeros(2, int), "K ≥ 2"),
        (GOOD[0], np.zeros(2, int), "N×K"),
        (GOOD * 2, np.zeros(2, int), "softmax"),
        (np.array([[1.5, -0.5], [0.5, 0.5]]), np.zeros(2, int), "row 0"),
        (np.array([[0.5, 0.5], [np.nan, 1.0]]), np.zeros(2, int), "row 1"),
        (GOOD, np.zeros(3, int), "2 integers"),
        (GOOD, np.zeros(2), "float64"),
        (GOOD, np.array([0, 2]), "0 to 1; 2"),
        (GOOD, np.array([-1, 0]), "-1"),
    ],
)
def test_wrong_arguments(table: Table, labels: NDArray[np.int64], words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("+", r"\+")):
        judge(table, labels)


def test_wrong_names_and_counts() -> None:
    with pytest.raises(UsageError, match="as many names, not 1"):
        evaluate_probabilities(GOOD, [0, 1], ["a", "b"], split="test", names=["x"])
    with pytest.raises(UsageError, match="number of examples"):
        judge(GOOD, np.array([0, 1]), mistakes=-1)
    with pytest.raises(UsageError, match="3 of 2"):
        wilson_interval(3, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"accuracy": "high"},
        {"interval": [0.5]},
        {"confusion": [[1, 0]]},
        {"classes": [{"name": "a"}]},
        {"surprise": 1},
    ],
)
def test_damaged_records_are_refused(change: dict[str, object]) -> None:
    record = judge(GOOD, np.array([0, 1])).to_json()
    with pytest.raises(RunError, match="damaged"):
        Evaluation.from_json(record | change)
    del record["log_loss"]
    with pytest.raises(RunError, match="log_loss"):
        Evaluation.from_json(record)


def test_the_order_of_images_does_not_matter() -> None:
    table, labels = sample(11, 500, 12)
    order = np.random.default_rng(0).permutation(500)
    first, second = judge(table, labels, mistakes=0), judge(table[order], labels[order], mistakes=0)

    def counts(found: Evaluation) -> Evaluation:
        return replace(found, log_loss=0.0, calibration_error=0.0, reliability=())

    assert counts(first) == counts(second)
    assert first.log_loss == pytest.approx(second.log_loss, abs=1e-12)
    assert first.calibration_error == pytest.approx(second.calibration_error, abs=1e-12)
