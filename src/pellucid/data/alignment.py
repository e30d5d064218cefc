"""A closer look at pairs of thumbnails: are they the same picture?

The first of a pair is moved and stretched by up to two pixels of 32 until it fits the second
best (Lucas and Kanade, 1981: linear regression on the image's derivatives, repeated), one is
given the gray levels of the other, and then two things are asked.

*Distance*: 1 - correlation of the whitened low frequencies. It has to be small against how far
the two pictures are from others like them; that is what keeps smooth pictures (T-shirts, digits)
apart, which correlate highly without being copies.

*Agreement*: the correlation in small windows. A copy agrees wherever there is something to see;
two different pictures of one layout (motorcycles before white, frames of the same set-up)
disagree somewhere, so the worst tenth of the windows decides.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pellucid.data.descriptors import (
    COARSE,
    FINE,
    SIDE,
    Floats,
    Indices,
    centred,
    cosines,
    odd,
    spectrum,
    weigh,
)
from pellucid.data.workers import for_each

#: Pairs judged at once by a thread: bounds the memory.
CHUNK = 256
#: Steps of the alignment.
STEPS = 3
#: The largest move of the centre and of the borders, in pixels of the thumbnail.
REACH = 2.0
#: Side and distance of the windows of the agreement, in pixels of the thumbnail.
WINDOW, STRIDE = 6, 3
#: Contrast (standard deviation, in gray levels) at which a window has half its full say.
NOISE = 3.0
#: With less to see than so many windows of full say, nothing agrees.
EVIDENCE = 4.0
#: The share of the windows (by weight) that may disagree.
TAIL = 0.1
#: Places along a side, from -1 to 1.
_PLACE = ((np.arange(SIDE) - (SIDE - 1) / 2) / (SIDE / 2)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike the two of each pair are.

    Attributes:
        distance: (P,) 1 - correlation of the whitened, aligned pictures: 0 (same) to 2;
            infinite where not followed up.
        agreement: (P,) correlation in the window at the worst tenth, -1 to 1 (same).
        mirrored: (P,) the second is compared mirrored left-right.
    """

    distance: Floats
    agreement: Floats
    mirrored: NDArray[np.bool_]


def compare(thumbs: NDArray[np.uint8], pairs: Indices, reach: Floats) -> Likeness:
    """Align and compare pairs (P, 2) of thumbs (N, 32, 32).

    Quickest where the pairs of one first follow each other. A pair whose first step of alignment
    leaves it further apart than ``reach`` (P,) is not followed up: its distance is infinite.

    >>> y, x = np.mgrid[:32, :32]
    >>> picture = (128 + 60 * np.sin(x / 3) + 50 * np.cos(y / 2 + x / 5)).astype(np.uint8)
    >>> thumbs = np.stack([picture, np.roll(picture, 1, axis=0)[:, ::-1] // 2 + 60])
    >>> found = compare(thumbs, np.array([[0, 1]]), np.array([0.9]))
    >>> bool(found.mirrored[0]), bool(found.distance[0] < 0.05), bool(found.agreement[0] > 0.9)
    (True, True, True)
    """
    count = len(pairs)
    result = Likeness(
        np.full(count, np.inf, np.float32),
        np.zeros(count, np.float32),
        np.zeros(count, np.bool_),
    )

    def work(chunk: int) -> None:
        start = chunk * CHUNK
        part = slice(start, start + CHUNK)
        which, of = np.unique(pairs[part, 0], return_inverse=True)
        ones, second = centred(thumbs[which]), centred(thumbs[pairs[part, 1]])
        mirrored = _is_mirrored(spectrum(ones, COARSE)[of], spectrum(second, COARSE))
        second[mirrored] = second[mirrored, :, ::-1]
        result.mirrored[part] = mirrored
        goal = spectrum(second, FINE)
        motion, left = _step(ones, goal, of)
        close = np.flatnonzero(left < reach[part])
        if len(close):
            moved = _align(ones[of[close]], goal[close], motion[close])
            toned = _toned(moved, second[close])
            result.distance[start + close] = np.minimum(*(_distance(*pair) for pair in toned))
            result.agreement[start + close] = np.maximum(*(_agreement(*pair) for pair in toned))

    for_each(-(-count // CHUNK), work)
    return result


def _is_mirrored(first: Floats, second: Floats) -> NDArray[np.bool_]:
    negative: NDArray[np.bool_] = (first * second)[:, odd(COARSE)].sum(axis=1) < 0
    return negative


def _align(images: Floats, goal: Floats, motion: Floats) -> Floats:
    """Images (P, 32, 32) moved and stretched, from a first motion (P, 4) on, to fit the goal."""
    each = np.arange(len(images))
    for _ in range(STEPS - 1):
        moved = _move(images, motion)
        motion = np.clip(motion + _step(moved, goal, each)[0], -REACH, REACH)
    return _move(images, motion)


def _step(images: Floats, goal: Floats, of: Indices) -> tuple[Floats, Floats]:
    """The motion that by first order takes images nearest to the goal, and the distance left.

    Linear regression of the goals (P, D) on images (U, 32, 32) and their derivatives, all whitened;
    goal i is that of image ``of[i]``, and what follows from an image alone is computed once.

    Returns:
        The motion (P, 4), move and stretch in x, then in y; the distance (P,).
    """
    basis = _derivatives(images)
    length = np.linalg.norm(basis, axis=2, keepdims=True) + 1e-6
    basis /= length
    gram = basis @ basis.transpose(0, 2, 1) + 1e-3 * np.eye(basis.shape[1], dtype=np.float32)
    shadow = basis[of] @ goal[:, :, None]
    weights = np.linalg.inv(gram)[of] @ shadow
    explained = (weights * shadow).sum(axis=(1, 2)) / np.maximum((goal * goal).sum(axis=1), 1e-6)
    weights = (weights / length[of])[:, :, 0]
    gain = weights[:, :1]
    motion = np.where(gain > 0.1, weights[:, 1:] / np.maximum(gain, 0.1), 0)
    return np.clip(motion, -REACH, REACH), 1 - np.sqrt(np.maximum(explained, 0))


@cache
def _operators() -> tuple[Floats, Floats, Floats]:
    """Cosine transforms (16, 32) of a line, of its derivative, and of that times the place."""
    derivative = np.gradient(np.eye(SIDE, dtype=np.float32), axis=0)
    plain = cosines(FINE)
    return plain, plain @ derivative, (plain * _PLACE) @ derivative


def _derivatives(images: Floats) -> Floats:
    """Whitened images, their x-derivative, that times x, their y-derivative, that times y.

    Every one is a linear transform of rows and columns: (P, 32, 32) to (P, 5, D).
    """
    plain, slope, stretch = _operators()
    images = centred(images)
    lines = images @ np.concatenate([plain, slope, stretch]).T
    across = plain @ lines
    down = np.concatenate([slope, stretch]) @ lines[:, :, :FINE]
    fields = [*np.split(across, 3, axis=2), *np.split(down, 2, axis=1)]
    return np.stack([weigh(field, FINE) for field in fields], axis=1)


def _move(images: Floats, motion: Floats) -> Floats:
    """Images (P, 32, 32) sampled at x + move + stretch * place, likewise y; edges repeated."""
    wide = _sampling(motion[:, :2])
    high = _sampling(motion[:, 2:])
    return high @ images @ wide.transpose(0, 2, 1)


def _sampling(motion: Floats) -> Floats:
    """Matrices (P, 32, 32) that interpolate a line at its moved places (Catmull-Rom)."""
    places = np.arange(SIDE, dtype=np.float32)
    moved = np.clip(places + motion[:, :1] + motion[:, 1:] * _PLACE, 0, SIDE - 1).ravel()
    before = np.floor(moved)
    past = moved - before
    left = 1 - past
    # Each row has four weights, from the place before the one before on; two spare columns at
    # either end take those that fall off the line.
    rows = np.zeros((len(moved), SIDE + 4), np.float32)
    first = np.arange(len(moved)) * rows.shape[1] + before.astype(np.intp) + 1
    for step, column in enumerate((_outer(past), _inner(past), _inner(left), _outer(left))):
        rows.ravel()[first + step] = column
    inside = rows[:, 2:-2]
    weights: Floats = inside / inside.sum(axis=1, keepdims=True)
    return weights.reshape(len(motion), SIDE, SIDE)


def _inner(gap: Floats) -> Floats:
    """Catmull-Rom's weight of a neighbour less than one place away."""
    return 1 + gap * gap * (1.5 * gap - 2.5)


def _outer(gap: Floats) -> Floats:
    """… of the neighbour one further away on that side: the same cubic at 1 + gap."""
    return gap * (gap * (1 - 0.5 * gap) - 0.5)


def _toned(images: Floats, targets: Floats) -> list[tuple[Floats, Floats]]:
    """Each of the two with the gray levels of the other (Gonzalez and Woods: matching histograms).

    The pixels of each (P, 32, 32) in their order, with the values of the other. Undoes any
    brightening or gamma; lost highlights too, one way round.
    """
    ours, theirs = (each.reshape(len(each), -1) for each in (images, targets))
    our_order, their_order = _order(ours), _order(theirs)
    our_values = np.take_along_axis(ours, our_order, axis=1)
    their_values = np.take_along_axis(theirs, their_order, axis=1)
    np.put_along_axis(toned := np.empty_like(ours), our_order, their_values, axis=1)
    np.put_along_axis(matched := np.empty_like(theirs), their_order, our_values, axis=1)
    return [(toned.reshape(images.shape), targets), (images, matched.reshape(images.shape))]


def _order(values: Floats) -> Indices:
    """Places (P, K) by rising value, to 1/65,535 of the span: 16 bits sort in linear time."""
    least = values.min(axis=1, keepdims=True)
    span = np.maximum(values.max(axis=1, keepdims=True) - least, 1e-6)
    ranks = ((values - least) * (65_535 / span)).astype(np.uint16)
    order: Indices = ranks.argsort(axis=1, kind="stable")
    return order


def _distance(images: Floats, targets: Floats) -> Floats:
    ours, theirs = spectrum(images, FINE), spectrum(targets, FINE)
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    correlation: Floats = (ours * theirs).sum(axis=1) / np.maximum(norms, 1e-6)
    return 1 - correlation


def _agreement(images: Floats, targets: Floats) -> Floats:
    ours, theirs = _smooth(images), _smooth(targets)
    our_mean, their_mean = _windows(ours), _windows(theirs)
    our_variance = np.maximum(_windows(ours * ours) - our_mean**2, 0)
    their_variance = np.maximum(_windows(theirs * theirs) - their_mean**2, 0)
    covariance = _windows(ours * theirs) - our_mean * their_mean
    correlation = covariance / np.maximum(np.sqrt(our_variance * their_variance), 1e-3)
    contrast = np.maximum(our_variance, their_variance) ** 2
    weight = contrast / (contrast + NOISE**4)
    return np.where(weight.sum(axis=1) < EVIDENCE, 0, _tail(correlation, weight))


def _tail(values: Floats, weights: Floats) -> Floats:
    """The value that the lowest :data:`TAIL` of the weight lies below, of each row (P, K)."""
    order = np.argsort(values, axis=1)
    below = np.take_along_axis(weights, order, axis=1).cumsum(axis=1)
    place = (below >= TAIL * below[:, -1:]).argmax(axis=1)
    tail: Floats = np.take_along_axis(values, order, axis=1)[np.arange(len(values)), place]
    return tail


def _smooth(images: Floats) -> Floats:
    """Binomial 1-2-1 smoothing without the border, about zero: what re-encoding keeps."""
    lines = (images[:, :-2] + 2 * images[:, 1:-1] + images[:, 2:]) / 4
    smooth = (lines[:, :, :-2] + 2 * lines[:, :, 1:-1] + lines[:, :, 2:]) / 4
    return centred(smooth)


def _windows(images: Floats) -> Floats:
    """Means over the windows, (P, K)."""
    means = _averaging(images.shape[1])
    return (means @ images @ means.T).reshape(len(images), -1)


@cache
def _averaging(side: int) -> Floats:
    """(windows, side): takes the mean of a line in each window."""
    starts = np.arange(0, side - WINDOW + 1, STRIDE)[:, None]
    inside = (np.arange(side) >= starts) & (np.arange(side) < starts + WINDOW)
    return inside.astype(np.float32) / WINDOW
