"""Plain torch CNNs: small stand-ins for well-known ones, and random ones."""

from collections.abc import Callable

import numpy as np
import torch
from tests.ledger.plain_networks import Calls
from torch import Tensor, nn
from torch.nn import functional as F


def _conv(
    inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1
) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Basic(nn.Module):
    """ResNet's block (He et al. 2015): the sum is made in place."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.relu = nn.ReLU(inplace=True)  # used twice
        self.downsample = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class Dense(nn.Module):
    """DenseNet's layer (Huang et al. 2017): its maps beside all before."""

    def __init__(self, inputs: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs)
        self.conv = nn.Conv2d(inputs, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.conv(F.relu(self.norm(x)))], 1)


class Inverted(nn.Module):
    """MobileNetV2's and V3's block (Sandler et al. 2018, Howard et al. 2019), with a gate."""

    def __init__(
        self, inputs: int, outputs: int, stride: int, act: Callable[[], nn.Module]
    ) -> None:
        super().__init__()
        wide = inputs * 2
        self.expand = nn.Sequential(nn.Conv2d(inputs, wide, 1), nn.BatchNorm2d(wide), act())
        self.depth = nn.Conv2d(wide, wide, 3, stride, 1, groups=wide)
        self.squeeze, self.excite = nn.Conv2d(wide, 4, 1), nn.Conv2d(4, wide, 1)
        self.project = nn.Conv2d(wide, outputs, 1)
        self.same = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.depth(self.expand(x))
        scale = self.excite(F.relu(self.squeeze(F.adaptive_avg_pool2d(y, 1))))
        y = self.project(F.hardsigmoid(scale) * y)
        return x + y if self.same else y


class Shuffle(nn.Module):
    """ShuffleNetV2's unit (Ma et al. 2018)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.branch = nn.Sequential(
            _conv(half, half, 1), nn.Conv2d(half, half, 3, 1, 1, groups=half)
        )

    def forward(self, x: Tensor) -> Tensor:
        one, two = x.chunk(2, dim=1)
        y = torch.cat((one, self.branch(two)), 1)
        n, c, h, w = y.shape
        return y.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


class Fire(nn.Module):
    """SqueezeNet's module (Iandola et al. 2016)."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, 4, 1)
        self.one, self.three = nn.Conv2d(4, 6, 1), nn.Conv2d(4, 6, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.one(x)), F.relu(self.three(x))], 1)


def _pooled_twice(net: Calls, x: Tensor) -> Tensor:
    for _ in range(3):
        x = F.gelu(net.conv(x))  # one module, three calls
    x = torch.cat([F.max_pool2d(x, 3, 2, 1), F.avg_pool2d(x, 3, 2, 1)], 1)
    return net.head(x.mean((-2, -1)))


#: Small stand-ins for images of 3 channels.
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "resnet": lambda: nn.Sequential(
        _conv(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1), Basic(8, 8, 1), Basic(8, 16, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 5),
    ),
    "densenet": lambda: nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1), Dense(8, 4), Dense(12, 4), nn.Conv2d(16, 8, 1), nn.AvgPool2d(2),
        nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5),
    ),
    "mobilenet v2": lambda: nn.Sequential(
        _conv(3, 8, 3, 2), Inverted(8, 8, 1, nn.ReLU6), Inverted(8, 12, 2, nn.ReLU6),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(12, 5),
    ),
    "mobilenet v3": lambda: nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1), nn.Hardswish(inplace=True), Inverted(8, 8, 1, nn.Hardswish),
        nn.AdaptiveAvgPool2d((2, 2)), nn.Flatten(), nn.Linear(32, 5), nn.Softmax(1),
    ),
    "efficientnet": lambda: nn.Sequential(
        nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 8, 3, 2), nn.SiLU(), Inverted(8, 8, 1, nn.SiLU),
        nn.AdaptiveMaxPool2d(3), nn.GroupNorm(2, 8), nn.Flatten(), nn.Linear(72, 5),
    ),
    "shufflenet": lambda: nn.Sequential(_conv(3, 8, 3, 2), Shuffle(8), Shuffle(8), nn.Flatten(2)),
    "squeezenet": lambda: nn.Sequential(
        nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), Fire(8), Fire(12),
        nn.Conv2d(12, 5, 1), nn.ReLU(), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(),
    ),
    "one module, many calls": lambda: Calls(
        _pooled_twice, conv=nn.Conv2d(3, 3, 3, padding=2, dilation=2), head=nn.Linear(6, 4)
    ),
}  # fmt: skip


def _one_group(channels: int) -> nn.Module:
    return nn.GroupNorm(1, channels)


class RandomBlock(nn.Module):
    """A block drawn from the usual ones: plain, residual, dense, branches, depthwise, gated."""

    def __init__(self, channels: int, random: np.random.Generator) -> None:
        super().__init__()
        kernel, dilation = int(random.choice([1, 3, 5])), int(random.integers(1, 3))
        groups = int(random.choice([g for g in (1, 2, channels) if channels % g == 0]))
        reach = dilation * (kernel - 1) // 2
        self.conv = nn.Conv2d(
            channels, channels, kernel, padding=reach, dilation=dilation, groups=groups,
            padding_mode=str(random.choice(["zeros", "replicate", "circular"])),
        )  # fmt: skip
        norms = (
            nn.BatchNorm2d,
            nn.InstanceNorm2d,
            lambda c: nn.GroupNorm(1, c),
            nn.LocalResponseNorm,
        )
        self.norm = norms[int(random.integers(4))](channels)
        acts = (F.relu, F.gelu, F.silu, F.hardswish, torch.tanh, F.leaky_relu, F.elu, torch.sigmoid)
        self.act = acts[int(random.integers(len(acts)))]
        self.form, self.in_place = int(random.integers(5)), bool(random.integers(2))

    def forward(self, x: Tensor) -> Tensor:
        y = self.act(self.norm(self.conv(x)))
        match self.form:
            case 0:
                return self.conv(y)  # again
            case 1:
                if self.in_place:
                    y += x
                    return F.relu_(y)
                return F.relu(x + y)
            case 2:
                joined = torch.stack([x, y, F.max_pool2d(x, 3, 1, 1)], 2)
                return joined.amax(2)
            case 3:
                return y * torch.sigmoid(x.mean((2, 3), keepdim=True))
        one, two = torch.cat([x, y], 1).chunk(2, 1)
        return (
            F.interpolate(F.avg_pool2d(one, 2, ceil_mode=True), x.shape[2:], mode="bilinear") - two
        )


def random_network(seed: int) -> nn.Module:
    """A CNN of a few random blocks, with statistics that differ from 0 and 1."""
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    channels = int(random.choice([2, 4, 6]))
    blocks = [RandomBlock(channels, random) for _ in range(int(random.integers(1, 4)))]
    stem = nn.Conv2d(3, channels, 3, stride=int(random.integers(1, 3)), padding=1)
    network = nn.Sequential(
        stem, *blocks, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * channels, 3)
    )
    for buffer in network.buffers():
        if buffer.is_floating_point():
            buffer.copy_(torch.rand_like(buffer) + 0.5)
    return network
