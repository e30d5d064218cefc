"""May pictures be mirrored? A small experiment on the data itself answers.

Mirrored copies help a classifier of photographs and harm one of digits, letters or arrows. So a
nearest-neighbour classifier on small gray pictures is tried twice, without and with mirrored
copies of its examples, on the same held-out pictures. Where the copies cost it significantly more
pictures than they win (exact one-sided sign test: McNemar 1947), mirroring is off.
"""

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

#: Enough to tell, and a matter of milliseconds.
EXAMPLES, QUERIES = 4000, 2000
SIGNIFICANT = 0.01


@dataclass(frozen=True, slots=True)
class MirrorTest:
    """What mirrored examples did to a nearest-neighbour classifier.

    Attributes:
        queries: pictures classified.
        lost: classified rightly only without mirrored copies.
        won: classified rightly only with them.
        p_value: chance of at least so many losses if copies did no harm.
    """

    queries: int
    lost: int
    won: int
    p_value: float

    @property
    def harmful(self) -> bool:
        """Mirrored copies confuse the classes of this data set."""
        return self.p_value < SIGNIFICANT


def mirror_test(
    thumbs: NDArray[np.uint8], labels: NDArray[np.intp], rng: np.random.Generator
) -> MirrorTest:
    """Try mirrored copies on a data set.

    Args:
        thumbs: (N, S, S) gray pictures, S even.
        labels: (N,) class of each.
        rng: chooses examples and queries.

    >>> arrows = np.zeros((60, 4, 4), np.uint8)
    >>> arrows[::2, :, 0] = arrows[1::2, :, 3] = 200    # left-pointing and right-pointing
    >>> arrows += np.random.default_rng(0).integers(0, 9, arrows.shape, np.uint8)
    >>> mirror_test(arrows, np.arange(60) % 2, np.random.default_rng(0)).harmful
    True
    """
    order = rng.permutation(len(thumbs))
    queries = order[: min(QUERIES, len(order) // 3)]
    if not len(queries):
        return MirrorTest(0, 0, 0, 1.0)
    examples = order[len(queries) :][:EXAMPLES]
    known, wanted = labels[examples], labels[queries]
    plain = _unit(thumbs[queries]) @ _unit(thumbs[examples]).T
    mirrored = _unit(thumbs[queries]) @ _unit(thumbs[examples][:, :, ::-1]).T
    both = np.concatenate([plain, mirrored], axis=1)
    right_plain = known[plain.argmax(1)] == wanted
    right_both = np.tile(known, 2)[both.argmax(1)] == wanted
    lost = int((right_plain & ~right_both).sum())
    won = int((~right_plain & right_both).sum())
    return MirrorTest(len(queries), lost, won, _sign_test(lost, won))


def _unit(thumbs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Halved pictures as centred vectors of length 1, so that a product is a correlation."""
    count, side, _ = thumbs.shape
    halved = thumbs.reshape(count, side // 2, 2, side // 2, 2).mean((2, 4), dtype=np.float32)
    vectors: NDArray[np.float32] = halved.reshape(count, -1)
    vectors -= vectors.mean(1, keepdims=True)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + np.float32(1e-6)
    return vectors


def _sign_test(lost: int, won: int) -> float:
    """P(at least ``lost`` heads in lost + won fair tosses)."""
    tosses = lost + won
    return sum(comb(tosses, heads) for heads in range(lost, tosses + 1)) / float(2**tosses)
