"""Judge predicted probabilities against the truth: every figure of an evaluation.

NumPy only. Sums run in float64 whatever the input's type, so the order of the images does not
show in the figures.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pellucid.errors import UsageError
from pellucid.evaluation.result import ClassScores, Evaluation, Mistake, ReliabilityBin

__all__ = ["Evaluation", "evaluate_probabilities", "wilson_interval"]

#: 97.5% quantile of the standard normal distribution: two-sided 95%.
Z_95 = 1.959963984540054

#: Bins of the reliability diagram, as in Guo et al. 2017.
BINS = 15

#: With fewer classes than this, "among the five most probable" says little.
TOP5_CLASSES = 10

#: Probabilities are float32; one that rounds to zero counts as the smallest step below one, so
#: that a single hopeless image cannot make the log loss infinite.
LEAST_PROBABILITY = float(np.finfo(np.float32).eps)

#: How far a row of probabilities may be from summing to one.
SUM_TOLERANCE = 1e-3

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def wilson_interval(correct: int, count: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval for a proportion.

    With p = correct / count and n = count::

        (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    Unlike p ± z·sqrt(p(1-p)/n), it stays within 0 and 1 and holds for small n and extreme p.

    Args:
        correct: successes, 0 to ``count``.
        count: trials, at least 1.
        z: normal quantile; 1.96 for 95%.

    Returns:
        The lower and upper end, within [0, 1].

    Raises:
        UsageError: the counts are impossible.

    >>> low, high = wilson_interval(9, 10)
    >>> f"{low:.3f} to {high:.3f}"
    '0.596 to 0.982'
    """
    if count < 1 or not 0 <= correct <= count:
        raise UsageError(
            f"an interval needs 0 ≤ correct ≤ count and count ≥ 1, not {correct} of {count}."
        )
    share = correct / count
    weight = z * z / count
    centre = share + weight / 2
    half = z * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    low = (centre - half) / (1 + weight) if correct else 0.0
    high = (centre + half) / (1 + weight) if correct < count else 1.0
    return low, high


def evaluate_probabilities(
    probabilities: ArrayLike,
    labels: ArrayLike,
    class_names: Sequence[str],
    *,
    split: str,
    names: Sequence[str],
    mistakes: int = 24,
) -> Evaluation:
    """Judge N predictions over K classes.

    The answer for an image is its most probable class, the first of equals.

    Args:
        probabilities: (N, K) floats in [0, 1], each row summing to 1 within 0.001.
        labels: (N,) integers, the true classes, 0 to K - 1.
        class_names: K names, in label order.
        split: which images these are, e.g. ``test``.
        names: N names of images, for the list of mistakes.
        mistakes: how many of the most confident wrong answers to keep.

    Returns:
        All figures; ratios that are undefined are None.

    Raises:
        UsageError: shapes do not match, there is no image, a label is out of range, or the
            probabilities are none.

    >>> table = [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]
    >>> found = evaluate_probabilities(
    ...     table, [0, 1, 1], ["cat", "dog"], split="test", names=["a.png", "b.png", "c.png"]
    ... )
    >>> found.correct, found.confusion, found.mistakes[0].name
    (2, ((1, 0), (1, 1)), 'c.png')
    """
    table = _checked_probabilities(probabilities, len(class_names))
    truth = _checked_labels(labels, table)
    if len(names) != len(truth):
        raise UsageError(f"{len(truth)} images need as many names, not {len(names)}.")
    if mistakes < 0:
        raise UsageError(f"mistakes is the number of examples to keep, not {mistakes}.")
    answer = table.argmax(axis=1)
    confidence = table.max(axis=1)
    right = answer == truth
    confusion = _confusion(truth, answer, len(class_names))
    classes = _class_scores(confusion, class_names)
    bins = _reliability(confidence, right)
    count, correct = len(truth), int(right.sum())
    given = table[np.arange(count), truth]
    return Evaluation(
        split=split,
        count=count,
        correct=correct,
        accuracy=correct / count,
        interval=wilson_interval(correct, count),
        top5=_top_accuracy(table, truth, 5) if len(class_names) >= TOP5_CLASSES else None,
        macro_f1=_mean([scores.f1 for scores in classes]),
        balanced_accuracy=_mean([scores.recall for scores in classes]),
        log_loss=float(-np.log(np.maximum(given, LEAST_PROBABILITY)).mean()),
        calibration_error=_calibration_error(bins, count),
        classes=classes,
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        reliability=bins,
        mistakes=_mistakes(table, truth, class_names, names, mistakes),
    )


def _checked_probabilities(probabilities: ArrayLike, classes: int) -> Floats:
    table: Floats = np.asarray(probabilities, np.float64)
    if table.ndim != 2 or len(table) == 0 or table.shape[1] != classes or classes < 2:
        raise UsageError(
            f"probabilities are N×K with N ≥ 1 images and K ≥ 2 named classes, "
            f"not {'×'.join(map(str, table.shape))} for {classes} names."
        )
    # Written so that a NaN, which compares false with everything, is refused as well.
    in_range = (table >= 0) & (table <= 1 + SUM_TOLERANCE)
    whole = np.abs(table.sum(axis=1) - 1) <= SUM_TOLERANCE
    bad = np.flatnonzero(~(in_range.all(axis=1) & whole))
    if bad.size:
        raise UsageError(
            f"each row of probabilities lies in [0, 1] and sums to 1; row {bad[0]} does not "
            f"(it sums to {table[bad[0]].sum():.6g}): apply a softmax to scores first."
        )
    return table


def _checked_labels(labels: ArrayLike, table: Floats) -> Integers:
    truth: NDArray[Any] = np.asarray(labels)
    count, classes = table.shape
    if truth.shape != (count,) or not np.issubdtype(truth.dtype, np.integer):
        raise UsageError(
            f"labels are {count} integers, one an image, not {truth.dtype} of shape {truth.shape}."
        )
    outside = truth[(truth < 0) | (truth >= classes)]
    if outside.size:
        raise UsageError(f"labels lie in 0 to {classes - 1}; {outside[0]} does not.")
    return truth.astype(np.int64)


def _confusion(truth: Integers, answer: Integers, classes: int) -> Integers:
    """K×K counts; rows are the truth, columns the answer."""
    flat = np.bincount(truth * classes + answer, minlength=classes * classes)
    return flat.reshape(classes, classes)


def _class_scores(confusion: Integers, names: Sequence[str]) -> tuple[ClassScores, ...]:
    hits = confusion.diagonal().tolist()
    support = confusion.sum(axis=1).tolist()
    answered = confusion.sum(axis=0).tolist()
    return tuple(
        ClassScores(name, n, _ratio(hit, m), _ratio(hit, n), _ratio(2 * hit, n + m))
        for name, hit, n, m in zip(names, hits, support, answered, strict=True)
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float | None]) -> float:
    """Of the defined ones; there is always one, since there is at least one image."""
    defined = [value for value in values if value is not None]
    return math.fsum(defined) / len(defined)


def _top_accuracy(table: Floats, truth: Integers, places: int) -> float:
    """Share of rows whose true class is among the ``places`` most probable.

    Equal probabilities rank in label order, as they do for the answer itself.
    """
    given = np.take_along_axis(table, truth[:, None], axis=1)
    earlier = np.arange(table.shape[1])[None, :] < truth[:, None]
    ahead = (table > given) | ((table == given) & earlier)
    return float((ahead.sum(axis=1) < places).mean())


def _reliability(confidence: Floats, right: NDArray[np.bool_]) -> tuple[ReliabilityBin, ...]:
    """Equal-width bins (low, high] over [0, 1]."""
    edges = np.linspace(0, 1, BINS + 1)
    place = np.searchsorted(edges[1:-1], confidence, side="left")
    counts = np.bincount(place, minlength=BINS)
    confidences = np.bincount(place, weights=confidence, minlength=BINS)
    hits = np.bincount(place, weights=right, minlength=BINS)
    return tuple(
        ReliabilityBin(
            low=float(edges[i]),
            high=float(edges[i + 1]),
            count=int(counts[i]),
            confidence=float(confidences[i] / counts[i]) if counts[i] else None,
            accuracy=float(hits[i] / counts[i]) if counts[i] else None,
        )
        for i in range(BINS)
    )


def _calibration_error(bins: Sequence[ReliabilityBin], count: int) -> float:
    """Σ (bin count / N) · abs(bin accuracy - bin confidence).

    Guo et al., "On Calibration of Modern Neural Networks", 2017, equation 3.
    """
    return math.fsum(
        piece.count / count * abs(piece.accuracy - piece.confidence)
        for piece in bins
        if piece.accuracy is not None and piece.confidence is not None
    )


def _mistakes(
    table: Floats,
    truth: Integers,
    class_names: Sequence[str],
    names: Sequence[str],
    limit: int,
) -> tuple[Mistake, ...]:
    """The wrong answers by falling probability, equals by index."""
    answer = table.argmax(axis=1)
    wrong = np.flatnonzero(answer != truth)
    order = wrong[np.argsort(-table[wrong, answer[wrong]], kind="stable")][:limit]
    return tuple(
        Mistake(
            index=i,
            name=names[i],
            truth=class_names[truth[i]],
            predicted=class_names[answer[i]],
            probability=float(table[i, answer[i]]),
            probability_of_truth=float(table[i, truth[i]]),
        )
        for i in order.tolist()
    )
