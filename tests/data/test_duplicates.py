"""The search for copies, against brute force, SciPy, and copies made of real photographs."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import fft, ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from skimage import data

from pellucid.data import descriptors
from pellucid.data.alignment import compare
from pellucid.data.descriptors import COARSE, FINE, candidates, describe, similarity, surroundings
from pellucid.data.duplicates import CHAIN, Duplicates, find_duplicates, group
from pellucid.data.open import open_catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.demo import demo_data
from pellucid.images.read import Pixels

THUMB = Preprocessing("gray", 32, 32, mean=(0.5,), std=(0.5,))
NO_PAIRS = np.empty((0, 2), np.intp)


def thumbnails(images: Sequence[Pixels]) -> NDArray[np.uint8]:
    return np.stack([THUMB.fit(np.ascontiguousarray(image))[..., 0] for image in images])


def search(thumbs: NDArray[np.uint8], digests: NDArray[np.uint8] | None = None) -> Duplicates:
    if digests is None:
        numbers = np.arange(len(thumbs), dtype=np.int64)
        digests = np.zeros((len(thumbs), 16), np.uint8)
        digests[:, :8] = numbers[:, None].view(np.uint8)
    return find_duplicates(thumbs, digests, np.ones(len(thumbs), np.bool_))


@pytest.fixture(scope="module")
def photos() -> list[Pixels]:
    """100 pictures of 96×128 that do not overlap, out of photographs and textures; no bare sky."""
    sources = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    sources += [image[..., None] for image in (data.camera(), data.brick(), data.gravel())]
    tiles = [
        source[top : top + 96, left : left + 128]
        for source in sources
        for top in range(0, source.shape[0] - 95, 96)
        for left in range(0, source.shape[1] - 127, 128)
    ]
    return [
        tile
        for tile in tiles
        if (tile - cv2.blur(tile, (24, 24)).reshape(tile.shape).astype(np.float32)).std() > 5
    ][:100]


def encode(image: Pixels, quality: int) -> Pixels:
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_UNCHANGED).reshape(image.shape)


def resize(image: Pixels, factor: float) -> Pixels:
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return small.reshape(*small.shape[:2], -1)


def linear(image: Pixels, gain: float, offset: float) -> Pixels:
    return np.clip(image * gain + offset, 0, 255).astype(np.uint8)


CHANGES: dict[str, tuple[str, Callable[[Pixels], Pixels]]] = {
    "jpeg": ("near", lambda image: encode(image, 30)),
    "resized": ("near", lambda image: resize(image, 0.6)),
    "brighter": ("near", lambda image: linear(image, 1.0, 25)),
    "less contrast": ("near", lambda image: linear(image, 0.7, 30)),
    "shifted": ("near", lambda image: np.roll(image, (1, -1), (0, 1))),
    "cropped": ("near", lambda image: image[2:, 2:]),
    "mirrored": ("mirrored", lambda image: image[:, ::-1]),
    "mirrored and jpeg": ("mirrored", lambda image: encode(resize(image[:, ::-1], 0.5), 60)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_are_found_and_nothing_else(photos: list[Pixels], change: str) -> None:
    kind, make = CHANGES[change]
    found = search(thumbnails([*photos, *(make(image) for image in photos)]))
    right = {(index, index + len(photos), kind) for index in range(len(photos))}
    pairs = {(first, second, kind) for first, second, kind, _ in found}
    assert len(right & pairs) >= 0.95 * len(photos)
    count = len(photos)
    wrong = {tuple(sorted((a % count, b % count))) for a, b, _ in pairs if a % count != b % count}
    assert len(wrong) <= 1


def test_different_photographs_are_no_copies(photos: list[Pixels]) -> None:
    """But for two crops of one brick wall, perhaps: mirrored, they are hard to tell apart."""
    assert len(search(thumbnails(photos))) <= 1


def test_clothes_of_one_cut_are_no_copies() -> None:
    """Smooth pictures correlate highly; 2,000 different ones give next to no pairs."""
    catalogue = open_catalogue(demo_data())
    images = [catalogue.source.load(index).pixels for index in range(2000)]
    thumbs = thumbnails(images)
    assert len(search(thumbs)) <= 2
    again = np.concatenate([thumbs, thumbnails([encode(image, 90) for image in images[:200]])])
    pairs = set(map(tuple, search(again).pairs.tolist()))
    assert sum((index, 2000 + index) in pairs for index in range(200)) >= 190


@given(arrays.arrays(np.uint8, (12, 16), elements=st.integers(0, 1), fill=st.just(np.uint8(0))))
def test_exact_copies_are_those_of_equal_digest(digests: NDArray[np.uint8]) -> None:
    found = search(np.full((12, 32, 32), 7, np.uint8), digests)
    words = [digest.tobytes() for digest in digests]
    right = [(words.index(word), index) for index, word in enumerate(words)]
    assert found.pairs.tolist() == sorted([a, b] for a, b in right if a != b)
    assert found.groups.tolist() == [first for first, _ in right]
    assert set(found.kinds.tolist()) <= {0}


def test_flat_and_bad_images_are_in_no_changed_pair(photos: list[Pixels]) -> None:
    thumbs = thumbnails([*photos[:5], *photos[:5]])
    thumbs[4] = thumbs[9] = 90
    thumbs[9, 3, 3] = 92
    digests = np.arange(160, dtype=np.uint8).reshape(10, 16)
    digests[5] = digests[0]
    good = np.arange(10) != 6
    found = find_duplicates(thumbs, digests, good)
    assert [(a, b, kind) for a, b, kind, _ in found] == [
        (0, 5, "exact"),
        (2, 7, "near"),
        (3, 8, "near"),
    ]
    assert found.groups.tolist() == [0, 1, 2, 3, 4, 0, 6, 2, 3, 9]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_images(photos: list[Pixels], count: int) -> None:
    assert len(search(np.zeros((count, 32, 32), np.uint8))) == 0
    same = np.repeat(thumbnails(photos[:1]), count, axis=0)
    assert len(search(same)) == count // 2


def test_many_copies_of_few_pictures(photos: list[Pixels]) -> None:
    """A set that someone has blown up with changed copies."""
    copies = [linear(image, 0.8 + 0.05 * step, step) for image in photos[:10] for step in range(10)]
    groups = search(thumbnails(copies)).groups
    assert groups.tolist() == np.repeat(np.arange(0, 100, 10), 10).tolist()


def tapered(thumb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Coefficients of a thumbnail by SciPy, in float64."""
    taper = np.ones(32)
    taper[[0, 1, -2, -1]] = 0, 0.5, 0.5, 0
    image = (thumb - thumb.mean()) * taper * taper[:, None]
    y, x = np.mgrid[:32, :32]
    return fft.dctn(image, norm="ortho") * np.hypot(y, x)


@given(arrays.arrays(np.uint8, (2, 32, 32)))
def test_similarity_is_the_better_correlation_of_plain_and_mirrored(
    thumbs: NDArray[np.uint8],
) -> None:
    thumbs[:, ::2, ::2] //= 2  # never flat
    thumbs[:, 5, 5], thumbs[:, 9, 2] = 0, 255
    y, x = np.mgrid[:32, :32]
    low = (np.hypot(y, x) < FINE) & (np.hypot(y, x) > 0)
    one, other, mirrored = (
        tapered(thumb)[low] for thumb in (thumbs[0], thumbs[1], thumbs[1, :, ::-1])
    )
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    right = max(one @ other, one @ mirrored) / lengths
    fine = describe(thumbs, FINE)
    assert similarity(fine[:1], fine[1:], FINE)[0, 0] == pytest.approx(right, abs=1e-4)


def test_candidates_are_the_most_similar_pairs(
    photos: list[Pixels], monkeypatch: pytest.MonkeyPatch
) -> None:
    coarse = describe(thumbnails([*photos, *(encode(image, 30) for image in photos)]), COARSE)
    scores = similarity(coarse, coarse, COARSE)
    rows, columns = np.nonzero(np.triu(scores > descriptors.LEAST, 1))
    monkeypatch.setattr(descriptors, "BLOCK", 64)  # several blocks
    found = candidates(coarse)
    assert {*map(tuple, found.tolist())} == set(zip(rows.tolist(), columns.tolist(), strict=True))
    monkeypatch.setattr(descriptors, "EXHAUSTIVE", 100)
    monkeypatch.setattr(descriptors, "BLOCK", 16)
    fewer = {*map(tuple, candidates(coarse).tolist())}
    assert fewer <= {*map(tuple, found.tolist())}
    assert sum((index, index + len(photos)) in fewer for index in range(len(photos))) >= 95


def test_alignment_undoes_a_shift_by_splines(photos: list[Pixels]) -> None:
    thumbs = thumbnails(photos[:40]).astype(np.float64)
    for move in (0.5, 1.0):
        moved = np.stack([ndimage.shift(thumb, (move, -move), mode="nearest") for thumb in thumbs])
        both = np.concatenate([thumbs, moved]).clip(0, 255).round().astype(np.uint8)
        pairs = np.stack([np.arange(40), np.arange(40, 80)], axis=1)
        found = compare(both, pairs, np.full(40, 2.0))
        assert not found.mirrored.any()
        assert np.quantile(found.distance, 0.9) < 0.03
        assert np.quantile(found.agreement, 0.1) > 0.95


def test_surroundings_are_close_where_pictures_look_alike() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (100, 32, 32), np.uint8)
    alike = (noise[:1] * 0.9 + noise * 0.1).astype(np.uint8)
    far = surroundings(np.concatenate([noise, alike]))
    assert far[1:100].min() > 0.5
    assert far[100:].max() < 0.1


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=25))
def test_groups_are_connected_components(links: list[tuple[int, int]]) -> None:
    pairs = np.array(sorted({(min(p), max(p)) for p in links if p[0] != p[1]}), np.intp)
    pairs = pairs.reshape(-1, 2)
    half = len(pairs) // 2
    found = group(20, pairs[:half], pairs[half:], np.linspace(0, 1, len(pairs) - half))
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (20, 20))
    _, labels = connected_components(graph, directed=False)
    _, lowest = np.unique(labels, return_index=True)
    assert found.tolist() == lowest[labels].tolist()


def test_a_chain_does_not_melt_into_one_group() -> None:
    chain = np.array(list(pairwise(range(200))), np.intp)
    groups = group(200, NO_PAIRS, chain, np.ones(199, np.float32))
    assert np.bincount(groups).max() <= CHAIN
    star = np.array([(0, index) for index in range(1, 200)], np.intp)
    assert not group(200, NO_PAIRS, star, np.ones(199, np.float32)).any()
