"""A column of words of which only few differ, kept as numbers.

A million images have a million formats, but only a handful of *different* ones.
"""

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: The code of an item that has no word.
NONE = -1


@dataclass(frozen=True, slots=True)
class Words:
    """N words.

    Attributes:
        names: the different words, sorted.
        codes: (N,) index into ``names``, or -1 where there is no word.

    Example:
        >>> words = Words(("JPEG", "PNG"), np.array([0, 1, 0, -1], np.int32))
        >>> words[1], words[3]
        ('PNG', None)
        >>> words.counts()
        {'JPEG': 2, 'PNG': 1}
    """

    names: tuple[str, ...]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, index: int) -> str | None:
        code = self.codes[index]
        return None if code == NONE else self.names[code]

    def counts(self) -> dict[str, int]:
        """How often each word occurs, the most frequent first, equals by name."""
        totals = np.bincount(self.codes[self.codes != NONE], minlength=len(self.names)).tolist()
        pairs = zip(self.names, totals, strict=True)
        return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


class WordsWriter:
    """Fills :class:`Words` from several threads, with a result that does not depend on them."""

    def __init__(self, count: int) -> None:
        self._codes = np.full(count, NONE, np.int32)
        self._known: dict[str, int] = {}
        self._lock = threading.Lock()

    def __setitem__(self, index: int, word: str) -> None:
        code = self._known.get(word)
        if code is None:
            with self._lock:
                code = self._known.setdefault(word, len(self._known))
        self._codes[index] = code

    def finish(self) -> Words:
        """The words, with the codes in the order of the sorted names."""
        names = sorted(self._known)
        rank = np.full(len(names) + 1, NONE, np.int32)  # its last entry is that of code -1
        for code, name in enumerate(names):
            rank[self._known[name]] = code
        return Words(tuple(names), rank[self._codes])
