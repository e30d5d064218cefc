"""The ways in which a trained network can be asked, all compared: ``pellucid parity``."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from pellucid.errors import BundleError
from pellucid.inference.bundle import GRAPH, Bundle, open_bundle, rebuild, write_bundle
from pellucid.inference.cases import Case
from pellucid.inference.export import NEEDED, REFERENCE
from pellucid.inference.onnx_runtime import session_of
from pellucid.inference.over_http import MOST_CLASSES, serving
from pellucid.inference.over_http import NEEDED as SERVICE_NEEDED
from pellucid.inference.parity import (
    Parity,
    Way,
    compare_ways,
    graph_way,
    predictor_way,
    training_way,
)
from pellucid.inference.predictor import load_predictor
from pellucid.watch import Watcher

SERVICE = "pellucid.service"


def check_parity(
    path: Path,
    graphs: Sequence[Path],
    cases: Sequence[Case],
    tolerance: float,
    watch: Watcher,
) -> Parity:
    """Ask a trained network in every way there is, and compare the answers.

    Args:
        path: a run folder or a bundle.
        graphs: exported files to compare too.
        cases: the images.
        tolerance: largest difference of a probability that passes.
        watch: told what is left out, and why.

    Raises:
        BundleError: there is no bundle, or it or a graph is damaged.
        ServiceError: the service does not answer.
    """
    bundle = open_bundle(path)
    network = rebuild(bundle)
    reference = (REFERENCE, training_way(network, bundle.card.preprocessing))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="pellucid-")))
        watch.stage("preparing every way", None)
        ways = dict(_bundles(bundle, folder))
        ways["pellucid predict"] = predictor_way(load_predictor(bundle.path, "auto", watch=watch))
        ways |= _graphs(bundle, graphs, watch)
        ways |= stack.enter_context(_service(bundle, watch))
        watch.stage("comparing", None)
        return compare_ways(cases, reference, ways, tolerance)


def _bundles(bundle: Bundle, folder: Path) -> Iterator[tuple[str, Way]]:
    """The bundle in its two forms, of which one is made here."""
    parts = {name: bundle.read(name) for name in bundle.parts}
    paths = {"bundle, folder": folder / "bundle", "bundle, .zip": folder / "bundle.zip"}
    paths["bundle, folder" if bundle.path.is_dir() else "bundle, .zip"] = bundle.path
    for name, path in paths.items():
        if path != bundle.path:
            write_bundle(path, bundle.card, parts, archive=path.suffix == ".zip")
        yield name, predictor_way(load_predictor(path, "torch"))


def _graphs(bundle: Bundle, graphs: Sequence[Path], watch: Watcher) -> dict[str, Way]:
    """Graphs that are there, and fresh ones of both forms."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    ways: dict[str, Way] = {}
    record = bundle.card.preprocessing
    if "onnxruntime" in missing:
        watch.message("onnxruntime is not installed: ONNX is left out.")
        return ways
    for graph in graphs:
        ways[str(graph)] = graph_way(session_of(_read(graph)), record)
    if bundle.has(GRAPH):
        ways[f"{GRAPH} in the bundle"] = predictor_way(load_predictor(bundle.path, "onnxruntime"))
    if missing:
        watch.message(f"{', '.join(missing)} is not installed: no new ONNX file is compared.")
        return ways
    from pellucid.inference.onnx.model import onnx_models

    names = ("ONNX, a batch", "ONNX, one image of any size")
    for name, content in zip(names, onnx_models(rebuild(bundle), bundle.card), strict=True):
        ways[name] = graph_way(session_of(content), record)
    return ways


def _read(graph: Path) -> bytes:
    try:
        return graph.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {graph}: {error.strerror}.") from error


@contextmanager
def _service(bundle: Bundle, watch: Watcher) -> Iterator[dict[str, Way]]:
    missing = [name for name in (SERVICE, *SERVICE_NEEDED) if find_spec(name) is None]
    if missing or len(bundle.card.classes) > MOST_CLASSES:
        reason = f"{', '.join(missing)} is not installed" if missing else "too many classes"
        watch.message(f"The service is left out: {reason}.")
        yield {}
        return
    with serving(bundle.path, bundle.card.classes) as way:
        yield {"service": way}
