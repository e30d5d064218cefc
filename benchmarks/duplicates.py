"""How many planted copies the search for duplicates finds, and what it finds besides.

    python benchmarks/duplicates.py photos/ [train-images-idx3-ubyte.gz …] [--plant 200] [--sheet S]

For each data set, in turn for each kind of change: some images are copied, changed, and added;
*recall* is the share of them that is found as a pair with its original. *Found unplanted* is
what the search finds in the data as it is: copies that were there before, and false alarms.
With ``--sheet`` the pairs found are drawn side by side, least certain first, to be judged by
eye (one PNG a data set).
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import pellucid
from pellucid.data.duplicates import Duplicates, find_duplicates
from pellucid.data.open import open_catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.images.read import Pixels

THUMB = Preprocessing("gray", 32, 32, mean=(0.5,), std=(0.5,))


def encode(image: Pixels, quality: int) -> Pixels:
    """Through JPEG and back."""
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_UNCHANGED).reshape(image.shape)


def resize(image: Pixels, factor: float) -> Pixels:
    """Both sides times a factor."""
    height, width = (max(1, round(side * factor)) for side in image.shape[:2])
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, (width, height), interpolation=kind).reshape(height, width, -1)


def linear(image: Pixels, gain: float, offset: float) -> Pixels:
    """gain * image + offset, clipped."""
    return np.clip(image * np.float32(gain) + offset, 0, 255).astype(np.uint8)


def gamma(image: Pixels, power: float) -> Pixels:
    """Brightness curve."""
    return (255 * (image / 255) ** power).round().astype(np.uint8)


def shift(image: Pixels, down: int, right: int) -> Pixels:
    """Moved by whole pixels, borders repeated."""
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    moved = cv2.warpAffine(image, matrix, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return moved.reshape(image.shape)


def two_percent(image: Pixels) -> tuple[int, int]:
    """Of height and width, in pixels."""
    return round(0.02 * image.shape[0]), round(0.02 * image.shape[1])


def cropped(image: Pixels) -> Pixels:
    """Without 2% at the top and at the left."""
    down, right = two_percent(image)
    return image[down:, right:]


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "the same bytes": lambda image: image,
    "JPEG, quality 50": lambda image: encode(image, 50),
    "JPEG, quality 20": lambda image: encode(image, 20),
    "half the size": lambda image: resize(image, 0.5),
    "0.7 times the size": lambda image: resize(image, 0.7),
    "twice the size": lambda image: resize(image, 2),
    "brighter by 25 levels": lambda image: linear(image, 1, 25),
    "brighter by 20%": lambda image: linear(image, 1.2, 0),
    "brighter by 30%, highlights lost": lambda image: linear(image, 1.3, 0),
    "darker by 30%": lambda image: linear(image, 0.7, 0),
    "contrast 0.7": lambda image: linear(image, 0.7, 38),
    "gamma 0.7": lambda image: gamma(image, 0.7),
    "shifted by 1 pixel down": lambda image: shift(image, 1, 0),
    "shifted by 1 pixel both ways": lambda image: shift(image, 1, -1),
    "shifted by 2% both ways": lambda image: shift(image, *two_percent(image)),
    "2% cropped off two sides": cropped,
    "mirrored": lambda image: image[:, ::-1],
    "mirrored, half, JPEG 60, brighter 10%": lambda image: linear(
        encode(resize(image[:, ::-1], 0.5), 60), 1.1, 0
    ),
}


def load(path: Path) -> list[Pixels]:
    """All images of a data set, or of one idx file of images."""
    if path.name.endswith(("ubyte.gz", "ubyte")):
        import gzip

        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        count, height, width = np.frombuffer(data, ">i4", 3, 4)
        return list(np.frombuffer(data, np.uint8, offset=16).reshape(count, height, width, 1))
    catalogue = open_catalogue(path)
    return [catalogue.source.load(index).pixels for index in range(len(catalogue))]


def thumbnails(images: Sequence[Pixels]) -> NDArray[np.uint8]:
    """(N, 32, 32), as the scan makes them."""
    return np.stack([THUMB.fit(np.ascontiguousarray(image))[..., 0] for image in images])


def digests(images: Sequence[Pixels]) -> NDArray[np.uint8]:
    """(N, 16) of shapes and pixels."""
    words = (str(image.shape).encode() + image.tobytes() for image in images)
    joined = b"".join(blake2b(word, digest_size=16).digest() for word in words)
    return np.frombuffer(joined, np.uint8).reshape(-1, 16)


def search(thumbs: NDArray[np.uint8], marks: NDArray[np.uint8]) -> Duplicates:
    """The search itself."""
    return find_duplicates(thumbs, marks, np.ones(len(thumbs), np.bool_))


def recall(
    change: Callable[[Pixels], Pixels],
    images: Sequence[Pixels],
    thumbs: NDArray[np.uint8],
    marks: NDArray[np.uint8],
    chosen: NDArray[np.intp],
) -> float:
    """Share of changed copies of the chosen images that are found with their originals."""
    copies = [change(images[index]) for index in chosen]
    found = search(
        np.concatenate([thumbs, thumbnails(copies)]), np.concatenate([marks, digests(copies)])
    )
    pairs = set(map(tuple, found.pairs.tolist()))
    return float(np.mean([(i, len(images) + k) in pairs for k, i in enumerate(chosen.tolist())]))


def draw(images: Sequence[Pixels], found: Duplicates, path: Path, most: int = 96) -> None:
    """The least certain pairs, eight a row."""
    side, tiles = 90, []
    for place in np.argsort(found.scores, kind="stable")[:most]:
        pair = [cv2.resize(images[index], (side, side)) for index in found.pairs[place]]
        pair = [each if each.ndim == 3 else np.repeat(each[..., None], 3, 2) for each in pair]
        tile = np.hstack([*pair, np.full((side, 6, 3), 255, np.uint8)])
        tile = np.vstack([tile, np.full((16, tile.shape[1], 3), 255, np.uint8)])
        words = f"{found.scores[place]:.2f} {found.pairs[place, 0]} {found.pairs[place, 1]}"
        tiles.append(cv2.putText(tile, words, (2, side + 12), 0, 0.4, (0, 0, 0), 1))
    if not tiles:
        return
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % 8)
    rows = [np.hstack(tiles[start : start + 8]) for start in range(0, len(tiles), 8)]
    cv2.imwrite(str(path), np.vstack(rows)[..., ::-1])
    print(f"  the least certain pairs are drawn in {path}")


def report(path: Path, plant: int, sheet: Path | None) -> None:
    """Everything about one data set."""
    images = load(path)
    thumbs, marks = thumbnails(images), digests(images)
    start = time.perf_counter()
    found = search(thumbs, marks)
    seconds = time.perf_counter() - start
    kinds = {kind: sum(each == kind for _, _, each, _ in found) for _, _, kind, _ in found}
    touched = len(np.unique(found.pairs))
    print(f"\n{path}: {len(images):,} images, {seconds:.2f} s (load {os.getloadavg()[0]:.1f})")
    print(
        f"  found unplanted: {len(found)} pairs {kinds}, {touched} images "
        f"({touched / len(images):.2%}), largest group {np.bincount(found.groups).max()}"
    )
    if sheet:
        draw(images, found, sheet.with_name(f"{sheet.stem}-{path.stem}.png"))
    chosen = np.random.default_rng(0).choice(len(images), min(plant, len(images)), replace=False)
    for name, change in CHANGES.items():
        share = recall(change, images, thumbs, marks, chosen)
        print(f"  {name:40s} recall {share:6.1%}", flush=True)


def main() -> None:
    """Parse the command line and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--plant", type=int, default=200, help="copies a kind")
    parser.add_argument("--sheet", type=Path, help="name of PNG files to draw")
    options = parser.parse_args()
    print(f"pellucid {pellucid.__version__}, numpy {np.__version__}, opencv {cv2.__version__}")
    print(f"{options.plant} copies planted a kind, seed 0")
    for path in options.data:
        report(path, options.plant, options.sheet)


if __name__ == "__main__":
    main()
