"""Suspect labels against the paper's equations in loops, and against planted errors."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.references.confident import confident_joint

from pellucid.evaluation.label_errors import find_label_errors


def random_answers(rng: np.random.Generator, count: int, classes: int) -> np.ndarray:
    powers = np.exp(2 * rng.normal(size=(count, classes)))
    return powers / powers.sum(1, keepdims=True)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 40), st.integers(2, 5))
def test_joint_and_suspects_are_those_of_the_equations(seed: int, count: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    chances, labels = random_answers(rng, count, classes), rng.integers(0, classes, count)
    found = find_label_errors(chances, labels)
    joint = confident_joint(chances, labels)
    estimated = 0.0
    for label, (row, scaled) in enumerate(zip(joint, found.joint, strict=True)):
        labelled = int((labels == label).sum())
        assert np.isclose(scaled.sum(), labelled)
        if row.sum():
            assert np.allclose(scaled, row / row.sum() * labelled)
            estimated += labelled * (1 - row[label] / row.sum())
    assert np.isclose(found.estimated, estimated)
    answers = [max(range(classes), key=row.__getitem__) for row in chances]
    wrong = [i for i in range(count) if answers[i] != labels[i]]
    wrong.sort(key=lambda i: chances[i, labels[i]])
    assert found.indices.tolist() == wrong[: round(found.estimated)]
    assert found.suggested.tolist() == [answers[i] for i in found.indices]


def test_planted_errors_are_found_and_counted() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 1000)
    scores = rng.normal(size=(1000, 5))
    scores[np.arange(1000), truth] += 6
    chances = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    labels = truth.copy()
    wrong = rng.choice(1000, 60, replace=False)
    labels[wrong] = (truth[wrong] + rng.integers(1, 5, 60)) % 5
    found = find_label_errors(chances, labels)
    assert len(np.intersect1d(found.indices[:60], wrong)) >= 54
    assert np.mean(found.suggested[:50] == truth[found.indices[:50]]) > 0.9
    assert 40 < found.estimated < 90


def test_right_labels_are_left_alone() -> None:
    labels = np.arange(90) % 3
    chances = np.full((90, 3), 0.05)
    chances[np.arange(90), labels] = 0.9
    found = find_label_errors(chances, labels)
    assert len(found.indices) == 0 and found.estimated == 0
