"""A trained network: load it, write it as one file, make it quick, compare its answers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.watch import Watcher

if TYPE_CHECKING:
    from pellucid.inference.cases import Case
    from pellucid.inference.export import Exported
    from pellucid.inference.parity import Parity
    from pellucid.inference.plan.record import Plan
    from pellucid.inference.predictor import Predictor
    from pellucid.inference.runtime import RuntimeName

#: Real images on which answers are compared.
PARITY_IMAGES = 64
#: Seconds of each timing of a plan where nothing was asked for.
DEFAULT_TIMING_SECONDS = 4.0


def load(
    run: str | Path, *, runtime: "RuntimeName" = "torch", watch: Watcher | None = None
) -> "Predictor":
    """The trained network of a run folder, a bundle folder or a bundle .zip, ready to predict.

    Args:
        run: the folder or file.
        runtime: ``torch``, the reference; ``onnxruntime``, the graph that :func:`export` adds to
            the bundle, without torch; or ``auto``: what :func:`optimize` chose for this machine,
            else the graph where both are there.
        watch: told where ``auto`` has to do without onnxruntime, or cannot use a plan.

    Raises:
        BundleError: there is none, or it is damaged.
        UsageError: the bundle has no such graph, or the runtime is not installed.
    """
    from pellucid.inference.predictor import load_predictor

    return load_predictor(run, runtime, watch=watch)


def export(
    run: str | Path,
    output: str | Path | None = None,
    *,
    batch: bool = False,
    cam: bool = False,
    tolerance: float = 1e-4,
    overwrite: bool = False,
    watch: Watcher | None = None,
) -> "Exported":
    """Write a trained network as one file, and keep it only if its answers are the network's.

    It is compared on validation images of the run (of the demo, where those are gone) and on a
    fixed set of odd ones.

    Args:
        run: a run folder, a bundle folder or a bundle .zip.
        output: a .zip, the bundle in one file; a .onnx, the network with its preprocessing; or
            None: the graph becomes part of the bundle, for predictions without torch.
        batch: the graph takes a batch at the network's size, not one image of any size.
        cam: the graph gives the class activation maps too.
        tolerance: largest difference of a probability that passes.
        overwrite: replace a file that exists.
        watch: told what happens.

    Raises:
        UsageError: an argument is wrong, or a package is missing.
        BundleError: there is no trained network, or it is damaged.
        StorageError: the file exists, or cannot be written.
        ParityError: the answers differ; nothing is left behind.
    """
    from pellucid.inference.export import Form
    from pellucid.inference.export import export as write

    watch = watch or Watcher()
    form = Form(batch, cam, tolerance, overwrite)
    target = None if output is None else Path(output)
    return write(Path(run), target, form, lambda: _cases(Path(run), watch), watch)


def parity(
    run: str | Path,
    graphs: Sequence[str | Path] = (),
    *,
    tolerance: float = 1e-4,
    watch: Watcher | None = None,
) -> "Parity":
    """Ask a trained network in every way there is, and compare the answers.

    The ways: training code (the reference), the bundle as folder and as .zip, ONNX for a batch and
    for one image, and the service; on the images that :func:`export` takes.

    Args:
        run: a run folder, a bundle folder or a bundle .zip.
        graphs: exported .onnx files to compare too.
        tolerance: largest difference of a probability that passes.
        watch: told what happens, and what is left out because a package is missing.

    Raises:
        BundleError: there is no trained network, or it or a graph is damaged.
        ServiceError: the service does not answer.
    """
    from pellucid.inference.ways import check_parity

    watch = watch or Watcher()
    cases = _cases(Path(run), watch)
    return check_parity(Path(run), [Path(graph) for graph in graphs], cases, tolerance, watch)


def _cases(run: Path, watch: Watcher) -> "list[Case]":
    """The images on which answers are compared."""
    from pellucid.inference.bundle import read_card
    from pellucid.inference.cases import odd_cases
    from pellucid.training.outcome.samples import sample_cases

    record = read_card(run).preprocessing
    return [*sample_cases(run, PARITY_IMAGES, watch), *odd_cases(record)]


def optimize(
    run: str | Path,
    data: str | Path | None = None,
    *,
    batch: int = 16,
    seconds: float = DEFAULT_TIMING_SECONDS,
    watch: Watcher | None = None,
) -> "Plan":
    """Find the fastest way to run a trained network on this machine that gives the same answers.

    Graph rewrites, runtimes, threads and int8 are tried one at a time. Each is timed in alternated
    rounds, its probabilities are compared with those of torch as trained, and it is kept only if
    it is faster beyond the spread and faithful: within 1e-4; int8 within 0.5 points of accuracy on
    the validation images. The plan is stored beside the bundle's card, and used where the network
    is loaded with ``runtime="auto"``.

    Args:
        run: a run folder or a bundle folder.
        data: the images of the training, as :func:`train` takes them; None takes those that the
            run names. Without any, random images are compared and int8 is left out.
        batch: images at once at which everything is timed.
        seconds: for each timing, about.
        watch: told what happens.

    Returns:
        The plan, with everything that was tried.

    Raises:
        BundleError: there is no bundle, or it is damaged.
        DataError: the data cannot be used.
        UsageError: the batch is below 1, the bundle is one .zip, onnx or onnxruntime is missing,
            or the network cannot be written as ONNX.
        StorageError: the plan cannot be written.
    """
    from pellucid.training.outcome.optimise import optimise_run

    return optimise_run(Path(run), data, batch, seconds, watch or Watcher())
