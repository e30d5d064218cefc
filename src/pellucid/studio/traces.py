"""The network with its weights, and its forward passes on pictures, kept within a bound."""

import hashlib
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pellucid.studio.model import Network
from pellucid.studio.photos import Photo
from pellucid.studio.session import Shelf

if TYPE_CHECKING:
    from pellucid.explain import Trace
    from pellucid.inference.predictor import Predictor

#: Bytes of the values that all kept traces have together.
TRACE_BYTES = 768 * 2**20


class Bench:
    """A network on which pictures are explained.

    Its methods take time: they are called in a worker's thread. Traces are found by a picture's
    content, so only those who have the picture find its trace.

    Args:
        path: of a run or a bundle.

    Attributes:
        path: of it.
        lock: held while torch computes: it uses all cores, and a module's modes are its own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.RLock()
        self._traces: Shelf[Trace] = Shelf(TRACE_BYTES)

    @cached_property
    def predictor(self) -> "Predictor":
        """The network in torch, the reference, with its card.

        Raises:
            BundleError: the bundle cannot be used.
        """
        from pellucid.inference.predictor import load_predictor

        with self.lock:
            return load_predictor(self.path)

    def trace(self, photo: Photo) -> "Trace":
        """The forward pass on a picture.

        Raises:
            BundleError: the network cannot be loaded.
            UsageError: it does not take the picture.
        """
        from pellucid.explain import trace_image

        with self.lock:
            key = hashlib.blake2b(photo.pixels.tobytes(), digest_size=16).hexdigest()
            key += "×".join(map(str, photo.pixels.shape))
            found = self._traces.get(key)
            if found is None:
                card = self.predictor.card
                found = trace_image(
                    self.predictor.network, photo.pixels, card.preprocessing, classes=card.classes
                )
                self._traces.put(key, found, found.memory_bytes)
            return found


_BENCHES: WeakKeyDictionary[Network, Bench] = WeakKeyDictionary()


def bench_of(network: Network) -> Bench:
    """The bench of the network that a studio was opened with; one for all visits."""
    return _BENCHES.setdefault(network, Bench(network.path))
