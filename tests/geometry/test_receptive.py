"""Receptive fields: published figures, and footprints of gradients through random networks."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from pellucid.errors import UsageError
from pellucid.geometry import (
    Axis,
    Branches,
    Chain,
    ReceptiveField,
    TransposedAxis,
    TransposedWindow,
    Window,
    chain,
    chains,
    transposed_window,
    window,
)

Forward = Callable[[Tensor], Tensor]


# --- Published figures ------------------------------------------------------------------------


def windows(image: int, *layers: tuple[int, int]) -> Chain:
    """Layers of (kernel, stride), padded ``same``."""
    path = Chain(image)
    for kernel, stride in layers:
        path = path.window(kernel, stride=stride, padding="same")
    return path


def test_vgg_16_sees_212_pixels() -> None:
    """Araujo, Norris and Sim 2019, table: receptive field 212, stride 32, padding 90."""
    path = Chain(224)
    for convolutions in (2, 2, 3, 3, 3):
        for _ in range(convolutions):
            path = path.window(3, padding=1)
        path = path.window(2, stride=2)
    assert path.field == ReceptiveField(212, 32, -90)
    assert path.output == 7


def test_stacked_3x3_see_as_much_as_one_larger_kernel() -> None:
    """Simonyan and Zisserman 2015, section 2.3: two 3×3 see 5×5, three see 7×7."""
    assert [chain([Axis(9, 3), Axis(7, 3), Axis(5, 3)][:n]).field.size for n in (1, 2, 3)] == [
        3,
        5,
        7,
    ]


def test_alexnet_sees_195_pixels() -> None:
    """The same table, AlexNet of 2014: 195, stride 32, padding 64; conv1 of 2012 gives 55."""
    path = Chain(227).window(11, stride=4)
    assert path.output == 55
    path = path.window(3, stride=2).window(5, padding=2).window(3, stride=2)
    for _ in range(3):
        path = path.window(3, padding=1)
    path = path.window(3, stride=2)
    assert path.field == ReceptiveField(195, 32, -64)
    assert path.output == 6


def test_mobilenet_and_resnets_of_the_same_table() -> None:
    """MobileNet v1 315; ResNet v1 50, 101 and 152 483, 1027 and 1507; all of stride 32."""
    strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    mobile = windows(224, (3, 2), *((3, stride) for stride in strides))
    assert (mobile.field.size, mobile.field.jump) == (315, 32)
    for blocks, size in (((3, 4, 6, 3), 483), ((3, 4, 23, 3), 1027), ((3, 8, 36, 3), 1507)):
        path = windows(224, (7, 2), (3, 2))
        for block, units in enumerate(blocks):
            for unit in range(1, units + 1):  # the last unit of a block steps, not of the last
                stride = 2 if unit == units and block < 3 else 1
                path = path.split(
                    lambda short, stride=stride: short.window(1, stride=stride),
                    lambda deep, stride=stride: deep.window(1).window(3, stride=stride, padding=1),
                )
        assert (path.field.size, path.field.jump, path.output) == (size, 32, 7)


def test_googlenet_halves_to_7_with_ceil_pooling() -> None:
    """Szegedy et al. 2015, table 1: 112, 56, 28, 14, 7."""
    sizes = []
    path = Chain(224).window(7, stride=2, padding=3)
    sizes.append(path.output)
    for between in (1, 1, 2, 5, 2):
        for _ in range(between if len(sizes) > 2 else 0):
            path = path.split(
                lambda branch: branch.window(1),
                lambda branch: branch.window(1).window(3, padding=1),
                lambda branch: branch.window(1).window(5, padding=2),
                lambda branch: branch.window(3, padding=1).window(1),
            )
        if len(sizes) == 2:
            path = path.window(3, padding=1)
        if len(sizes) < 5:
            path = path.window(3, stride=2, ceil=True)
            sizes.append(path.output)
    assert sizes == [112, 56, 28, 14, 7]
    assert path.pooled().output == 1
    assert path.pooled().inputs_of(0) == tuple(range(224))


# --- Footprints of gradients ------------------------------------------------------------------


@st.composite
def layers(draw: st.DrawFn, length: int) -> tuple[Axis | TransposedAxis, Forward]:
    """A random layer on ``length`` cells, and torch's way to compute it (all weights 1)."""
    kernel, stride, pad = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(0, 3))
    dilation = draw(st.integers(1, 3))
    ones = torch.ones(1, 1, kernel, dtype=torch.float64)
    kind = draw(st.sampled_from(["window", "window", "pool", "transposed"]))
    if kind == "window":
        after = draw(st.integers(0, 3))
        return Axis(length, kernel, stride, dilation, pad, after), lambda x: F.conv1d(
            F.pad(x, (pad, after)), ones, stride=stride, dilation=dilation
        )
    if kind == "pool":
        pad = min(pad, kernel // 2)
        return Axis(length, kernel, stride, 1, pad, pad, ceil=True), lambda x: F.avg_pool1d(
            x, kernel, stride, pad, True
        )
    extra = draw(st.integers(0, max(stride, dilation) - 1))
    axis = TransposedAxis(length, kernel, stride, dilation, pad, pad, extra)
    return axis, lambda x: F.conv_transpose1d(x, ones, None, stride, pad, extra, 1, dilation)


@st.composite
def networks(draw: st.DrawFn, length: int | None = None) -> tuple[Chain, Forward]:
    """One to four random layers after one another; some beside a shortcut or in two branches."""
    path, steps = Chain(length or draw(st.integers(4, 20))), list[Forward]()
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["layer", "layer", "residual"]))
        if kind == "layer":
            layer, forward = draw(layers(path.output))
            assume(0 < layer.output < 60)
            path = path.then(layer)
        else:
            kernel, gap = draw(st.integers(1, 3)), draw(st.integers(1, 3))
            side = draw(st.integers(0, 2))
            path, forward = _residual(path, 2 * kernel - 1, gap, side)
        steps.append(forward)

    def run(x: Tensor) -> Tensor:
        for step in steps:
            x = step(x)
        return x

    return path, run


def _residual(path: Chain, kernel: int, gap: int, shift: int) -> tuple[Chain, Forward]:
    """x plus two convolutions of it whose padding is off the middle, to either side."""
    total = gap * (kernel - 1)
    before = min(total, total // 2 + shift)
    ones = torch.ones(1, 1, kernel, dtype=torch.float64)
    sides = ((before, total - before), (total - before, before))
    split = path.split(
        lambda branch: branch,
        *(partial(Chain.window, kernel=kernel, dilation=gap, padding=(pads,)) for pads in sides),
    )
    return split, lambda x: sum(
        (F.conv1d(F.pad(x, pads), ones, dilation=gap) for pads in sides), start=x
    )


def footprints(forward: Forward, length: int, count: int) -> Tensor:
    """Whether output i depends on cell j, (outputs, cells)."""
    images = torch.zeros(count, 1, length, dtype=torch.float64, requires_grad=True)
    outputs = forward(images)
    assert outputs.shape[2] == count
    outputs[:, 0].diagonal().sum().backward()
    assert images.grad is not None
    return images.grad[:, 0] != 0  # weights and so all gradients are positive: nothing cancels


@settings(max_examples=250, deadline=None)
@given(networks())
def test_cells_seen_are_the_footprint_of_the_gradient(network: tuple[Chain, Forward]) -> None:
    path, forward = network
    seen = footprints(forward, path.length, path.output)
    for i in range(path.output):
        cells = path.inputs_of(i)
        assert cells == tuple(seen[i].nonzero()[:, 0].tolist())
        assert set(cells) <= set(path.field.inside(i, path.length))
    for cell in range(path.length):
        outputs = path.outputs_of(cell)
        assert outputs == tuple(seen[:, cell].nonzero()[:, 0].tolist())
        assert set(outputs) <= set(path.field.outputs(cell, path.output))


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.integers(1, 3),
            st.integers(1, 3),
            st.integers(0, 2),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_field_is_the_hull_of_the_footprint_away_from_the_edges(
    shapes: list[tuple[int, int, int, int, bool]],
) -> None:
    path, steps = Chain(400), list[Forward]()
    for kernel, stride, dilation, pad, residual in shapes:
        if residual:
            path, forward = _residual(path, 2 * kernel - 1, dilation, pad)
        else:
            path = path.window(kernel, stride=stride, dilation=dilation, padding=pad)
            ones = torch.ones(1, 1, kernel, dtype=torch.float64)

            def forward(
                x: Tensor,
                ones: Tensor = ones,
                stride: int = stride,
                pad: int = pad,
                dilation: int = dilation,
            ) -> Tensor:
                return F.conv1d(x, ones, None, stride, pad, dilation)

        steps.append(forward)
    image = torch.zeros(1, 1, 400, dtype=torch.float64, requires_grad=True)
    outputs = image
    for step in steps:
        outputs = step(outputs)
    middle = path.output // 2
    outputs[0, 0, middle].backward()
    assert image.grad is not None
    seen = image.grad[0, 0].nonzero()[:, 0].tolist()
    cells = path.field.cells(middle)
    assert (seen[0], seen[-1]) == (cells[0], cells[-1])
    assert len(cells) == path.field.size
    assert path.inputs_of(middle) == tuple(seen)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_image_is_seen_row_by_row_and_column_by_column(data: st.DataObject) -> None:
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    shape, steps, layers = (9, 11), list[Window | TransposedWindow](), list[Any]()
    for _ in range(2):
        kernel, stride, transposed = data.draw(pair), data.draw(pair), data.draw(st.booleans())
        ones = torch.ones(1, 1, *kernel, dtype=torch.float64)
        if transposed:
            steps.append(transposed_window(shape, kernel, stride=stride))
            layers.append(partial(F.conv_transpose2d, weight=ones, stride=stride))
        else:
            steps.append(window(shape, kernel, stride=stride, padding=1))
            layers.append(partial(F.conv2d, weight=ones, stride=stride, padding=1))
        shape = steps[-1].output_shape
    image = torch.zeros(1, 1, 9, 11, dtype=torch.float64, requires_grad=True)
    outputs = layers[1](layers[0](image))
    assert outputs.shape[2:] == shape
    spot = tuple(data.draw(st.integers(0, size - 1)) for size in shape)
    outputs[(0, 0, *spot)].backward()
    assert image.grad is not None
    each = [path.inputs_of(i) for path, i in zip(chains(steps), spot, strict=True)]
    assert list(product(*each)) == [tuple(cell) for cell in image.grad[0, 0].nonzero().tolist()]


# --- Rules and errors -------------------------------------------------------------------------


def test_clipped_and_overhanging() -> None:
    field = chain([Axis(10, 5, before=2, after=2)]).field
    assert field.cells(0) == range(-2, 3)
    assert field.inside(0, 10) == range(3)
    assert field.inside(9, 10) == range(7, 10)
    assert len(ReceptiveField(2, 1, -5).inside(0, 10)) == 0
    assert len(ReceptiveField(2, 1, 50).inside(0, 10)) == 0


def test_dilation_leaves_gaps_that_only_the_exact_set_knows() -> None:
    path = Chain(20).window(3, dilation=4)
    assert path.field.cells(2) == range(2, 11)
    assert path.inputs_of(2) == (2, 6, 10)


def test_padding_between_layers_holds_nothing_of_the_image() -> None:
    path = Chain(5).window(3).window(1, padding=2)
    assert path.field.inside(0, 5) == range(1)  # by the three numbers it would see cell 0
    assert path.inputs_of(0) == ()


def test_enlarging_has_a_fractional_jump() -> None:
    down = Chain(16).window(2, stride=2)
    up = down.then(TransposedAxis(8, kernel=2, stride=2))
    assert up.field == ReceptiveField(Fraction(3), 1, -1)
    assert TransposedAxis(8, 3, stride=3).field.jump == Fraction(1, 3)
    assert isinstance(up.field.size, int)


def test_a_gate_from_global_pooling_joins_its_map() -> None:
    gated = Chain(8).split(
        lambda path: path,
        lambda path: path.pooled().then(TransposedAxis(1, kernel=8, stride=8)),
    )
    assert gated.inputs_of(3) == tuple(range(8))
    assert all(gated.field.inside(i, 8) == range(8) for i in range(8))


def test_centre_and_reverse() -> None:
    field = ReceptiveField(4, 2, -1)
    assert [field.centre(i) for i in (0, 1)] == [Fraction(1, 2), Fraction(5, 2)]
    for cell in range(12):
        wanted = [i for i in range(6) if cell in field.cells(i)]
        assert list(field.outputs(cell, 6)) == wanted
    assert len(field.outputs(-5, 6)) == 0


def test_joined_fields_reach_from_the_first_cell_to_the_last() -> None:
    apart = ReceptiveField(3, 2, -4).join(ReceptiveField(2, 2, 1), ReceptiveField(1, 2, 0))
    assert apart == ReceptiveField(7, 2, -4)


def test_branches_of_other_jumps_cannot_be_joined() -> None:
    with pytest.raises(UsageError, match="one jump to be joined, found jumps of 1 and 2"):
        ReceptiveField(1, 1, 0).join(ReceptiveField(3, 2, 0))
    halves = Branches((Axis(4, 2, 2), Chain(4).window(3)))
    with pytest.raises(UsageError, match="jumps of 1 and 2"):
        _ = halves.field


def test_layers_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(UsageError, match=r"layer 2 of the chain to take 5 cells.* found 6"):
        chain([Axis(7, 3), Axis(6, 3)])
    for steps in ([], [window((4,), 1), window((4, 4), 1)]):
        with pytest.raises(UsageError, match="one number of axes"):
            chains(steps)
    with pytest.raises(UsageError, match="at least one layer"):
        chain([])
    with pytest.raises(UsageError, match="found 7 to 5 and 7 to 7"):
        Branches((Axis(7, 3), Axis(7, 1)))
    with pytest.raises(UsageError, match="found none"):
        Branches(())
    with pytest.raises(UsageError, match="jump above 0"):
        ReceptiveField(1, 0, 0)
    with pytest.raises(UsageError, match="expected an output from 0 to 4, found 5"):
        Chain(5).inputs_of(5)
    with pytest.raises(UsageError, match="expected length"):
        Chain(-1)
