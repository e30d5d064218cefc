"""What a data set is to the rest of Pellucid: named, labelled samples and a way to load one.

Every reader (folder, idx, npz, manifest, shards) returns a :class:`Catalogue`. Nothing is decoded
to make one: for files it is a list of paths, for arrays a view.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pellucid.images.read import Picture

if TYPE_CHECKING:
    from pellucid.data.shards.read import Stream

Split = Literal["train", "val", "test"]
Kind = Literal["folder", "idx", "npz", "manifest", "shards"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled image.

    Attributes:
        name: unique in the data set and fit for messages: a path relative to the data set's
            root in POSIX form, or ``FILE[INDEX]`` for images inside an array file.
        label: index into :attr:`Catalogue.classes`.
        split: the data set's own split, or None where it has none.
    """

    name: str
    label: int
    split: Split | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that was met and not taken, and why.

    Attributes:
        name: path relative to the data set's root.
        why: ``hidden``, ``system``, ``not-an-image``, ``no-class``, ``empty-class`` (a class
            without images; the name is the class folder's, or the class's own), ``repeated``
            (listed twice), ``link-loop`` or a key of :data:`pellucid.errors.FAULTS`.
        detail: one sentence for people.
    """

    name: str
    why: str
    detail: str


class Source(Protocol):
    """Where the pixels of a catalogue come from."""

    def load(self, index: int, enough: int | None = None) -> Picture:
        """Decode sample ``index``.

        Args:
            index: of the sample.
            enough: a picture of at least this height and width will do, where that is faster.

        Raises:
            ImageError: the image cannot be decoded.
        """
        ...

    def stamp(self, index: int) -> str:
        """A cheap word that changes when the sample's content may have (size and time of the
        file; position in an array file together with that file's own)."""
        ...

    def close(self) -> None:
        """Release files held open; the source cannot be used afterwards."""
        ...


@dataclass(frozen=True)
class Catalogue:
    """A data set before anything is decoded.

    Attributes:
        root: what the user named.
        kind: how it is stored.
        classes: class names in label order (natural order: ``img2`` before ``img10``, and
            numbers by value, so that digits are 0, 1, …, 10).
        samples: in a stable order that does not depend on the file system.
        left_out: files met and not taken.
        source: loads sample *i*.
        address: what opens it again, where that is no path.
        stream: training images that are not among the samples, but read anew each epoch.
    """

    root: Path
    kind: Kind
    classes: tuple[str, ...]
    samples: Sequence[Sample]
    left_out: tuple[LeftOut, ...]
    source: Source
    address: str | None = None
    stream: "Stream | None" = None

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def labels(self) -> NDArray[np.intp]:
        """(N,) class of each sample."""
        return np.array([sample.label for sample in self.samples], np.intp)

    @property
    def place(self) -> str:
        """What opens it again, from any folder."""
        return self.address or str(self.root.resolve())
