"""An exported graph, run by onnxruntime: torch is not needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import BundleError, UsageError
from pellucid.inference.card import GRAPH, Card

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions

    from pellucid.images.raw import Pixels

#: Where a tensor lies in another file, its entry has this key (its length before it).
_EXTERNAL = b"\x08location"
#: Names in the graphs that Pellucid writes.
IMAGE, IMAGES, PROBABILITIES, SCORES, MAPS = "image", "images", "probabilities", "scores", "maps"


class OnnxRuntime:
    """A graph that takes a batch at the network's size (see ``pellucid export --batch``).

    Args:
        graph: content of an ONNX file.
        card: of its bundle.
        threads: that share the work of an operator; None leaves it to onnxruntime.

    Raises:
        BundleError: it is no such graph, or not of this card.
        UsageError: onnxruntime is not installed.
    """

    name = "onnxruntime"

    def __init__(self, graph: bytes, card: Card, *, threads: int | None = None) -> None:
        self._graph, self._card = graph, card
        self._session = session_of(graph, threads=threads)
        _check(self._session, card)

    def scores(self, batch: "Pixels") -> NDArray[np.float32]:
        """See :meth:`pellucid.inference.runtime.Runtime.scores`."""
        scores: NDArray[np.float32] = self._session.run([SCORES], {IMAGES: batch})[0]
        return scores

    @contextmanager
    def one_core(self) -> Iterator["OnnxRuntime"]:
        """See :meth:`pellucid.inference.runtime.Runtime.one_core`."""
        yield OnnxRuntime(self._graph, self._card, threads=1)


def is_installed() -> bool:
    """Whether onnxruntime is there; it is not imported."""
    return find_spec("onnxruntime") is not None


def session_options(threads: int | None) -> "SessionOptions":
    """Options of every session: nothing is reported or printed, nobody else is held up.

    Left alone, onnxruntime's threads spin on after a call, and take the cores from whoever works
    next: OpenVINO beside it was measured at 0.6 of its speed.

    Args:
        threads: that share the work of an operator; None leaves it to onnxruntime.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # errors come as exceptions
    options.add_session_config_entry("session.force_spinning_stop", "1")
    if threads is not None:
        options.intra_op_num_threads = threads
    return options


def session_of(graph: bytes, *, threads: int | None = None) -> "InferenceSession":
    """A session for an ONNX file's content, on the CPU.

    Args:
        graph: the content.
        threads: that share the work of an operator; None leaves it to onnxruntime.

    Raises:
        BundleError: onnxruntime cannot load it.
        UsageError: onnxruntime is not installed.
    """
    if not is_installed():
        raise UsageError(
            f"{GRAPH} is run by onnxruntime, which is not installed: pip install 'pellucid[onnx]'."
        )
    if _EXTERNAL in graph:
        raise BundleError(f"{GRAPH} names other files for its weights: it has to hold them itself.")
    import onnxruntime

    options = session_options(threads)
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions have no common class but this
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BundleError(f"{GRAPH} cannot be run: {reason}") from error


def _check(session: "InferenceSession", card: Card) -> None:
    """Refuse a graph that does not take what the card says, or does not give it."""
    record = card.preprocessing
    given = {one.name: (one.type, list(one.shape)[1:]) for one in session.get_inputs()}
    made = {one.name: (one.type, list(one.shape)[1:]) for one in session.get_outputs()}
    if given != {IMAGES: ("tensor(uint8)", [record.height, record.width, record.channels])}:
        raise BundleError(
            f"{GRAPH} and the card disagree: expected images N×{record.height}×{record.width}×"
            f"{record.channels} uint8, the graph takes {given}."
        )
    if made.get(SCORES) != ("tensor(float)", [len(card.classes)]):
        raise BundleError(
            f"{GRAPH} and the card disagree: expected scores of {len(card.classes)} classes, the "
            f"graph makes {made}."
        )
