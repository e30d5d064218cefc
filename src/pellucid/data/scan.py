"""The one pass over a data set's images: each is decoded once, and what the audit, the planner
and the duplicate search need is kept in arrays of about 1.1 kB an image."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pellucid.data.catalogue import Catalogue, LeftOut
from pellucid.data.preprocessing import Preprocessing
from pellucid.data.words import Words, WordsWriter
from pellucid.data.workers import for_each
from pellucid.errors import DataError, ImageError
from pellucid.images.read import Picture, Pixels

#: Side of the square thumbnails, in pixels.
THUMB = 32
#: Where nobody else wants the pictures, they are decoded no larger than this on both sides.
ENOUGH = 2 * THUMB
#: Bytes of a :attr:`~pellucid.images.read.Picture.digest`.
DIGEST = 16
#: Between the notes of one image in :attr:`Scan.notes`.
NOTE_MARK = "; "

_THUMBNAIL = Preprocessing("gray", THUMB, THUMB, mean=(0.5,), std=(0.5,))


@dataclass(frozen=True)
class Scan:
    """What one pass over N samples found. Where an image is not good, its row is 0 (-1 in
    ``formats``, ``modes`` and ``notes``).

    Attributes:
        good: (N,) the image could be decoded.
        faults: the samples that could not, in the catalogue's order: name, fault key, sentence.
        digests: (N, 16) BLAKE2b of the content.
        heights: (N,) upright height in pixels.
        widths: (N,) upright width in pixels.
        formats: (N,) ``JPEG``, ``PNG``, …
        modes: (N,) how the file stored the image: ``RGB``, ``palette``, …
        notes: (N,) the notes of one image joined by :data:`NOTE_MARK`, ``""`` for none.
        colored: (N,) some pixel's R, G and B differ.
        thumbs: (N, 32, 32) gray thumbnails, area-averaged and stretched.
    """

    good: NDArray[np.bool_]
    faults: tuple[LeftOut, ...]
    digests: NDArray[np.uint8]
    heights: NDArray[np.int32]
    widths: NDArray[np.int32]
    formats: Words
    modes: Words
    notes: Words
    colored: NDArray[np.bool_]
    thumbs: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.good)

    def note_counts(self) -> dict[str, int]:
        """How many images have each note, the most frequent first, equals by name."""
        totals: dict[str, int] = {}
        for joined, count in self.notes.counts().items():
            for note in filter(None, joined.split(NOTE_MARK)):
                totals[note] = totals.get(note, 0) + count
        return dict(sorted(totals.items(), key=lambda pair: (-pair[1], pair[0])))


def scan(
    catalogue: Catalogue,
    *,
    visit: Callable[[int, Picture], None] | None = None,
    advance: Callable[[int], None] | None = None,
    threads: int | None = None,
) -> Scan:
    """Decode every sample once.

    Threads do it, since decoding releases the interpreter lock; each has one picture in hand,
    and the result does not depend on their timing. A sample that raises
    :class:`~pellucid.errors.ImageError` is recorded in ``faults`` and passed over; any other
    exception, from the source or from ``visit``, ends the pass and is raised here.

    Without ``visit`` JPEG files larger than :data:`ENOUGH` are decoded at a reduced size, in half
    the time; thumbnails then differ by about one gray level.

    Args:
        catalogue: what to read.
        visit: called in a worker thread with the index and the picture of each good sample.
        advance: called with the number of samples finished since its last call.
        threads: how many; None takes one per usable core.

    Raises:
        DataError: the source's files cannot be read any more, or no sample was finished for two
            minutes.

    Example:
        >>> from pathlib import Path
        >>> from pellucid.data.catalogue import Sample
        >>> class Flat:
        ...     def load(self, index: int, enough: int | None = None) -> Picture:
        ...         return Picture(np.full((4, 6, 1), index, np.uint8), "array", "gray", bytes(16))
        >>> samples = [Sample(f"x[{index}]", 0, None) for index in range(3)]
        >>> found = scan(Catalogue(Path("x.npz"), "npz", ("a",), samples, (), Flat()))
        >>> found.heights.tolist(), found.thumbs[:, 0, 0].tolist(), found.modes.counts()
        ([4, 4, 4], [0, 1, 2], {'gray': 3})
    """
    records = _Records(len(catalogue))
    enough = ENOUGH if visit is None else None

    def work(index: int) -> None:
        try:
            picture = catalogue.source.load(index, enough)
        except ImageError as error:
            records.faults[index] = error
            return
        except OSError as error:  # not this image alone: a disk that is gone
            raise DataError(f"reading stopped at {name(index)}: {error}.") from error
        records.write(index, picture)
        if visit is not None:
            visit(index, picture)

    def name(index: int) -> str:
        return catalogue.samples[index].name

    for_each(len(catalogue), work, name=name, advance=advance, threads=threads)
    return records.finish(name)


def has_color(pixels: Pixels) -> bool:
    """Whether some pixel of an image (H, W, C) has R, G and B that differ.

    >>> has_color(np.array([[[7, 7, 7], [7, 7, 8]]], np.uint8))
    True
    """
    if pixels.shape[2] == 1:
        return False
    # Nearly every colour image shows it in one row; only a gray one has to be read whole.
    return _differs(pixels[len(pixels) // 2]) or _differs(pixels)


def _differs(pixels: Pixels) -> bool:
    # Bytes compare faster than arrays: there is no array of truth values in between.
    values = pixels.tobytes()
    return not values[::3] == values[1::3] == values[2::3]


class _Records:
    """The arrays of a scan while they are filled: each sample writes its own row."""

    def __init__(self, count: int) -> None:
        self.faults: dict[int, ImageError] = {}
        self._good = np.zeros(count, np.bool_)
        self._digests = np.zeros((count, DIGEST), np.uint8)
        self._heights = np.zeros(count, np.int32)
        self._widths = np.zeros(count, np.int32)
        self._formats, self._modes, self._notes = (WordsWriter(count) for _ in range(3))
        self._colored = np.zeros(count, np.bool_)
        self._thumbs = np.zeros((count, THUMB, THUMB), np.uint8)

    def write(self, index: int, picture: Picture) -> None:
        pixels = picture.pixels
        self._heights[index], self._widths[index] = picture.size
        self._digests[index] = np.frombuffer(picture.digest, np.uint8)
        self._formats[index] = picture.format
        self._modes[index] = picture.mode
        self._notes[index] = NOTE_MARK.join(picture.notes)
        self._colored[index] = has_color(pixels)
        self._thumbs[index] = _THUMBNAIL.fit(pixels)[..., 0]
        self._good[index] = True

    def finish(self, name: Callable[[int], str]) -> Scan:
        faults = tuple(
            LeftOut(name(index), error.fault, str(error))
            for index, error in sorted(self.faults.items())
        )
        return Scan(
            good=self._good,
            faults=faults,
            digests=self._digests,
            heights=self._heights,
            widths=self._widths,
            formats=self._formats.finish(),
            modes=self._modes.finish(),
            notes=self._notes.finish(),
            colored=self._colored,
            thumbs=self._thumbs,
        )
