"""Few numbers an image for comparing it with all others: whitened low frequencies.

A descriptor holds the lowest two-dimensional cosine frequencies of a 32×32 thumbnail without
the mean, each weighted by its frequency: natural images fall off as 1/f, so every weighted
coefficient tells about as much as any other, and two different pictures hardly correlate.
Brightness drops out with the mean and contrast with the norm.

Mirroring an image left-right flips the sign of its odd horizontal frequencies and nothing else.
So with e and o the even and odd part of the inner product of two descriptors, the plain
similarity is e + o, the mirrored one is e - o, and the better of both e + abs(o).
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.workers import for_each

#: float32, though NumPy's stubs widen it here and there.
Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]

#: Side of the thumbnails, in pixels.
SIDE = 32
#: Thumbnails with no greater span of gray levels cannot be told apart.
FLAT = 4
#: Weight of the outermost pixels on each side, from the border inwards: what a small shift
#: brings in there is no news of the picture.
TAPER = (0.0, 0.5)
#: Frequencies are kept below this one (in half cycles a side): to find pairs, and to judge them.
COARSE, FINE = 8, 16
#: Up to this many images every pair is compared.
EXHAUSTIVE = 100_000
#: So many images at a time against as many: the block of similarities stays in a core's cache.
TILE = 512
#: Beyond it, images are sorted by this many of the coarsest coefficients in turn …
ORDERS = 6
#: … and compared with the images of their own block and the next.
BLOCK = 2_048
#: No pair less similar than this (by the coarse descriptor) is looked at further.
LEAST = 0.84
#: Pairs looked at further, at most about this many an image: the most similar ones.
PAIRS_PER_IMAGE = 4
#: How many images stand for the whole set where a figure is estimated.
REFERENCES = 1_000
#: Copies of one picture that a set may hold before they count as its ordinary surroundings.
COPIES = 12


@cache
def _frequencies(size: int) -> tuple[Indices, Floats, NDArray[np.bool_]]:
    """Which of size×size coefficients are kept, their weights, and whether they are odd in x."""
    y, x = np.mgrid[:size, :size]
    radius = np.hypot(y, x)
    kept = (radius > 0) & (radius < size)
    return np.flatnonzero(kept), radius[kept].astype(np.float32), (x % 2 == 1)[kept]


@cache
def cosines(size: int) -> Floats:
    """The orthonormal DCT-II matrix's lowest rows, (size, 32), of a line with tapered ends."""
    angles = np.arange(size)[:, None] * (2 * np.arange(SIDE)[None] + 1) * (np.pi / (2 * SIDE))
    matrix = np.cos(angles) * np.sqrt(2 / SIDE)
    matrix[0] /= np.sqrt(2)
    ends = len(TAPER)
    matrix[:, :ends] *= TAPER
    matrix[:, -ends:] *= TAPER[::-1]
    rows: Floats = matrix.astype(np.float32)
    return rows


def odd(size: int) -> NDArray[np.bool_]:
    """(D,) the coefficients that change their sign when the image is mirrored."""
    return _frequencies(size)[2]


def spectrum(images: NDArray[np.uint8] | Floats, size: int) -> Floats:
    """Weighted cosine coefficients of images (N, 32, 32) below frequency ``size``: (N, D).

    The coefficient of frequencies (u, v) is that of the orthonormal DCT-II of the image without
    its mean and with tapered borders, times hypot(u, v).
    """
    transform = cosines(size)
    # Matrices one by one, not one flat product: as fast, and it starts no threads.
    return weigh(transform @ (centred(images) @ transform.T), size)


def centred(images: NDArray[np.uint8] | Floats) -> Floats:
    """Images (N, 32, 32) as float32 without their mean."""
    shifted: Floats = images - images.mean(axis=(1, 2), keepdims=True, dtype=np.float32)
    return shifted


def weigh(coefficients: Floats, size: int) -> Floats:
    """The kept ones of coefficients (N, size, size), weighted by their frequency: (N, D)."""
    kept, weights, _ = _frequencies(size)
    return coefficients.reshape(len(coefficients), -1)[:, kept] * weights


def describe(thumbs: NDArray[np.uint8], size: int) -> Floats:
    """Descriptors (N, D) of unit length of thumbs (N, 32, 32); zero where a thumb is flat.

    >>> ramp = np.broadcast_to(np.arange(0, 256, 8, dtype=np.uint8), (1, 32, 32))
    >>> plain, mirrored = describe(ramp, COARSE), describe(ramp[:, :, ::-1], COARSE)
    >>> bool(np.allclose(np.where(odd(COARSE), -plain, plain), mirrored, atol=1e-6))
    True
    """
    found = np.concatenate(
        [spectrum(thumbs[i : i + BLOCK], size) for i in range(0, max(1, len(thumbs)), BLOCK)]
    )
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
    found[flat(thumbs)] = 0
    return found


def flat(thumbs: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(N,) thumbs (N, 32, 32) without enough contrast to be compared."""
    dull: NDArray[np.bool_] = np.ptp(thumbs, axis=(1, 2)) <= FLAT
    return dull


def similarity(rows: Floats, columns: Floats, size: int) -> Floats:
    """Correlation, plain or mirrored whichever is greater, of each with each: (R, C)."""
    flips = odd(size)
    even_part = rows[:, ~flips] @ columns[:, ~flips].T
    odd_part = rows[:, flips] @ columns[:, flips].T
    even_part += np.abs(odd_part, out=odd_part)
    return even_part


def evenly(count: int, most: int) -> Indices:
    """At most ``most`` of ``count`` indices, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.intp))


def candidates(coarse: Floats) -> NDArray[np.intp]:
    """Pairs (P, 2), i < j, of descriptors (N, D) that are worth a closer look.

    Up to :data:`EXHAUSTIVE` images every pair is compared. Beyond, the images are sorted by each
    of the :data:`ORDERS` coarsest mirror-free coefficients in turn and compared inside a
    sliding window of :data:`BLOCK` to twice as many, so that the work grows with N log N; a pair
    that is far apart in all orders is then not found.
    """
    least = _threshold(coarse)
    count = len(coarse)
    blocks = list(_blocks(coarse))
    found = [np.empty(0, np.int64)]

    def work(index: int) -> None:
        rows, columns = blocks[index]
        similar = similarity(coarse[rows], coarse[columns], COARSE) > least
        places = np.flatnonzero(similar)
        first, second = rows[places // len(columns)], columns[places % len(columns)]
        pairs = np.minimum(first, second) * count + np.maximum(first, second)
        found.append(pairs[first != second])

    for_each(len(blocks), work)
    return np.stack(np.divmod(np.unique(np.concatenate(found)), max(1, count)), axis=1)


def _threshold(coarse: Floats) -> float:
    """The similarity that about :data:`PAIRS_PER_IMAGE` pairs an image exceed."""
    rows, columns = evenly(len(coarse), REFERENCES), evenly(len(coarse), 2 * REFERENCES)
    share = min(1.0, 2 * PAIRS_PER_IMAGE / len(coarse))
    sample = similarity(coarse[rows], coarse[columns], COARSE)
    sample[rows[:, None] == columns[None]] = -1  # an image with itself
    last = round((1 - share) * (sample.size - 1))
    return max(LEAST, float(np.partition(sample, last, axis=None).flat[last]))


def _blocks(coarse: Floats) -> Iterator[tuple[Indices, Indices]]:
    """Blocks of images to compare with each other, each pair of blocks once an order."""
    count = len(coarse)
    if count <= EXHAUSTIVE:
        blocks = [np.arange(i, min(i + TILE, count)) for i in range(0, count, TILE)]
        yield from ((a, b) for i, a in enumerate(blocks) for b in blocks[i:])
        return
    even_columns = np.flatnonzero(~odd(COARSE))
    nearest = even_columns[np.argsort(_frequencies(COARSE)[1][even_columns], kind="stable")]
    for column in nearest[:ORDERS]:
        order = np.argsort(coarse[:, column], kind="stable")
        blocks = [order[i : i + BLOCK] for i in range(0, count, BLOCK)]
        for i, block in enumerate(blocks):
            yield from ((block, other) for other in blocks[i : i + 2])


def surroundings(thumbs: NDArray[np.uint8]) -> Floats:
    """How far each image (N, 32, 32) is from its like: 1 - similarity, (N,).

    The distance to one of the most similar among :data:`REFERENCES` images spread over the set:
    small where many pictures look alike (a digit 1), large where each is its own (photographs).
    So many are passed over that a picture's own copies, up to :data:`COPIES`, do not count.
    """
    fine = describe(thumbs[evenly(len(thumbs), REFERENCES)], FINE)
    rank = min(len(fine) - 1, 2 + round(COPIES * len(fine) / len(thumbs)))
    far = np.empty(len(thumbs), np.float32)

    def work(block: int) -> None:
        part = slice(block * BLOCK, (block + 1) * BLOCK)
        close = similarity(describe(thumbs[part], FINE), fine, FINE)
        far[part] = 1 - np.partition(close, -1 - rank, axis=1)[:, -1 - rank]

    for_each(-(-len(thumbs) // BLOCK), work)
    return np.maximum(far, 0)
