"""How a graph is run: by which runtime, on how many threads, with which of its settings."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Literal

from pellucid.errors import BundleError
from pellucid.inference.runtime import Runtime

Engine = Literal["onnxruntime", "openvino", "torch"]
ENGINES: tuple[Engine, ...] = ("onnxruntime", "openvino", "torch")


@dataclass(frozen=True, slots=True)
class Setup:
    """A runtime and its settings.

    Attributes:
        engine: ``onnxruntime``, ``openvino``, or ``torch`` (which runs the network itself if there
            is no graph).
        threads: that share the work of an operation; None leaves it to the runtime (torch: always).
        level: onnxruntime's own rewriting: ``all``, ``extended`` or ``basic``.
        arena: whether onnxruntime keeps memory between calls.
        hint: OpenVINO's: ``latency`` or ``throughput``.
        precision: OpenVINO's: ``f32``, or ``bf16``, which rounds to 8 bits.
    """

    engine: Engine
    threads: int | None = None
    level: Literal["all", "extended", "basic"] = "all"
    arena: bool = True
    hint: Literal["latency", "throughput"] = "latency"
    precision: Literal["f32", "bf16"] = "f32"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Setup":
        """The inverse of :meth:`to_json`.

        Raises:
            BundleError: a field is missing, unknown, or has a value that it cannot have.

        >>> Setup.from_json(Setup("openvino", 2).to_json()) == Setup("openvino", 2)
        True
        """
        choices = {
            "engine": ENGINES,
            "level": ("all", "extended", "basic"),
            "hint": ("latency", "throughput"),
            "precision": ("f32", "bf16"),
            "arena": (True, False),
        }
        try:
            setup = cls(**record)
        except TypeError as error:
            raise BundleError(f"the plan's setup cannot be used: {error}.") from error
        for name, known in choices.items():
            if getattr(setup, name) not in known:
                raise BundleError(f"the plan's setup has {name} {getattr(setup, name)!r}.")
        if not (setup.threads is None or (type(setup.threads) is int and setup.threads > 0)):
            raise BundleError(f"the plan's setup has {setup.threads!r} threads.")
        return setup

    def start(self, graph: bytes) -> Runtime:
        """Load a graph.

        Args:
            graph: content of an ONNX file, images (N, H, W, C) uint8 to scores (N, K).

        Raises:
            BundleError: the runtime cannot take it.
        """
        return _STARTERS[self.engine](self, graph)


def installed() -> list[Engine]:
    """The runtimes that are here, by the order in which they are tried; none is imported."""
    return [engine for engine in ENGINES if find_spec(engine) is not None]


def _onnxruntime(setup: Setup, graph: bytes) -> Runtime:
    from pellucid.inference.plan.onnx_runtime import TunedOnnxRuntime

    return TunedOnnxRuntime(graph, setup)


def _openvino(setup: Setup, graph: bytes) -> Runtime:
    from pellucid.inference.plan.openvino_runtime import OpenVinoRuntime

    return OpenVinoRuntime(graph, setup)


def _torch(setup: Setup, graph: bytes) -> Runtime:
    from pellucid.inference.plan.graph import from_onnx
    from pellucid.inference.plan.torch_graph import TorchGraphRuntime

    return TorchGraphRuntime(from_onnx(graph))


_STARTERS: Mapping[Engine, Callable[[Setup, bytes], Runtime]] = MappingProxyType(
    {"onnxruntime": _onnxruntime, "openvino": _openvino, "torch": _torch}
)
