"""Random networks of everything that moves, cuts, joins or mixes positions.

All weights are positive, and with ``average`` every maximum becomes a mean over the same window:
then a gradient is not 0 exactly where a position is read.
"""

from collections.abc import Callable
from random import Random

import torch
from torch import Tensor, nn
from torch.nn import functional

Step = Callable[[Tensor], Tensor]


class Pool(nn.Module):
    """Max pooling, or the mean of the same windows."""

    def __init__(self, average: bool, **window: object) -> None:
        super().__init__()
        self.average, self.window = average, window

    def forward(self, x: Tensor) -> Tensor:
        if not self.average:
            return functional.max_pool2d(x, **self.window)
        window = dict(self.window)
        dilation = window.pop("dilation", 1)
        if dilation == 1:
            return functional.avg_pool2d(x, **window)
        kernel = torch.ones(x.shape[1], 1, *(window.pop("kernel_size"),) * 2, dtype=x.dtype)
        window.pop("ceil_mode")
        return functional.conv2d(x, kernel, dilation=dilation, groups=x.shape[1], **window)


class Random2d(nn.Module):
    """Random steps, then perhaps a head."""

    def __init__(self, seed: int, shape: tuple[int, int, int], average: bool) -> None:
        super().__init__()
        random = Random(seed)
        self.parts = nn.ModuleList()
        self.order: list[Step] = []
        with torch.no_grad():
            x = torch.rand(1, *shape, dtype=torch.float64)
            for _ in range(random.randint(2, 5)):
                steps = [step for step in STEPS if fits(step, x)]
                step = random.choice(steps)(self, random, x, average)
                self.order.append(step)
                x = step(x)
            if random.random() < 0.3:
                linear = self.layer(nn.Linear(x[0].numel(), 3, dtype=torch.float64))
                self.order.append(lambda x: linear(x.flatten(1)))

    def layer(self, module: nn.Module) -> nn.Module:
        for parameter in module.parameters():
            parameter.data.uniform_(0.5, 1.5)
        self.parts.append(module.double())
        return module

    def forward(self, x: Tensor) -> Tensor:
        for step in self.order:
            x = step(x)
        return x


def fits(step: object, x: Tensor) -> bool:
    small = min(x.shape[2:]) < 6
    return (x.numel() < 4000 or step not in GROWING) and (not small or step not in SHRINKING)


def conv(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    channels = x.shape[1]
    groups = random.choice([g for g in range(1, channels + 1) if channels % g == 0])
    return net.layer(
        nn.Conv2d(
            channels,
            groups * random.randint(1, 2),
            (random.randint(1, 3), random.randint(1, 3)),
            stride=random.choice([1, 1, 2]),
            padding=random.randint(0, 2),
            dilation=random.choice([1, 1, 2]),
            groups=groups,
            padding_mode=random.choice(["zeros", "zeros", "reflect", "circular", "replicate"]),
        )
    )


def pool(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    kernel = random.randint(2, 3)
    dilation = random.choice([1, 1, 2])
    window = {
        "kernel_size": kernel,
        "stride": random.randint(1, 3),
        "padding": random.randint(0, kernel // 2),
        "ceil_mode": dilation == 1 and random.random() < 0.5,
    }
    return Pool(average, dilation=dilation, **window)


def transposed(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    stride = random.randint(1, 3)
    return net.layer(
        nn.ConvTranspose2d(
            x.shape[1],
            random.randint(1, 4),
            random.randint(1, 4),
            stride=stride,
            padding=random.randint(0, 1),
            output_padding=random.randint(0, stride - 1),
            dilation=random.choice([1, 1, 2]),
        )
    )


def enlarged(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    size = [max(2, round(length * random.uniform(0.6, 2))) for length in x.shape[2:]]
    options = random.choice(
        [
            {"size": size, "mode": "nearest"},
            {"size": size, "mode": "nearest-exact"},
            {"size": size, "mode": "bilinear"},
            {"size": size, "mode": "bilinear", "align_corners": True},
            {"size": size, "mode": "area"},
            {"scale_factor": 2, "mode": "nearest"},
            {"scale_factor": 1.5, "mode": "bilinear"},
            {"scale_factor": (2, 3), "mode": "bilinear"},
        ]
    )
    return lambda x: functional.interpolate(x, **options)


def residual(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    layer = net.layer(nn.Conv2d(x.shape[1], x.shape[1], 3, padding=2, dilation=2))
    return lambda x: x + torch.relu(layer(x))


def crossing(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    flat = net.layer(nn.Conv2d(x.shape[1], 2, (1, 5), padding=(0, 2)))
    tall = net.layer(nn.Conv2d(x.shape[1], 1, (5, 1), padding=(2, 0)))
    return lambda x: torch.cat([flat(x), tall(x), x[:, :1]], 1)


def halves(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    layer = net.layer(nn.Conv2d(1, 2, 3, padding=1))

    def step(x: Tensor) -> Tensor:
        first, *others = x.split(1, 1)
        return torch.stack([layer(first)[:, 0], *(one.squeeze(1) for one in others)], 1)

    return step


def cut(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    rows, columns = random.randint(0, 2), random.randint(1, 2)
    return lambda x: x[:, :, rows:, ::columns].flip(3)


def padded(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    mode = random.choice(["constant", "reflect", "replicate", "circular"])
    sides = [random.randint(0, 2) for _ in range(4)]
    return lambda x: functional.pad(x, sides, mode=mode)


def shuffled(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    layer = net.layer(nn.Conv2d(x.shape[1], 8, 1))
    return lambda x: functional.pixel_shuffle(layer(x), 2)


def turned(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    def step(x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        return x.transpose(2, 3).reshape(n, c, w * h).view(n, c, w, h).permute(0, 1, 3, 2)

    return random.choice([step, lambda x: x.transpose(2, 3), lambda x: x.flatten(2).unsqueeze(2)])


def adaptive(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    size = [random.randint(2, length) for length in x.shape[2:]]
    return lambda x: functional.adaptive_avg_pool2d(x, size)


def gated(net: Random2d, random: Random, x: Tensor, average: bool) -> Step:
    return lambda x: x * x.mean((2, 3), keepdim=True)


GROWING = {transposed, enlarged, shuffled, padded}
SHRINKING = {conv, pool, cut, adaptive, padded}
STEPS = [
    conv, conv, conv, pool, pool, transposed, enlarged, enlarged, residual, crossing, halves, cut,
    padded, shuffled, turned, adaptive, gated,
]  # fmt: skip
