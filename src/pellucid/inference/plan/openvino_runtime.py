"""OpenVINO, where it is installed, with the settings of a plan."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import BundleError
from pellucid.inference.plan.signal_stack import kept_signal_stack
from pellucid.threads import cores

if TYPE_CHECKING:
    from pellucid.images.raw import Pixels
    from pellucid.inference.plan.setup import Setup

#: Tools of OpenVINO that convert models, and report every import and conversion to their maker.
_TOOLS = "openvino.tools.ovc"


def import_openvino() -> Any:
    """OpenVINO without its tools, so that nothing is reported to anyone.

    ``import openvino`` tries to import tools that send telemetry, and goes on without them where
    they are missing. Here they are missing while it is imported; who wants them can still import
    them afterwards.
    """
    if "openvino" in sys.modules:
        return sys.modules["openvino"]
    missing: Any = None  # what Python takes for "there is no such module"
    sys.modules[_TOOLS] = missing
    try:
        import openvino
    finally:
        del sys.modules[_TOOLS]
    return openvino


class OpenVinoRuntime:
    """A graph of a plan in OpenVINO, on the CPU.

    Precision is always stated: left alone, OpenVINO computes in bfloat16 where the processor can,
    with answers that differ in the third decimal.

    Args:
        graph: content of an ONNX file, with one input and one output.
        setup: threads, hint, precision.
        streams: calls that compute at once and share the threads; None leaves it to the hint.

    Raises:
        BundleError: OpenVINO cannot load it.
    """

    name = "openvino"

    def __init__(self, graph: bytes, setup: "Setup", *, streams: int | None = None) -> None:
        self._graph, self._setup = graph, setup
        openvino = import_openvino()
        settings: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": setup.precision,
            "PERFORMANCE_HINT": setup.hint.upper(),
        }
        if setup.threads is not None:
            settings["INFERENCE_NUM_THREADS"] = setup.threads
        if streams is not None:
            settings["NUM_STREAMS"] = streams
        try:
            core = openvino.Core()
            with kept_signal_stack():
                self._model = core.compile_model(core.read_model(graph), "CPU", settings)
        except Exception as error:  # OpenVINO raises plain RuntimeError, and others of its own
            reason = (str(error).strip() or type(error).__name__).splitlines()[-1]
            raise BundleError(f"OpenVINO cannot run the plan's graph: {reason}") from error
        self._idle: SimpleQueue[Any] = SimpleQueue()  # a request serves one thread at a time

    def scores(self, batch: "Pixels") -> NDArray[np.float32]:
        """See :meth:`pellucid.inference.runtime.Runtime.scores`."""
        try:
            request = self._idle.get_nowait()
        except Empty:
            request = self._model.create_infer_request()
        try:
            # The result lies in the request's memory, which the next call writes over.
            scores = np.array(request.infer({0: batch})[0], np.float32)
        finally:
            self._idle.put(request)
        return scores

    @contextmanager
    def one_core(self) -> Iterator["OpenVinoRuntime"]:
        """See :meth:`pellucid.inference.runtime.Runtime.one_core`: a stream for each core."""
        setup = replace(self._setup, threads=cores())
        yield OpenVinoRuntime(self._graph, setup, streams=cores())
