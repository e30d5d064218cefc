"""What computes a network's scores: the one thing in which torch and the other engines differ."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pellucid.images.raw import Pixels

#: ``auto`` takes what a plan chose for this machine, else the exported graph where the bundle has
#: one and onnxruntime is installed.
RuntimeName = Literal["auto", "torch", "onnxruntime"]
RUNTIMES: tuple[RuntimeName, ...] = ("auto", "torch", "onnxruntime")


class Runtime(Protocol):
    """Computes the scores of images that have the input's size already.

    Everything before it (reading, colours, resizing) is :meth:`Preprocessing.fit`, and what
    follows is :func:`pellucid.softmax.softmax`, whatever the runtime: so runtimes can only differ
    in the rounding of their sums.
    """

    @property
    def name(self) -> str:
        """What it is called in tables: ``torch``, ``onnxruntime``, …"""
        ...

    def scores(self, batch: "Pixels") -> NDArray[np.float32]:
        """Class scores of fitted images; may be called from several threads.

        Args:
            batch: (N, H, W, C) uint8, as :meth:`Preprocessing.fit` makes them; N at least 1.

        Returns:
            (N, K) float32.
        """
        ...

    def one_core(self) -> AbstractContextManager["Runtime"]:
        """While this lasts, a runtime of which every call computes on its caller's core alone.

        For several threads that each have work enough: they need not wait for each other.
        """
        ...
