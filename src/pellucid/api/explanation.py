"""Every number of a forward pass, and whether it is right."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.api.bundle import load
from pellucid.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from pellucid.data.preprocessing import Preprocessing
    from pellucid.explain import Keep, Trace
    from pellucid.explain.verification import Verification
    from pellucid.images import Picture
    from pellucid.inference.predictor import Predictor
    from pellucid.training.run import Run


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
