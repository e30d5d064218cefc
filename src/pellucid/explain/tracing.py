"""Make a trace: of a network on a tensor, or on a picture with its preprocessing."""

from collections.abc import Collection
from typing import Any, Literal

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pellucid.capture import Node
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.explain.given import floats_of, on_network, one_of, picture_of
from pellucid.explain.prelude import Prelude, picture_prelude, tensor_prelude
from pellucid.explain.store import KEPT_BYTES, Store, Wanted
from pellucid.explain.trace import Trace
from pellucid.images.read import Picture

#: What a trace keeps: ``auto`` all up to :data:`pellucid.explain.store.KEPT_BYTES`, then what
#: still fits; ``all``; ``none``; or the layers named. The picture on its way to the network, its
#: input and its outputs are always kept.
Keep = Literal["auto", "all", "none"] | Collection[str]


def trace_network(
    network: nn.Module,
    values: Tensor | NDArray[Any],
    *,
    classes: tuple[str, ...] = (),
    sample: int | None = None,
    keep: Keep = "auto",
    half: bool = False,
) -> Trace:
    """Trace a torch module on a tensor.

    The network runs once, in evaluation mode; it is left as it was.

    Args:
        network: any torch module, on any device.
        values: (N, C, H, W); floats are converted to the network's own type.
        classes: names of the scores, in order.
        sample: which of the N to trace, where there are several.
        keep: which results to keep in memory: ``auto`` (all, as long as they take no more than
            512 MiB together), ``all``, ``none``, or names of layers. The others are computed
            again, by another pass, when they are asked for.
        half: keep float32 as float16, rounded to 11 bits; where that overflows, float32 stays.

    Raises:
        UsageError: the network does not take the values; there are none, or several and nobody
            said which; a layer to keep does not exist.

    >>> trace = trace_network(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), torch.ones(1, 1, 4, 4))
    >>> trace.names, trace.value("1").shape
    (('input', '0', '1'), (1, 2, 2, 2))
    """
    _check_network(network)
    given = on_network(one_of(values, sample), network)
    store = Store(network, given, _wanted(keep), half=half)
    return _finished(store, tensor_prelude(given), classes, keep)


def trace_picture(
    network: nn.Module,
    picture: Picture,
    preprocessing: Preprocessing,
    *,
    classes: tuple[str, ...] = (),
    keep: Keep = "auto",
    half: bool = False,
) -> Trace:
    """Trace a torch module from the pixels of a picture on.

    Args:
        network: as :func:`trace_network` takes it; likewise classes, keep and half.
        picture: as :func:`pellucid.images.read_image` reads it.
        preprocessing: from picture to input.

    Raises:
        UsageError: as :func:`trace_network`.

    >>> from pellucid.images import read_image
    >>> picture = read_image(b"P6 3 6 255 " + bytes(54))
    >>> record = Preprocessing("gray", 3, 3, (0.5,), (0.5,))
    >>> trace_picture(nn.Conv2d(1, 2, 3), picture, record).names
    ('pixels', 'recolor', 'resize', 'normalise', 'conv2d')
    """
    _check_network(network)
    prelude = picture_prelude(picture, preprocessing, floats_of(network))
    given = on_network(torch.tensor(prelude.values[-1]), network)
    store = Store(network, given, _wanted(keep), half=half)
    return _finished(store, prelude, classes, keep)


def trace_image(
    network: nn.Module,
    image: Any,
    preprocessing: Preprocessing | None = None,
    *,
    classes: tuple[str, ...] = (),
    sample: int | None = None,
    keep: Keep = "auto",
    half: bool = False,
) -> Trace:
    """Trace a torch module on a picture in any form, or on its input.

    Args:
        network: as :func:`trace_network` takes it; likewise classes, sample, keep and half.
        image: a file, a picture, an array H×W or H×W×C uint8; or (N, C, H, W).
        preprocessing: from picture to input; needed for pictures.

    Raises:
        UsageError: as :func:`trace_network`; a picture without preprocessing.
        ImageError: the file cannot be read.
    """
    _check_network(network)
    picture = picture_of(image)
    if picture is None:
        return trace_network(network, image, classes=classes, sample=sample, keep=keep, half=half)
    if preprocessing is None:
        raise UsageError(
            "a network alone does not say how a picture becomes its input: give preprocessing=, "
            "a tensor (N, C, H, W), or a run instead of the network."
        )
    if sample is not None:
        raise UsageError(f"expected a batch for sample={sample}, found one picture: leave it out.")
    return trace_picture(network, picture, preprocessing, classes=classes, keep=keep, half=half)


def _finished(store: Store, prelude: Prelude, classes: tuple[str, ...], keep: Keep) -> Trace:
    """The trace, with the layers that were named to be kept."""
    trace = Trace(prelude.join(store.graph), store.forward.network, classes, prelude, store)
    if classes and trace.scored and trace.output.count != len(classes):
        raise UsageError(
            f"expected names for {trace.output.count} scores, found {len(classes)} classes."
        )
    if not isinstance(keep, str):
        indices = {trace.node(name).index - len(prelude.nodes) + 1 for name in keep}
        store.keep({index for index in indices if index > 0})
    return trace


def _wanted(keep: Keep) -> Wanted:
    """Which results the first pass keeps; of layers by their names none, for it finds these."""
    if keep == "auto":
        return _Room(KEPT_BYTES)
    if isinstance(keep, str) and keep not in ("all", "none"):
        raise UsageError(
            f"expected keep as auto, all, none or names of layers such as {{{keep!r}}}, "
            f"found {keep!r}."
        )
    return lambda node, size: keep == "all"


class _Room:
    """Room for so many bytes: whatever still fits is wanted."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, node: Node, size: int) -> bool:
        fits = size <= self.left
        self.left -= size if fits else 0
        return fits


def _check_network(network: nn.Module) -> None:
    if not isinstance(network, nn.Module):
        raise UsageError(f"expected a torch module, found {type(network).__name__}.")
    if any(parameter.is_meta for parameter in network.parameters()):
        raise UsageError(
            f"{type(network).__name__} has no weights (torch's meta device): load them first."
        )
