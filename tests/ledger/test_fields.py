"""Receptive fields against gradients: which input cells move an output, counted by autograd."""

from collections.abc import Callable

import pytest
import torch
from tests.ledger.plain_networks import Calls
from torch import Tensor, nn
from torch.nn import functional

from pellucid.capture import capture
from pellucid.ledger import ledger


def _residual(net: Calls, x: Tensor) -> Tensor:
    return net.second(net.first(x)) + x[..., ::2, ::2]


def _shuffled(net: Calls, x: Tensor) -> Tensor:
    one, two = net.first(x).chunk(2, 1)
    x = torch.cat([one, net.second(two)], 1)
    n, c, h, w = x.shape
    return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


def _enlarged(net: Calls, x: Tensor) -> Tensor:
    return functional.interpolate(net.conv(x), scale_factor=2, mode="bilinear")


def _padded(net: Calls, x: Tensor) -> Tensor:
    return net.conv(functional.pad(x, (2, 0, 1, 3)))[:, :, 1:]


def _head(net: Calls, x: Tensor) -> Tensor:
    return net.score(net.conv(x).mean((2, 3)))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "chain": lambda: nn.Sequential(
        nn.Conv2d(1, 2, 3, 2, 1), nn.AvgPool2d(3, 2, 1), nn.Conv2d(2, 1, (2, 3), dilation=(2, 1))
    ),
    "residual": lambda: Calls(
        _residual, first=nn.Conv2d(1, 2, 3, 2, 1), second=nn.Conv2d(2, 1, 5, padding=2)
    ),
    "channel shuffle": lambda: Calls(
        _shuffled, first=nn.Conv2d(1, 4, 1), second=nn.Conv2d(2, 2, 3, padding=1)
    ),
    "transposed": lambda: nn.Sequential(
        nn.Conv2d(1, 2, 3, stride=3), nn.ConvTranspose2d(2, 1, 3, stride=3)
    ),
    "nearest": lambda: nn.Sequential(nn.Conv2d(1, 1, 3), nn.Upsample(scale_factor=2)),
    "bilinear": lambda: Calls(_enlarged, conv=nn.Conv2d(1, 1, 3)),
    "padded and cut": lambda: Calls(_padded, conv=nn.Conv2d(1, 1, 4, stride=2)),
    "adaptive": lambda: nn.Sequential(nn.Conv2d(1, 1, 2, padding="same"), nn.AdaptiveAvgPool2d(4)),
    "head": lambda: Calls(_head, conv=nn.Conv2d(1, 2, 3, padding=1), score=nn.Linear(2, 3)),
    "flattened": lambda: nn.Sequential(
        nn.Conv2d(1, 1, 3), nn.Flatten(), nn.Linear(100, 4), nn.ReLU(), nn.Linear(4, 2)
    ),
}  # fmt: skip
SIDE = 12


@pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")
@pytest.mark.parametrize("name", NETWORKS)
def test_fields_are_where_gradients_are(name: str) -> None:
    network = NETWORKS[name]().double()
    for parameter in network.parameters():
        nn.init.constant_(parameter, 1.0)  # nothing cancels
    image = torch.rand(1, 1, SIDE, SIDE, dtype=torch.float64, requires_grad=True)
    output = network(image)
    fields = ledger(network, (1, 1, SIDE, SIDE)).rows[-1].fields
    assert fields is not None
    sides = output.shape[2:] if output.ndim == 4 else (1, 1)
    maps = output.reshape(output.shape[1], *sides)
    for place in ((0, 0), (sides[0] // 2, sides[1] // 2), (sides[0] - 1, sides[1] - 1)):
        [gradient] = torch.autograd.grad(maps[-1][place], image, retain_graph=True)
        for axis, (field, index) in enumerate(zip(fields, place, strict=True)):
            seen = gradient[0, 0].abs().sum(1 - axis).nonzero().flatten().tolist()
            expected = field.inside(index, SIDE)
            if name == "transposed":  # a bound: the field is a fraction of a cell larger
                assert expected.start <= seen[0] and seen[-1] < expected.stop
            else:
                assert (seen[0], seen[-1] + 1) == (expected.start, expected.stop), place


def test_what_sees_everything_has_no_window() -> None:
    def squeeze(net: Calls, x: Tensor) -> Tensor:
        x = net.conv(x)
        return x * torch.sigmoid(x.mean((2, 3), keepdim=True))

    rows = ledger(Calls(squeeze, conv=nn.Conv2d(1, 2, 3)), (1, 1, 8, 8)).rows
    assert rows[1].fields is not None and rows[2].fields is not None
    assert rows[-1].fields is None


def test_branches_of_different_jumps_have_no_common_field() -> None:
    def join(net: Calls, x: Tensor) -> Tensor:
        return torch.cat([net.stride(x), net.wide(x)], 1)

    network = Calls(join, stride=nn.Conv2d(1, 1, 2, 2), wide=nn.Conv2d(1, 1, 5))
    assert ledger(network, (1, 1, 8, 8)).rows[-1].fields is None


def test_height_and_width_that_change_places_have_none() -> None:
    graph = capture(Calls(lambda net, x: x.transpose(2, 3)), (1, 1, 4, 6))
    assert ledger(graph).rows[-1].fields is None
