"""Occlusion: how far the score falls when a patch of the picture is covered."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.explain.maps.fill import FILLS, Fill, filled
from pellucid.explain.maps.question import Floats, Question, Which, question
from pellucid.explain.maps.result import ClassMap, class_map
from pellucid.explain.trace import Trace
from pellucid.geometry import Window, window

#: Patches that are asked about between two looks at memory: the network gets fewer at once.
_TOGETHER = 64


def occlusion(
    trace: Trace,
    target: Which | None = None,
    against: Which | None = None,
    *,
    patch: int | Sequence[int] | None = None,
    stride: int | Sequence[int] | None = None,
    fill: Fill = "mean",
) -> ClassMap:
    """Cover a patch of the network's input, here and there (Zeiler and Fergus 2014, section 4.2).

        drop(i, j) = score(picture) − score(picture with patch (i, j) covered)

    Patches lie like the windows of a ``same`` convolution, so that those at an edge reach over
    it and no pixel is left out. ``at_input`` has for each pixel the mean drop of the patches that
    cover it.

    Args:
        trace: of one picture.
        target: class, by number or name; by default the one with the highest score.
        against: the class to compare with: the score is then the difference of the two.
        patch: height and width, or one for both, in pixels of the input; by default a seventh of
            each side.
        stride: pixels from one patch to the next, likewise; by default half the patch.
        fill: what covers it, see :func:`~pellucid.explain.maps.fill.filled`.

    Returns:
        The drops (H', W'), one a patch, where H' = ⌈H / stride⌉. They add up to nothing: patches
        overlap, and what two hide together is not the sum of what each hides.

    Raises:
        UsageError: no such class or fill, or patches that leave gaps or are larger than the
            picture.

    >>> import torch
    >>> from pellucid.explain import trace_network
    >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2, bias=False))
    >>> network[1].weight.data = torch.tensor([[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0]])
    >>> trace = trace_network(network, torch.ones(1, 1, 2, 2))
    >>> occlusion(trace, 0, patch=1, stride=1, fill="gray").values.tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    asked = question(trace, target, against)
    slid = patches(asked.input.shape[2:], patch, stride)
    drops = asked.score - _covered_scores(asked, slid, filled(asked.input, fill))
    return class_map(
        asked,
        "occlusion",
        drops.reshape(slid.output_shape),
        _words(asked, slid, fill),
        at_input=_by_pixel(slid, drops),
    )


def covered(trace: Trace, rows: slice, columns: slice, *, fill: Fill = "mean") -> NDArray[Any]:
    """The network's input with one patch covered.

    Args:
        trace: of one picture.
        rows: of the input that are covered.
        columns: likewise.
        fill: what covers it, see :func:`~pellucid.explain.maps.fill.filled`.

    Returns:
        (1, C, H, W).

    Raises:
        UsageError: no such fill.

    >>> import torch
    >>> from pellucid.explain import trace_network
    >>> trace = trace_network(torch.nn.Conv2d(1, 1, 1), torch.ones(1, 1, 2, 2))
    >>> covered(trace, slice(0, 1), slice(1, 2), fill="gray").tolist()
    [[[[1.0, 0.0], [1.0, 1.0]]]]
    """
    given = trace.value(trace.input)
    found: NDArray[Any] = given.copy()
    found[:, :, rows, columns] = filled(given, fill)[:, :, rows, columns]
    return found


def patches(
    size: Sequence[int], patch: int | Sequence[int] | None, stride: int | Sequence[int] | None
) -> Window:
    """The patches that cover an input (H, W).

    Raises:
        UsageError: they leave gaps, or are larger than the input.
    """
    chosen = [ceil(side / 7) for side in size] if patch is None else patch
    plain = window(size, chosen)
    steps = [ceil(side / 2) for side in plain.kernel_shape] if stride is None else stride
    slid = window(size, chosen, stride=steps, padding="same")
    for axis, side in zip(slid.axes, size, strict=True):
        if axis.kernel > side:
            raise UsageError(f"expected a patch of at most {side} pixels, found {axis.kernel}.")
        if axis.stride > axis.kernel:
            raise UsageError(
                f"expected a stride of at most the patch's {axis.kernel} pixels, so that none is "
                f"left out, found {axis.stride}."
            )
    return slid


def spans(slid: Window, place: int) -> tuple[slice, slice]:
    """Rows and columns of the input that a patch covers; patches are counted row by row."""
    down, across = divmod(place, slid.output_shape[1])
    rows, columns = (
        axis.inputs_of(index) for axis, index in zip(slid.axes, (down, across), strict=True)
    )
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _covered_scores(asked: Question, slid: Window, cover: NDArray[Any]) -> Floats:
    count = slid.output_shape[0] * slid.output_shape[1]
    found = []
    for start in range(0, count, _TOGETHER):
        places = range(start, min(start + _TOGETHER, count))
        covered = asked.input.repeat(len(places), axis=0)
        for row, place in enumerate(places):
            rows, columns = spans(slid, place)
            covered[row, :, rows, columns] = cover[0, :, rows, columns]
        found.append(asked.answers(covered))
    return np.concatenate(found)


def _by_pixel(slid: Window, drops: Floats) -> Floats:
    """For each pixel the mean drop of the patches that cover it, (H, W)."""
    total = np.zeros(slid.input_shape)
    for place, drop in enumerate(drops):
        total[spans(slid, place)] += drop
    return total / np.array(slid.coverage(), np.float64)


def _words(asked: Question, slid: Window, fill: Fill) -> str:
    height, width = slid.kernel_shape
    rows, columns = slid.output_shape
    return (
        f"Occlusion for {asked.title}: how far the score falls when a patch of {height}×{width} "
        f"pixels of the input is covered by {FILLS[fill]}, at {rows}×{columns} places. Their drops "
        "add up to nothing: patches overlap and act together."
    )
