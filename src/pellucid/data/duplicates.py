"""Find images that are copies of each other, exact and changed ones."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pellucid.data.alignment import compare
from pellucid.data.descriptors import COARSE, Indices, candidates, describe, flat, surroundings
from pellucid.threads import one_blas_thread

#: What a pair is, by its number in :attr:`Duplicates.kinds`.
KINDS = ("exact", "near", "mirrored")
EXACT, NEAR, MIRRORED = range(3)
#: A changed copy is nearer than this times the cube of how far its surroundings are …
CLOSENESS = 0.25
#: … but this near (rounding, mild compression) is a copy in any surroundings,
REENCODED = 0.001
#: … and agrees at least so well wherever there is something to see.
AGREEMENT = 0.8
#: A pair further apart than so many times its limit after the first step, before gray levels
#: are matched, is given up.
FOLLOWED = 20
#: So many different pictures may hang together by a chain in which not each is like each.
CHAIN = 32


@dataclass(frozen=True)
class Duplicates:
    """The copies among N images.

    Attributes:
        pairs: (P, 2) indices i < j of two images that are copies, sorted. Of M images that are
            exactly the same, M - 1 pairs with the first of them stand for all; only the first
            is compared with the images that are not.
        kinds: (P,) index into :data:`KINDS`; ``mirrored`` is left-right, and may be changed.
        scores: (P,) 1 for exact copies; below it for others, how well they agree, as a
            correlation.
        groups: (N,) the number of the group of copies that an image is in: the lowest index in
            it, so an image without copies has its own. Pairs that would chain too many
            different pictures together are left out of groups, not out of ``pairs``.
    """

    pairs: Indices
    kinds: NDArray[np.int8]
    scores: NDArray[np.float32]
    groups: Indices

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[tuple[int, int, str, float]]:
        """First, second, kind in words, score."""
        for (first, second), kind, score in zip(self.pairs, self.kinds, self.scores, strict=True):
            yield int(first), int(second), KINDS[kind], float(score)


def find_duplicates(
    thumbs: NDArray[np.uint8], digests: NDArray[np.uint8], good: NDArray[np.bool_]
) -> Duplicates:
    """Find copies: the same content, re-encoded, resized, brightened, shifted a little, mirrored.

    *Exact* copies have the same digest. The rest are compared twice: all with all by few
    numbers (:mod:`pellucid.data.descriptors`), then the most alike pairs aligned and in detail
    (:mod:`pellucid.data.alignment`). A pair is a changed copy if it is much closer than its
    surroundings and agrees wherever there is something to see. Pictures of one scene a moment
    apart, or one drawing in two colours, count as copies, which is right for keeping splits
    apart. Images without contrast are only ever exact copies.

    Up to :data:`~pellucid.data.descriptors.EXHAUSTIVE` images every pair is compared; beyond,
    a changed copy that sorts far away in every one of several orders is not found.

    ``benchmarks/duplicates.py`` plants copies and counts. Of photographs (Caltech-101) it finds
    all that were re-encoded, resized, mirrored or changed in contrast or gamma, and 95% or more
    of those brightened until highlights are lost, shifted or cropped by 2%. Of 28×28 pictures
    (Fashion-MNIST, MNIST) it finds the mirrored and those of less contrast, but only some of
    the re-encoded or shrunk, and hardly any that were shifted: many different pictures there
    are more alike than that.

    Args:
        thumbs: (N, 32, 32) gray thumbnails, area-averaged and stretched.
        digests: (N, 16) of the content.
        good: (N,) rows to look at; the others are in no pair.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> thumbs = np.repeat(rng.integers(0, 256, (3, 8, 8), np.uint8), 4, 1).repeat(4, 2)
        >>> thumbs[2] = thumbs[0, :, ::-1] // 2 + 40
        >>> digests = np.arange(48, dtype=np.uint8).reshape(3, 16)
        >>> found = find_duplicates(thumbs, digests, np.ones(3, bool))
        >>> [(first, second, kind) for first, second, kind, _ in found]
        [(0, 2, 'mirrored')]
    """
    usable = np.flatnonzero(good)
    exact = usable[_exact(digests[usable])]
    different = np.setdiff1d(usable, exact[:, 1], assume_unique=True)
    with one_blas_thread():  # the search has threads of its own
        changed, kinds, scores = _changed(thumbs, different)
    pairs = np.concatenate([exact, changed])
    kinds = np.concatenate([np.full(len(exact), EXACT, np.int8), kinds])
    scores = np.concatenate([np.ones(len(exact), np.float32), scores])
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    groups = group(len(good), exact, changed, scores[len(exact) :])
    return Duplicates(pairs[order], kinds[order], scores[order], groups)


def _exact(digests: NDArray[np.uint8]) -> Indices:
    """Pairs (P, 2) of the first row with some digest and each further one."""
    if not len(digests):
        return np.empty((0, 2), np.intp)
    keys = np.ascontiguousarray(digests).view(np.dtype((np.void, digests.shape[1])))[:, 0]
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    first = first[which]
    later = np.flatnonzero(first != np.arange(len(first)))
    return np.stack([first[later], later], axis=1)


def _changed(
    thumbs: NDArray[np.uint8], indices: Indices
) -> tuple[Indices, NDArray[np.int8], NDArray[np.float32]]:
    """Pairs (P, 2) of changed copies among the images at ``indices``, kinds and scores (P,)."""
    telling = indices[~flat(thumbs[indices])]
    if len(telling) < 2:
        return np.empty((0, 2), np.intp), np.empty(0, np.int8), np.empty(0, np.float32)
    chosen = thumbs[telling]
    pairs = candidates(describe(chosen, COARSE))
    far = surroundings(chosen)[pairs].min(axis=1)
    limit = np.maximum(CLOSENESS * far**3, REENCODED)
    reach = np.minimum(FOLLOWED * limit, np.maximum(far / 2, REENCODED))
    likeness = compare(chosen, pairs, reach)
    found = (likeness.distance < limit) & (likeness.agreement > AGREEMENT)
    kinds = np.where(likeness.mirrored[found], MIRRORED, NEAR).astype(np.int8)
    return telling[pairs[found]], kinds, likeness.agreement[found]


def group(
    count: int, exact: Indices, changed: Indices, scores: NDArray[np.float32]
) -> NDArray[np.intp]:
    """The group of each of ``count`` images: the lowest index of the images it is joined to.

    Exact copies always join. Changed ones join from the best score down, unless more than
    :data:`CHAIN` would hang together and the two groups' centres (the images with the most
    copies) are not copies themselves: so a long chain of slightly different pictures does not
    melt into one group.

    >>> chain = np.array([[0, 1], [1, 2], [4, 5]])
    >>> group(6, np.empty((0, 2), np.intp), chain, np.ones(3, np.float32)).tolist()
    [0, 0, 0, 3, 4, 4]
    """
    members = {index: [index] for index in range(count)}
    of = np.arange(count)
    degree = np.bincount(changed.ravel(), minlength=count)
    linked = {(int(a), int(b)) for a, b in changed}

    def centre(indices: list[int]) -> int:
        return max(indices, key=lambda index: (degree[index], -index))

    def may_join(ours: list[int], theirs: list[int]) -> bool:
        a, b = sorted((centre(ours), centre(theirs)))
        return len(ours) + len(theirs) <= CHAIN or (a, b) in linked

    order = np.lexsort((changed[:, 1], changed[:, 0], -scores))
    for pairs, always in ((changed[order], False), (exact, True)):
        for first, second in pairs:
            low, high = sorted((of[first], of[second]))
            if low != high and (always or may_join(members[low], members[high])):
                of[members[high]] = low
                members[low] += members.pop(high)
    return of
