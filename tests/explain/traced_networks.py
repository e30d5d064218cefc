"""Plain torch CNNs, written for the tests of traces: residual, dense, Inception-like and others."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    """A basic block with a projection (He et al. 2016), activations in place, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.layer1 = nn.Sequential(Block(6, 6, 1), Block(6, 8, 2))
        self.fc = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer1(functional.relu(self.stem(x), inplace=True))
        return self.fc(torch.flatten(functional.adaptive_avg_pool2d(x, 1), 1))


class Block(nn.Module):
    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.short = nn.Conv2d(channels, filters, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += self.short(x)
        return self.relu(y)


class Dense(nn.Module):
    """Every layer reads all before it (Huang et al. 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(3 + 2 * i, 2, 3, padding=1) for i in range(3))
        self.out = nn.Conv2d(9, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.cat([x, torch.relu(layer(x))], 1)
        return functional.avg_pool2d(self.out(x), x.shape[-1]).flatten(1)


class Inception(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(channels, 2, 1)
        self.reduce3, self.three = nn.Conv2d(channels, 2, 1), nn.Conv2d(2, 3, 3, padding=1)
        self.reduce5, self.five = nn.Conv2d(channels, 1, 1), nn.Conv2d(1, 2, 5, padding=2)
        self.project = nn.Conv2d(channels, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        pooled = functional.max_pool2d(x, 3, stride=1, padding=1)
        branches = (
            self.one(x),
            self.three(functional.relu(self.reduce3(x))),
            self.five(functional.relu(self.reduce5(x))),
            self.project(pooled),
        )
        return torch.cat([functional.relu(branch) for branch in branches], 1)


class Inceptions(nn.Module):
    """Two Inception modules (Szegedy et al. 2015), a dropout, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.inception3a, self.inception3b = Inception(3), Inception(9)
        self.drop = nn.Dropout(0.4)
        self.head = nn.Conv2d(9, 6, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.drop(self.inception3b(self.inception3a(x)))).mean((2, 3))


class Shared(nn.Module):
    """One block and one activation, used again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU())
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.block(self.act(self.block(x))) - x).amax((2, 3))


class Halves(nn.Module):
    """Splits, and writes into a part in place."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.conv(x.mul_(2)).chunk(2, 1)
        second.clamp_(min=0)
        return (first * second).sum((2, 3))


def depthwise() -> nn.Module:
    """A separable convolution (Howard et al. 2017), dilated (Yu and Koltun 2016), and a head."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=2, dilation=2, groups=3),
        nn.BatchNorm2d(6),
        nn.ReLU6(inplace=True),
        nn.Conv2d(6, 4, 1),
        nn.Hardswish(inplace=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Softmax(1),
    )


#: By name; each takes (N, 3, 16, 16).
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "residual": Residual,
    "dense": Dense,
    "inception": Inceptions,
    "depthwise": depthwise,
    "shared": Shared,
    "halves": Halves,
}
