"""Receptive fields through operations that move, cut, join up or spread out positions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod

from pellucid.capture.call import Call
from pellucid.geometry import Axis, ReceptiveField, TransposedAxis


@dataclass(frozen=True, slots=True)
class Seen:
    """What the values of a result see of the input.

    Attributes:
        fields: the receptive field along each axis of the input, (T,) or (H, W).
        axes: the axes of the result that the fields slide along; empty where they do no longer,
            as after flattening or global pooling.
    """

    fields: tuple[ReceptiveField, ...]
    axes: tuple[int, ...]


Rule = Callable[[Call, Seen], Seen | None]


def _reduced(call: Call, seen: Seen) -> Seen | None:
    """A mean or a maximum over some axes: all that they hold is seen at once."""
    shape = call.shape("input")
    dims = call.get("dim", tuple(range(len(shape))))
    gone = {range(len(shape))[axis] for axis in (dims if isinstance(dims, tuple) else (dims,))}
    if not gone & set(seen.axes):
        return None if not call.get("keepdim") else seen
    if not set(seen.axes) <= gone:
        return None
    return _pooled(seen, shape, seen.axes if call.get("keepdim") else ())


def _pooled(seen: Seen, shape: tuple[int, ...], axes: tuple[int, ...]) -> Seen:
    lengths = [shape[axis] for axis in seen.axes]
    each = zip(seen.fields, lengths, strict=True)
    return Seen(tuple(field.through(Axis(n, n)) for field, n in each), axes)


def _linear(call: Call, seen: Seen) -> Seen | None:
    if not seen.axes:
        # Each of the values that were flattened has its field; together they see all of them.
        return seen
    return None if len(call.node.shape) - 1 in seen.axes else seen


def _shaped(call: Call, seen: Seen) -> Seen | None:
    """Flattening and the like: the axes that slide stay, at the end, or are given up."""
    before, after = call.shape("input"), call.node.shape
    count = len(seen.axes)
    lengths = tuple(before[axis] for axis in seen.axes)
    trailing = seen.axes == tuple(range(len(before) - count, len(before)))
    if not count:
        return seen
    if trailing and after[-count:] == lengths and prod(after) == prod(before):
        return Seen(seen.fields, tuple(range(len(after) - count, len(after))))
    # A value that was flattened is one of all positions: what follows reads them together.
    return _pooled(seen, before, ()) if trailing and len(after) < len(before) else None


def _permuted(call: Call, seen: Seen) -> Seen | None:
    ndim = len(call.node.shape)
    order = list(range(ndim))
    if call.node.operation == "permute":
        order = [range(ndim)[axis] for axis in call.get("dims")]
    else:
        one, other = (range(ndim)[call.get(name)] for name in ("dim0", "dim1"))
        order[one], order[other] = other, one
    moved = [order.index(axis) for axis in seen.axes]
    places = sorted(range(len(moved)), key=moved.__getitem__)
    if places != list(range(len(moved))):
        return None  # height and width change places
    return Seen(seen.fields, tuple(moved))


def _part(call: Call, seen: Seen) -> Seen | None:
    """A part of the channels, or one result of several: the positions are the same."""
    source = call.graph.nodes[call.node.inputs[0]]
    same = len(source.shape) == len(call.node.shape) and all(
        source.shape[axis] == call.node.shape[axis] for axis in seen.axes
    )
    return seen if same else None


def _getitem(call: Call, seen: Seen) -> Seen | None:
    """``x[:, 2:4]``, ``x[..., ::2, 1::2]``: slices with a start and a step."""
    shape, index = call.shape("input"), call.get("index")
    parts = list(index) if isinstance(index, tuple) else [index]
    if any(not isinstance(part, slice) and part is not Ellipsis for part in parts):
        return None
    if Ellipsis in parts:
        place = parts.index(Ellipsis)
        parts[place : place + 1] = [slice(None)] * (len(shape) - len(parts) + 1)
    parts += [slice(None)] * (len(shape) - len(parts))
    fields = list(seen.fields)
    for place, axis in enumerate(seen.axes):
        start, _, step = parts[axis].indices(shape[axis])
        own = ReceptiveField(1, step, start)
        fields[place] = fields[place].through(_Step(own))
    return replace(seen, fields=tuple(fields))


@dataclass(frozen=True, slots=True)
class _Step:
    """A layer that is only its field."""

    field: ReceptiveField


def _padded(call: Call, seen: Seen) -> Seen | None:
    sides, fields = call.get("pad"), list(seen.fields)
    ndim = len(call.node.shape)
    for place, axis in enumerate(seen.axes):
        at = 2 * (ndim - 1 - axis)  # the last axis comes first
        if at < len(sides):
            fields[place] = fields[place].through(_Step(ReceptiveField(1, 1, -sides[at])))
    return replace(seen, fields=tuple(fields))


def _enlarged(call: Call, seen: Seen) -> Seen | None:
    """Nearest and linear interpolation by whole factors, and pixel shuffle."""
    before, after = call.shape("input"), call.node.shape
    mode = call.get("mode", "nearest")
    linear = mode in ("linear", "bilinear", "trilinear")
    if not (linear or mode.startswith("nearest")) or call.get("align_corners"):
        return None
    fields = []
    for field, axis in zip(seen.fields, seen.axes, strict=True):
        factor, rest = divmod(after[axis], before[axis])
        if rest:
            return None
        # Enlarging is a transposed convolution: with s equal taps, or with a tent of 2s (2s − 1
        # where s is odd) taps, of which those on the border are cropped.
        taps, cropped = (2 * factor - factor % 2, factor // 2) if linear else (factor, 0)
        fields.append(field.through(TransposedAxis(before[axis], taps, factor, before=cropped)))
    return replace(seen, fields=tuple(fields))


MOVES: dict[str, Rule] = {
    **dict.fromkeys(("mean", "sum", "amax", "amin"), _reduced),
    "linear": _linear,
    **dict.fromkeys(("flatten", "view", "reshape", "unflatten", "squeeze", "unsqueeze"), _shaped),
    **dict.fromkeys(("permute", "transpose"), _permuted),
    **dict.fromkeys(("chunk", "split", "item", "narrow"), _part),
    "getitem": _getitem,
    "pad": _padded,
    **dict.fromkeys(("interpolate", "pixel_shuffle"), _enlarged),
}
