"""Logistic regression against scikit-learn, and its gradient against differences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss as sklearn_log_loss

from pellucid.errors import TrainingError
from pellucid.training.pretrained.logistic import (
    STRENGTHS,
    Examples,
    Linear,
    _objective,
    fit_linear,
    log_loss,
    path,
)

CLASSES = 4


def examples(seed: int, count: int = 240, width: int = 12) -> Examples:
    """Overlapping clouds of four classes, features of very different spread."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(7).normal(size=(CLASSES, width))
    labels = rng.integers(0, CLASSES, count)
    features = (rng.normal(size=(count, width)) * 1.5 + centres[labels]) * 3.0 ** np.arange(width)
    return Examples(features + 5, labels)


@pytest.mark.parametrize("strength", [1.0, 0.03, 0.001])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_minimum_is_scikit_learns(strength: float, weighted: bool) -> None:
    data = examples(0)
    weights = (0.5, 1.0, 1.5, 2.0) if weighted else None
    [head] = path(data, CLASSES, (strength,), weights)
    spread = data.features.std(0) + 1e-3
    scaled = (data.features - data.features.mean(0)) / spread
    peer = LogisticRegression(C=1 / (len(scaled) * strength), max_iter=2000, tol=1e-8)
    each = None if weights is None else np.array(weights)[data.labels]
    peer.fit(scaled, data.labels, sample_weight=each)
    found = softmax(head.scores(data.features), axis=1)
    assert np.abs(found - peer.predict_proba(scaled)).max() < 5e-3


@given(st.integers(0, 2**32 - 1), st.floats(1e-4, 1.0))
@settings(max_examples=15, deadline=None)
def test_the_gradient_is_the_slope_of_the_value(seed: int, strength: float) -> None:
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.normal(size=(9, 3)))
    labels = torch.from_numpy(rng.integers(0, CLASSES, 9))
    weights = torch.from_numpy(rng.uniform(0.5, 2, 9))
    at, direction = rng.normal(size=(2, CLASSES * 4))
    values = [
        _objective(at + step * direction, x, labels, weights, strength)[0] for step in (-1e-5, 1e-5)
    ]
    slope = _objective(at, x, labels, weights, strength)[1] @ direction
    assert slope == pytest.approx((values[1] - values[0]) / 2e-5, rel=1e-4, abs=1e-6)


def test_the_strength_is_the_best_on_images_that_were_not_fitted() -> None:
    fitted, choosing = examples(1, count=60), examples(2)
    head = fit_linear(fitted, choosing, CLASSES)
    assert head is not None
    losses = {
        one.strength: sklearn_log_loss(
            choosing.labels, softmax(one.scores(choosing.features), axis=1)
        )
        for one in path(fitted, CLASSES, STRENGTHS)
    }
    assert head.strength == min(losses, key=lambda strength: losses[strength])
    assert STRENGTHS[-1] < head.strength < STRENGTHS[0]


def test_a_stop_is_heard() -> None:
    assert fit_linear(examples(1), examples(2), CLASSES, stopped=lambda: True) is None


def test_log_loss_is_scikit_learns() -> None:
    data = examples(3)
    scores = np.random.default_rng(0).normal(size=(len(data.labels), CLASSES)).astype(np.float32)
    expected = sklearn_log_loss(data.labels, softmax(scores.astype(np.float64), axis=1))
    assert log_loss(scores, data.labels) == pytest.approx(expected, rel=1e-6)


def test_a_feature_that_never_varies_does_no_harm() -> None:
    data = examples(0)
    data.features[:, 3] = 2.0
    [head] = path(data, CLASSES, (0.01,))
    assert np.isfinite(head.weight).all() and isinstance(head, Linear)


def test_features_that_are_no_numbers_are_one_sentence() -> None:
    data = examples(0)
    data.features[0, 0] = np.inf
    with np.errstate(invalid="ignore"), pytest.raises(TrainingError, match="no finite numbers"):
        fit_linear(data, examples(2), CLASSES)
