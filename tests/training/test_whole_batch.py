"""Batch norm and dropout on parts of a batch, against torch's own on the whole batch."""

import threading
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from pellucid.data.share import Share
from pellucid.errors import TrainingError
from pellucid.training.workers.whole_batch import WholeBatch


def together(size: int, work: Callable[[int, Callable[[Tensor], None]], None]) -> None:
    """Workers as threads, that add up through a table."""
    barrier, table = threading.Barrier(size), {}
    errors: list[BaseException] = []

    def run(rank: int) -> None:
        def add_up(tensor: Tensor) -> None:
            table[rank] = tensor.clone()
            barrier.wait(30)
            total = sum(table.values())
            barrier.wait(30)
            tensor.copy_(total)

        try:
            work(rank, add_up)
        except BaseException as error:
            errors.append(error)
            barrier.abort()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@settings(max_examples=25, deadline=None)
@given(
    rows=st.integers(2, 9),
    size=st.integers(1, 4),
    channels=st.integers(1, 4),
    side=st.sampled_from([(), (3,), (2, 3)]),
    affine=st.booleans(),
    offset=st.sampled_from([0.0, 1e3]),
    seed=st.integers(0, 99),
)
def test_batch_norm_in_parts_is_that_of_the_whole(
    rows: int,
    size: int,
    channels: int,
    side: tuple[int, ...],
    affine: bool,
    offset: float,
    seed: int,
) -> None:
    size = min(size, rows)
    generator = torch.Generator().manual_seed(seed)
    shape = (rows, channels, *side)
    x = torch.randn(shape, generator=generator, dtype=torch.float64) + offset
    slope = torch.randn(shape, generator=generator, dtype=torch.float64)
    kind = {0: nn.BatchNorm1d, 1: nn.BatchNorm1d, 2: nn.BatchNorm2d}[len(side)]
    layers = [kind(channels, affine=affine).double() for _ in range(size + 1)]
    for layer in layers:
        if affine:
            nn.init.constant_(layer.weight, 1.5)
            nn.init.constant_(layer.bias, 0.3)
    whole = x.clone().requires_grad_()
    wanted = layers[size](whole)
    (wanted * slope).sum().backward()
    got: dict[int, Tensor] = {}
    grads: dict[int, Tensor] = {}

    def work(rank: int, add_up: Callable[[Tensor], None]) -> None:
        share = Share.of(rows, rank, size)
        part = x[share.slice].clone().requires_grad_()
        with WholeBatch(share, add_up):
            result = layers[rank](part)
        (result * slope[share.slice]).sum().backward()
        got[rank], grads[rank] = result.detach(), part.grad

    together(size, work)
    loose = {"atol": 1e-9 * (1 + offset), "rtol": 1e-7}
    ranks = range(size)
    torch.testing.assert_close(torch.cat([got[r] for r in ranks]), wanted.detach(), **loose)
    torch.testing.assert_close(torch.cat([grads[r] for r in ranks]), whole.grad, **loose)
    for name, value in layers[size].state_dict().items():
        torch.testing.assert_close(layers[0].state_dict()[name], value, **loose)
    if affine:
        for name, parameter in layers[size].named_parameters():
            total = sum(dict(layers[r].named_parameters())[name].grad for r in ranks)
            torch.testing.assert_close(total, parameter.grad, **loose)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("drop", [functional.dropout, functional.dropout2d])
def test_dropout_in_parts_drops_what_the_whole_drops(
    drop: Callable[..., Tensor], dtype: torch.dtype, layout: torch.memory_format
) -> None:
    x = torch.randn(7, 4, 5, 6).to(dtype).contiguous(memory_format=layout)
    torch.manual_seed(3)
    wanted = drop(x, 0.4, True)
    parts = []
    for rank in range(3):
        share = Share.of(7, rank, 3)
        torch.manual_seed(3)
        with WholeBatch(share, lambda tensor: None):
            parts.append(drop(x[share.slice], 0.4, True))
    assert torch.equal(torch.cat(parts), wanted)
    assert (wanted == 0).any() and (wanted != 0).any()


def test_prediction_is_left_alone() -> None:
    layer = nn.Sequential(nn.BatchNorm2d(2), nn.Dropout(0.5)).eval()
    x = torch.randn(3, 2, 4, 4)
    with WholeBatch(Share(0, 3, 9), lambda tensor: pytest.fail("nothing is to be sent")):
        assert torch.equal(layer(x), layer[0](x))


def test_random_numbers_that_cannot_be_cut_are_refused() -> None:
    with (
        pytest.raises(TrainingError, match="alpha dropout"),
        WholeBatch(Share(0, 2, 4), lambda tensor: None),
    ):
        nn.AlphaDropout()(torch.ones(2, 3))
