"""onnxruntime with the settings of a plan."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import BundleError
from pellucid.inference.onnx_runtime import session_options

if TYPE_CHECKING:
    from pellucid.images.raw import Pixels
    from pellucid.inference.plan.setup import Setup


class TunedOnnxRuntime:
    """A graph of a plan in onnxruntime, on the CPU.

    Args:
        graph: content of an ONNX file, with one input and one output.
        setup: threads, level of rewriting, arena.

    Raises:
        BundleError: onnxruntime cannot load it.
    """

    name = "onnxruntime"

    def __init__(self, graph: bytes, setup: "Setup") -> None:
        import onnxruntime

        self._graph, self._setup = graph, setup
        levels = onnxruntime.GraphOptimizationLevel
        options = session_options(setup.threads)
        options.graph_optimization_level = {
            "all": levels.ORT_ENABLE_ALL,
            "extended": levels.ORT_ENABLE_EXTENDED,
            "basic": levels.ORT_ENABLE_BASIC,
        }[setup.level]
        options.enable_cpu_mem_arena = setup.arena
        try:
            self._session = onnxruntime.InferenceSession(
                graph, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's exceptions have no common class but this
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise BundleError(f"onnxruntime cannot run the plan's graph: {reason}") from error
        self._input = self._session.get_inputs()[0].name

    def scores(self, batch: "Pixels") -> NDArray[np.float32]:
        """See :meth:`pellucid.inference.runtime.Runtime.scores`."""
        scores: NDArray[np.float32] = self._session.run(None, {self._input: batch})[0]
        return scores

    @contextmanager
    def one_core(self) -> Iterator["TunedOnnxRuntime"]:
        """See :meth:`pellucid.inference.runtime.Runtime.one_core`."""
        yield TunedOnnxRuntime(self._graph, replace(self._setup, threads=1))
