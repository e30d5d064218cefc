"""Plain torch networks, written for the tests: one for each thing that counting can get wrong."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


class Calls(nn.Module):
    """A network whose forward pass is a function of its layers and the input."""

    def __init__(self, forward: Callable[..., Tensor], **layers: nn.Module) -> None:
        super().__init__()
        self._forward = forward
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, x: Tensor) -> Tensor:
        return self._forward(self, x)


class OwnWeights(nn.Module):
    """Parameters used by functions, one of them standardised first."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(6, 3, 3, 3))
        self.scale = nn.Parameter(torch.ones(6, 1, 1))
        self.matrix = nn.Parameter(torch.randn(6, 4))

    def forward(self, x: Tensor) -> Tensor:
        kernel = (self.kernel - self.kernel.mean((1, 2, 3), keepdim=True)) / 3
        x = functional.conv2d(x, kernel, stride=2) * self.scale
        return x.mean((2, 3)) @ self.matrix


class Tied(nn.Module):
    """One convolution used three times, and a matrix used as it is and transposed."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.down = nn.Linear(4, 3, bias=False)
        self.up = nn.Linear(4, 3, bias=False)
        self.up.weight = self.down.weight

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = self.conv(x).relu_()
        x = self.down(x.mean((2, 3)))
        return functional.linear(x, self.up.weight.t())


class Unshared(nn.Module):
    """A locally connected layer out of unfold and batched products."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(36, 27, 5))

    def forward(self, x: Tensor) -> Tensor:
        patches = functional.unfold(x, 3).permute(2, 0, 1)
        return torch.bmm(patches, self.weight).permute(1, 2, 0).unflatten(2, (6, 6))


def _residual(net: Calls, x: Tensor) -> Tensor:
    y = net.norm(net.first(x))
    y += net.short(x)
    return net.head(functional.adaptive_avg_pool2d(functional.relu(y), 1).flatten(1))


def _dense(net: Calls, x: Tensor) -> Tensor:
    maps = [x]
    for layer in (net.a, net.b, net.c):
        maps.append(torch.relu(layer(torch.cat(maps, 1))))
    return torch.cat(maps, 1)


def _shuffle(net: Calls, x: Tensor) -> Tensor:
    one, two = net.first(x).chunk(2, 1)
    x = torch.cat([one, net.second(two)], 1)
    n, c, h, w = x.shape
    return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


def _squeeze(net: Calls, x: Tensor) -> Tensor:
    x = net.conv(x)
    return x * torch.sigmoid(net.up(functional.relu(net.down(x.mean((2, 3), keepdim=True)))))


def _unet(net: Calls, x: Tensor) -> Tensor:
    low = net.down(functional.max_pool2d(x, 2))
    up = functional.interpolate(low, scale_factor=2, mode="bilinear")
    return net.out(torch.cat([x, up, net.learned(low)], 1))


def _attention(net: Calls, x: Tensor) -> Tensor:
    q, k, v = net.qkv(x.flatten(2).transpose(1, 2)).chunk(3, -1)
    return functional.scaled_dot_product_attention(q, k, v)


def _products(net: Calls, x: Tensor) -> Tensor:
    n, c = x.shape[:2]
    flat = x.reshape(n, c, -1)
    gram = torch.einsum("ncp,ndp->ncd", flat, flat)
    return torch.baddbmm(gram, gram, gram) + torch.matmul(gram, gram[0])


def _mixer(net: Calls, x: Tensor) -> Tensor:
    x = net.patch(x).flatten(2)  # (N, C, P)
    x = x + net.tokens(x)
    return net.norm(x.transpose(1, 2) + net.channels(x.transpose(1, 2)))


def _inception(net: Calls, x: Tensor) -> Tensor:
    pooled = functional.max_pool2d(x, 3, stride=1, padding=1)
    return torch.cat([net.one(x), net.three(net.reduce(x)), net.pooled(pooled)], dim=1)


def _dynamic(net: Calls, x: Tensor) -> Tensor:
    x = functional.relu(net.conv(x))
    return net.head(x.view(x.size(0), -1))


def _in_place(net: Calls, x: Tensor) -> Tensor:
    x = net.conv(x)
    x[:, :2].mul_(2)
    x[:, 2:] = 0.5
    return net.last(x)


_Conv, _Linear = nn.Conv2d, nn.Linear

#: Name, how to build it, and the shape of its input.
PLAIN: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "sequence": (
        lambda: nn.Sequential(
            _Conv(3, 8, 5, stride=2, padding=2), nn.ReLU(True), nn.LocalResponseNorm(3),
            nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout(), nn.Flatten(), _Linear(8 * 8 * 8, 5),
        ),
        (1, 3, 32, 32),
    ),
    "residual": (
        lambda: Calls(
            _residual, first=_Conv(4, 6, 3, 2, 1, bias=False), norm=nn.BatchNorm2d(6),
            short=_Conv(4, 6, 1, 2), head=_Linear(6, 3),
        ),
        (2, 4, 9, 9),
    ),
    "dense": (
        lambda: Calls(_dense, a=_Conv(3, 2, 3, padding=1), b=_Conv(5, 2, 1), c=_Conv(7, 4, 1)),
        (1, 3, 8, 8),
    ),
    "inception": (
        lambda: Calls(
            _inception, one=_Conv(6, 4, 1), reduce=_Conv(6, 2, 1), three=_Conv(2, 4, 3, padding=1),
            pooled=_Conv(6, 3, 1),
        ),
        (1, 6, 7, 7),
    ),
    "grouped": (lambda: _Conv(8, 12, 3, stride=2, padding=1, groups=4), (1, 8, 11, 11)),
    "depthwise": (
        lambda: nn.Sequential(_Conv(6, 12, 3, groups=6), nn.SiLU(), _Conv(12, 4, 1)),
        (1, 6, 10, 10),
    ),
    "dilated": (lambda: _Conv(2, 3, 3, dilation=(2, 3), padding="same"), (1, 2, 13, 12)),
    "even kernel": (lambda: _Conv(2, 3, (4, 2), padding="same"), (1, 2, 9, 9)),
    "circular": (lambda: _Conv(2, 3, 3, padding=1, padding_mode="circular"), (1, 2, 6, 6)),
    "transposed": (
        lambda: nn.ConvTranspose2d(6, 4, 3, stride=2, padding=1, output_padding=1, groups=2),
        (2, 6, 5, 7),
    ),
    "transposed dilated": (lambda: nn.ConvTranspose1d(2, 3, 4, dilation=2, padding=2), (1, 2, 9)),
    "own weights": (OwnWeights, (1, 3, 12, 12)),
    "tied": (Tied, (3, 4, 6, 6)),
    "unshared": (Unshared, (2, 3, 8, 8)),
    "series": (
        lambda: nn.Sequential(
            nn.Conv1d(4, 8, 5, padding=2), nn.BatchNorm1d(8), nn.AvgPool1d(2), nn.GELU(),
            nn.AdaptiveMaxPool1d(3), nn.Flatten(), _Linear(24, 2),
        ),
        (2, 4, 20),
    ),
    "volume": (
        lambda: nn.Sequential(nn.Conv3d(1, 2, 3), nn.MaxPool3d(2), nn.Conv3d(2, 3, 1)),
        (1, 1, 8, 8, 8),
    ),
    "dynamic batch": (
        lambda: Calls(_dynamic, conv=_Conv(1, 3, 3), head=_Linear(3 * 16, 10)), (5, 1, 6, 6),
    ),
    "shuffle": (
        lambda: Calls(_shuffle, first=_Conv(4, 8, 1), second=_Conv(4, 4, 3, padding=1, groups=4)),
        (1, 4, 6, 6),
    ),
    "squeeze": (
        lambda: Calls(_squeeze, conv=_Conv(3, 8, 3), down=_Conv(8, 2, 1), up=_Conv(2, 8, 1)),
        (1, 3, 9, 9),
    ),
    "unet": (
        lambda: Calls(
            _unet, down=_Conv(2, 4, 3, padding=1), learned=nn.ConvTranspose2d(4, 2, 2, stride=2),
            out=_Conv(8, 2, 1),
        ),
        (1, 2, 8, 8),
    ),
    "attention": (lambda: Calls(_attention, qkv=_Linear(6, 18)), (2, 6, 4, 4)),
    "products": (lambda: Calls(_products), (2, 3, 4, 4)),
    "mixer": (
        lambda: Calls(
            _mixer, patch=_Conv(3, 8, 4, 4), tokens=_Linear(16, 16), norm=nn.LayerNorm(8),
            channels=nn.Sequential(_Linear(8, 16), nn.GELU(), _Linear(16, 8)),
        ),
        (2, 3, 16, 16),
    ),
    "in place": (lambda: Calls(_in_place, conv=_Conv(2, 4, 1), last=_Conv(4, 2, 3)), (1, 2, 6, 6)),
    "norms": (
        lambda: nn.Sequential(
            nn.GroupNorm(2, 4), nn.InstanceNorm2d(4), _Conv(4, 4, 3, padding=1), nn.Hardswish(),
            nn.Dropout2d(), nn.Softmax(1), nn.AvgPool2d(2, 2, 1),
        ),
        (1, 4, 8, 8),
    ),
}  # fmt: skip
