"""The Python interface: the same words as the command line."""

import shlex
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError
from pellucid.launch import place
from pellucid.watch import Watcher

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from pellucid.comparison.folder import Comparison
    from pellucid.comparison.lineup import Asked
    from pellucid.data.audit import Audit
    from pellucid.data.catalogue import Split
    from pellucid.data.preprocessing import Preprocessing
    from pellucid.evaluation.result import Evaluation
    from pellucid.explain import Keep, Trace
    from pellucid.explain.verification import Verification
    from pellucid.images import Picture
    from pellucid.inference.cases import Case
    from pellucid.inference.export import Exported
    from pellucid.inference.parity import Parity
    from pellucid.inference.plan.record import Plan
    from pellucid.inference.predictor import Predictor
    from pellucid.inference.runtime import RuntimeName
    from pellucid.training.run import Run
    from pellucid.training.suspects import Suspects
    from pellucid.training.wishes import Augment, Balance, Color, Flip, Wishes

#: Minutes of training for each network of a comparison where nothing was asked for.
DEFAULT_COMPARE_MINUTES = 1.0
#: Real images on which answers are compared.
PARITY_IMAGES = 64
#: Seconds of each timing of a plan where nothing was asked for.
DEFAULT_TIMING_SECONDS = 4.0


def train(
    data: str | Path,
    output: str | Path | None = None,
    *,
    minutes: float | None = None,
    epochs: int | None = None,
    size: int | None = None,
    width: int | None = None,
    model: str = "auto",
    pretrained: bool = True,
    weights: str | Path | None = None,
    seed: int = 0,
    color: "Color" = "auto",
    flip: "Flip" = "auto",
    augment: "Augment" = "auto",
    balance: "Balance" = "auto",
    folds: int | None = None,
    learning_curve: bool = False,
    stream: bool = False,
    strict: bool = False,
    overwrite: bool = False,
    watch: Watcher | None = None,
) -> "Run":
    """Train a network on a data set and write a run folder with a bundle and a report.

    Args:
        data: a folder per class, a folder of idx files, an NPZ file, a CSV, TSV or Parquet
            manifest, or shards (see :func:`pellucid.data.shards.index.open_shards`).
        output: the run folder to write; None takes ``runs/NAME-N`` with the next free N.
        minutes: of the whole call; size, width and epochs are planned to fit. Without minutes
            and epochs the plan takes what the data wants, three minutes at most.
        epochs: passes over the training images, instead of minutes.
        size: side of the network's input in pixels; None lets the plan decide.
        width: feature maps of the network's first stage; None lets the plan decide.
        model: name of the network, see :func:`pellucid.models.registered`; ``auto`` is the
            pretrained one where its weights are installed and fit the images, else ``compact``.
        pretrained: weights that have learnt before (the extra ``pretrained``) are used where
            nothing speaks against it; the plan says so. False: from scratch.
        weights: begin with these: a run folder or bundle, or a file of torchvision's weights for
            the ``model`` ``alexnet`` or ``googlenet``.
        seed: fixes split, order, augmentation and initialisation.
        color: channels of the input; ``auto`` is gray where no image has colour.
        flip: whether images are mirrored at random; ``auto`` asks the data.
        augment: strength of the random variations; ``auto`` follows the number of epochs;
            ``search`` chooses it by validation, as ``auto`` does with few images and ample
            minutes.
        balance: whether rare classes weigh more; ``auto``: where the largest class has over
            three times the images of the smallest.
        folds: judge the training by a cross-validation of so many folds first; see
            :func:`labels`, too. No image is set apart to choose weights by then, and the network
            learns from all training images in the end.
        learning_curve: train on parts of the images first, to tell what more images would give.
        stream: read the training images of shards anew each epoch, and keep none; so it is always
            with shards that are not files of this machine.
        strict: stop at a file that cannot be used, instead of leaving it out.
        overwrite: replace the run folder if it exists.
        watch: told what happens; None trains silently.

    Returns:
        The run; its status is ``interrupted`` where Ctrl-C stopped it.

    Raises:
        UsageError: an argument is wrong.
        DataError: the data set cannot be used.
        TrainingError: the training cannot go on.
        StorageError: the run folder cannot be written.
    """
    begin = time.monotonic()
    from pellucid.training.wishes import Wishes

    wishes = Wishes(
        minutes=minutes,
        epochs=epochs,
        size=size,
        width=width,
        model=model,
        pretrained=pretrained,
        weights=None if weights is None else str(weights),
        color=color,
        augment=augment,
        flip=flip,
        balance=balance,
        seed=seed,
        folds=folds,
        learning_curve=learning_curve,
        stream=stream,
    )
    from pellucid.training.train import train_run

    watch = watch or Watcher()
    run = train_run(
        data,
        output,
        wishes,
        strict=strict,
        overwrite=overwrite,
        command=_command(data, output, wishes),
        begin=begin,
        watch=watch,
    )
    return _reported(run, watch)


def resume(run: str | Path, *, watch: Watcher | None = None) -> "Run":
    """Go on with an interrupted training, exactly as if it had never stopped.

    Args:
        run: its folder; data and options are the run's own.
        watch: told what happens.

    Raises:
        RunError: the folder holds no run, or the images have changed since.
    """
    from pellucid.training.train import resume_run

    watch = watch or Watcher()
    return _reported(resume_run(run, watch), watch)


def shard(
    data: str | Path,
    output: str | Path,
    *,
    size: int = 256_000_000,
    seed: int = 0,
    overwrite: bool = False,
    watch: Watcher | None = None,
) -> dict[str, Any]:
    """Write a data set as tar files of samples: split, shuffled, checked, and with an index.

    Args:
        data: as :func:`train` takes it.
        output: folder for the shards; the same data gives the same bytes.
        size: bytes of a shard, about.
        seed: of the split and the order.
        overwrite: replace shards that are there.
        watch: told what happens.

    Returns:
        The index: classes, and for each shard its part, counts, bytes and checksum.

    Raises:
        DataError: the data set cannot be used.
        UsageError: there are shards already.
        StorageError: a file cannot be written.
    """
    from pellucid.data.open import open_catalogue
    from pellucid.data.shards import INDEX
    from pellucid.data.shards.write import write_shards
    from pellucid.storage import read_json

    watch = watch or Watcher()
    catalogue = open_catalogue(data)
    try:
        _, audit = write_shards(
            catalogue,
            Path(output),
            size=size,
            seed=seed,
            overwrite=overwrite,
            advance=watch.advance,
            stage=watch.stage,
        )
    finally:
        catalogue.source.close()
    watch.audit(audit)
    return read_json(Path(output) / INDEX)


def compare(
    data: str | Path,
    output: str | Path | None = None,
    *,
    models: Sequence[str] = (),
    heads: bool = False,
    minutes: float | None = None,
    epochs: int | None = None,
    seeds: int = 1,
    parameters: int | None = None,
    size: int | None = None,
    seed: int = 0,
    color: "Color" = "auto",
    flip: "Flip" = "auto",
    augment: "Augment" = "auto",
    balance: "Balance" = "auto",
    strict: bool = False,
    overwrite: bool = False,
    watch: Watcher | None = None,
) -> "Comparison":
    """Train several networks on the same data under the same budget, and see how they stand.

    The data is read, audited and decoded once. All networks get the same images for training,
    validation and test, the same preprocessing and the same random variations. Each training is
    an ordinary run folder inside the comparison folder, and runs in a process of its own.

    Args:
        data: as :func:`train` takes it.
        output: the comparison folder to write; None takes ``comparisons/NAME-N``.
        models: names of networks, in the order of the tables; by default fully connected, locally
            connected, convolutional, Network in Network and Inception.
        heads: compare heads on one trunk instead: flatten and fully connected against global
            average pooling, on ``compact`` or the models named.
        minutes: of training, for each network. Without minutes and epochs: one.
        epochs: passes over the training images, for each network, instead of minutes.
        seeds: trainings of each network, with the seeds ``seed``, ``seed`` + 1, …
        parameters: about as many as each network that comes in any width shall have; None takes
            the geometric mean of the networks that do not.
        size: side of the networks' input in pixels; None lets the plan decide.
        seed: of the split, and of the first training of each network.
        color: channels of the input; ``auto`` is gray where no image has colour.
        flip: whether images are mirrored at random; ``auto`` asks the data.
        augment: strength of the random variations; ``auto`` follows the number of epochs.
        balance: whether rare classes weigh more.
        strict: stop at a file that cannot be used, instead of leaving it out.
        overwrite: replace the comparison folder if it exists.
        watch: told what happens; None works silently.

    Returns:
        The comparison. Networks that failed are among its ``failures``; its status is
        ``interrupted`` where Ctrl-C stopped it.

    Raises:
        UsageError: an argument is wrong.
        DataError: the data set cannot be used.
        StorageError: the folder cannot be written.
    """
    from pellucid.comparison.compare import compare_networks
    from pellucid.comparison.lineup import Asked
    from pellucid.training.wishes import Wishes

    wishes = Wishes(
        minutes=DEFAULT_COMPARE_MINUTES if minutes is None and epochs is None else minutes,
        epochs=epochs,
        size=size,
        color=color,
        augment=augment,
        flip=flip,
        balance=balance,
        seed=seed,
    )
    asked = Asked(tuple(models), heads, seeds, parameters, wishes)
    comparison = compare_networks(
        data,
        output,
        asked,
        strict=strict,
        overwrite=overwrite,
        command=_compare_command(data, output, asked),
        watch=watch or Watcher(),
    )
    return _shown(comparison)


def resume_comparison(folder: str | Path, *, watch: Watcher | None = None) -> "Comparison":
    """Go on with an interrupted comparison: finished networks are kept, the others go on.

    Networks that failed are tried again, for the reason may be gone.

    Args:
        folder: of the comparison; data and options are its own.
        watch: told what happens.

    Raises:
        RunError: the folder holds no comparison, another process is at work in it, or the images
            have changed since.
    """
    from pellucid.comparison import compare

    return _shown(compare.resume_comparison(folder, watch or Watcher()))


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
    from pellucid.training.samples import sample_cases

    record = read_card(run).preprocessing
    return [*sample_cases(run, PARITY_IMAGES, watch), *odd_cases(record)]


def evaluate(
    run: str | Path,
    data: str | Path,
    *,
    split: "Split | None" = None,
    watch: Watcher | None = None,
) -> "Evaluation":
    """Judge a trained network on labelled images.

    Args:
        run: a run folder or a bundle folder.
        data: labelled images, as :func:`train` takes them; their classes are among the run's.
        split: which part of them; None takes the test images where the data has a test part of
            its own or is what the run was trained on, and all images elsewhere.
        watch: told what happens.

    Raises:
        DataError: the data cannot be used, has classes that the network does not know, or has
            no such part.
    """
    from pellucid.training.verdict import evaluate_run

    return evaluate_run(Path(run), data, split, watch or Watcher())


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
    from pellucid.training.optimise import optimise_run

    return optimise_run(Path(run), data, batch, seconds, watch or Watcher())


def labels(run: "str | Path | Run") -> "Suspects":
    """The labels of a run's images that are most likely wrong, the most suspect first.

    Every image is judged by a network that had not learnt from it, and confident learning
    (Northcutt et al. 2021) tells which labels these answers speak against.

    Args:
        run: trained with ``folds``.

    Raises:
        RunError: there is no run, or it had no cross-validation.
    """
    from pellucid.training.run import Run, open_run
    from pellucid.training.suspects import suspects_in

    return suspects_in((run if isinstance(run, Run) else open_run(run)).folder)


def trace(
    model: "str | Path | Run | Predictor | nn.Module",
    image: "str | Path | Picture | NDArray[Any] | Tensor",
    *,
    preprocessing: "Preprocessing | None" = None,
    classes: Sequence[str] = (),
    sample: int | None = None,
    keep: "Keep" = "auto",
    half: bool = False,
) -> "Trace":
    """One forward pass as a graph, from the pixels to the scores, that gives any of its numbers.

    The network runs in evaluation mode and is left as it was: its modes, hooks and weights.

    Args:
        model: a run folder or a bundle folder, a run, what :func:`load` gives, or any torch
            module.
        image: a file, a ``Picture``, an array H×W or H×W×C uint8 (C 1 or 3); or the network's
            input (N, C, H, W).
        preprocessing: from picture to input, for a torch module; a run has its own.
        classes: names of the scores in order, for a torch module; a run has its own.
        sample: which one of a batch of several inputs.
        keep: which results stay in memory: ``auto`` (all, up to 512 MiB), ``all``, ``none``, or
            names of layers. The others are computed again when they are asked for.
        half: keep float32 as float16: half the memory, values rounded to 11 bits.

    Raises:
        UsageError: an argument is wrong, or the network does not take the image.
        ImageError: the image cannot be read.
        BundleError: the folder holds no trained network, or a damaged one.
    """
    from torch import nn

    from pellucid.explain import trace_image

    if isinstance(model, nn.Module):
        network, names = model, tuple(classes)
    else:
        if preprocessing is not None or classes:
            raise UsageError("a run has its own preprocessing and classes: leave these out.")
        predictor = _predictor(model)
        network, names = predictor.network, predictor.classes
        preprocessing = predictor.card.preprocessing
    return trace_image(
        network, image, preprocessing, classes=names, sample=sample, keep=keep, half=half
    )


def verify(
    trace: "Trace",
    *,
    all: bool | None = None,
    samples: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> "Verification":
    """Recompute the numbers of a forward pass in float64, without torch, and name what is wrong.

    Args:
        trace: what :func:`trace` gives, with ``half=False``.
        all: recompute every number. None: where there are at most a million and no samples are
            asked for.
        samples: how many numbers of each layer to recompute otherwise; None: ten.
        advance: told the number of layers done since its last call.

    Raises:
        UsageError: an argument is wrong, or the trace stores rounded values.
    """
    from pellucid.explain.verify import SAMPLES, verify

    if all is None and samples is not None:
        all = False
    return verify(trace, all=all, samples=SAMPLES if samples is None else samples, advance=advance)


def audit(
    data: str | Path, *, seed: int = 0, advance: Callable[[int], None] | None = None
) -> "Audit":
    """Look at a data set as before a training, without training.

    Args:
        data: as :func:`train` takes it.
        seed: of the split, where the data has none of its own.
        advance: told the number of images read since its last call.

    Raises:
        DataError: the data set cannot be used.
    """
    from pellucid.data.audit import audit_data

    return audit_data(data, seed=seed, advance=advance)


def _predictor(model: "str | Path | Run | Predictor") -> "Predictor":
    """The trained network that a caller means."""
    from pellucid.inference.predictor import Predictor
    from pellucid.training.run import Run

    if isinstance(model, Predictor):
        return model
    if isinstance(model, Run):
        return load(model.folder)
    if isinstance(model, str | Path):
        return load(model)
    raise UsageError(
        f"expected a run folder, a run, a predictor or a torch module, found "
        f"{type(model).__name__}."
    )


def _command(data: str | Path, output: str | Path | None, wishes: "Wishes") -> str:
    """The command line that repeats a training; options at their defaults are left out."""
    return shlex.join([*_beginning("train", data, output), *_wished(wishes)])


def _compare_command(data: str | Path, output: str | Path | None, asked: "Asked") -> str:
    """The command line that repeats a comparison; options at their defaults are left out."""
    words = _beginning("compare", data, output)
    if asked.models:
        words += ["--models", *asked.models]
    if asked.heads:
        words.append("--heads")
    if asked.seeds > 1:
        words += ["--seeds", str(asked.seeds)]
    if asked.parameters is not None:
        words += ["--parameters", str(asked.parameters)]
    return shlex.join([*words, *_wished(asked.wishes)])


def _beginning(command: str, data: str | Path, output: str | Path | None) -> list[str]:
    words = ["pellucid", command, str(data)]
    return words if output is None else [*words, "--output", str(output)]


def _wished(wishes: "Wishes") -> list[str]:
    """The options that are not at their defaults."""
    from dataclasses import fields

    words: list[str] = []
    for field in fields(wishes):
        value = getattr(wishes, field.name)
        if field.name == "pretrained":
            words += [] if value else ["--from-scratch"]
        elif value != field.default:
            words.append(f"--{field.name.replace('_', '-')}")
            if value is not True:
                words.append(f"{value:g}" if isinstance(value, float) else str(value))
    return words


def _shown(comparison: "Comparison") -> "Comparison":
    """Write the pages of a finished comparison: its own, and those of its runs."""
    if comparison.status == "finished" and comparison.standings:
        from pellucid.report.comparison import write_comparison
        from pellucid.report.page import write_report

        for member in comparison.members:
            if member["status"] == "finished":
                write_report(comparison.folder / member["folder"])
        write_comparison(comparison)
    return comparison


def _reported(run: "Run", watch: Watcher) -> "Run":
    if run.status == "finished" and place().first:
        from pellucid.report.page import write_report

        write_report(run.folder)
        watch.done(run)
    return run
