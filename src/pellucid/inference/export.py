"""Export: one file that answers as the trained network does, or no file at all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pellucid.errors import ParityError, StorageError, UsageError
from pellucid.inference.bundle import GRAPH, Bundle, add_part, open_bundle, rebuild, write_bundle
from pellucid.inference.cases import Case
from pellucid.inference.onnx_runtime import session_of
from pellucid.inference.parity import (
    TOLERANCE,
    Parity,
    Way,
    compare_ways,
    graph_way,
    predictor_way,
    training_way,
)
from pellucid.inference.predictor import predictor_of
from pellucid.storage import atomic
from pellucid.watch import Watcher

SUFFIXES = (".onnx", ".zip")
NEEDED = ("torch", "onnx", "onnxscript", "onnxruntime")
REFERENCE = "training code"


@dataclass(frozen=True)
class Exported:
    """A file that was written and checked.

    Attributes:
        path: of it.
        bytes: its size.
        parity: how far its answers are from the network's.
    """

    path: Path
    bytes: int
    parity: Parity

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"path": str(self.path), "bytes": self.bytes, "parity": self.parity.to_json()}


@dataclass(frozen=True)
class Form:
    """What is to be written.

    Attributes:
        batch: a graph for a batch at the network's size, not for one image of any size.
        cam: the class activation maps are an output too.
        tolerance: largest difference of a probability that passes.
        overwrite: a file that exists may be replaced.
    """

    batch: bool = False
    cam: bool = False
    tolerance: float = TOLERANCE
    overwrite: bool = False


def export(
    path: Path,
    output: Path | None,
    form: Form,
    cases: Callable[[], Sequence[Case]],
    watch: Watcher,
) -> Exported:
    """Write a file, try it, and keep it only if its answers are the network's.

    Args:
        path: a run folder or a bundle.
        output: a .onnx or .zip file; None adds ``model.onnx`` to the bundle, for a batch.
        form: of the graph.
        cases: gives the images on which answers are compared; called once all else is right.
        watch: told what happens.

    Raises:
        UsageError: a wrong suffix, an option that does not fit it, or something not installed.
        BundleError: there is no bundle, or it is damaged.
        StorageError: the file exists, or cannot be written.
        ParityError: the answers differ; nothing is left behind.
    """
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise UsageError(f"expected an output that ends in .onnx or .zip, found {output}.")
    if output is not None and output.suffix.lower() == ".zip":
        if form.batch or form.cam:
            raise UsageError("--batch and --cam are about a graph, and a .zip is the bundle: no.")
        return _zip(open_bundle(path), output, form, cases)
    check_installed(NEEDED, "to export ONNX")
    bundle = open_bundle(path)
    if output is not None:
        return _graph(bundle, output, form, cases, watch)
    return _inside(bundle, form, cases, watch)


def check_installed(needed: Sequence[str], purpose: str) -> None:
    """Refuse to begin what cannot be done.

    Raises:
        UsageError: naming what to install.
    """
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"{purpose}, {', '.join(missing)} is needed and not installed: "
            "pip install 'pellucid[onnx]'."
        )


@contextmanager
def _kept_if_right(target: Path, overwrite: bool) -> Iterator[Path]:
    """A temporary path that becomes the target when the block ends well.

    Raises:
        StorageError: the target exists, or cannot be written.
    """
    if target.exists() and not (overwrite and target.is_file()):
        raise StorageError(f"{target} exists: choose another -o, or replace it with --overwrite.")
    made = not target.parent.exists()
    try:
        with atomic(target) as temporary:
            yield temporary
    except BaseException:
        if made:
            with suppress(OSError):
                target.parent.rmdir()
        raise


def _zip(bundle: Bundle, target: Path, form: Form, cases: Callable[[], Sequence[Case]]) -> Exported:
    parts = {name: bundle.read(name) for name in bundle.parts}
    reference = _reference(bundle)
    with _kept_if_right(target, form.overwrite) as temporary:
        write_bundle(temporary, bundle.card, parts, archive=True)
        way = predictor_way(predictor_of(open_bundle(temporary), "torch"))
        parity = _checked(target, cases(), reference, way, form)
        return Exported(target, temporary.stat().st_size, parity)


def _graph(
    bundle: Bundle,
    target: Path,
    form: Form,
    cases: Callable[[], Sequence[Case]],
    watch: Watcher,
) -> Exported:
    with _kept_if_right(target, form.overwrite) as temporary:
        content = _content(bundle, form, watch)
        temporary.write_bytes(content)
        way = graph_way(session_of(temporary.read_bytes()), bundle.card.preprocessing)
        parity = _checked(target, cases(), _reference(bundle), way, form)
        return Exported(target, len(content), parity)


def _inside(
    bundle: Bundle, form: Form, cases: Callable[[], Sequence[Case]], watch: Watcher
) -> Exported:
    """The graph that predictions without torch run: part of the bundle, for a batch."""
    if bundle.has(GRAPH) and not form.overwrite:
        raise StorageError(
            f"{bundle.path} has {GRAPH}: replace it with --overwrite, or write a file with -o."
        )
    content = _content(bundle, Form(batch=True, cam=form.cam), watch)
    way = graph_way(session_of(content), bundle.card.preprocessing)
    parity = _checked(bundle.path / GRAPH, cases(), _reference(bundle), way, form)
    add_part(bundle, GRAPH, content)
    return Exported(bundle.path / GRAPH, len(content), parity)


def _content(bundle: Bundle, form: Form, watch: Watcher) -> bytes:
    from pellucid.inference.onnx.model import onnx_model

    watch.stage("writing the graph", None)
    return onnx_model(rebuild(bundle), bundle.card, batch=form.batch, cam=form.cam)


def _reference(bundle: Bundle) -> tuple[str, Way]:
    return REFERENCE, training_way(rebuild(bundle), bundle.card.preprocessing)


def _checked(
    target: Path, cases: Sequence[Case], reference: tuple[str, Way], way: Way, form: Form
) -> Parity:
    """Compare the answers.

    Raises:
        ParityError: they differ.
    """
    parity = compare_ways(cases, reference, {target.name: way}, form.tolerance)
    if not parity.agrees:
        worst = parity.differences[0]
        raise ParityError(
            f"{target} was not written: its probabilities differ from the network's by up to "
            f"{worst.worst:.2g} (on {worst.image}), where {form.tolerance:.2g} is allowed.",
            parity.to_json(),
        )
    return parity
