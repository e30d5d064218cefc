"""One small network for each operation, and each form of it, that the rules know."""

from collections.abc import Callable
from typing import Any

import torch
from tests.ledger.plain_networks import Calls
from torch import Tensor, nn
from torch.nn import functional as F

from pellucid.layers import LocalResponseNorm

Shape = tuple[int, ...]
#: Name, how to build the network, and the shape of its input.
OPERATIONS: dict[str, tuple[Callable[[], nn.Module], Shape]] = {}
_IMAGE, _SERIES = (1, 6, 9, 8), (1, 3, 12)


def _add(name: str, forward: Callable[..., Tensor], shape: Shape = _IMAGE, **parts: Any) -> None:
    """A network that is built when a test asks for it; its parts are functions that make them."""
    assert name not in OPERATIONS, name
    OPERATIONS[name] = (
        lambda: Calls(forward, **{key: make() for key, make in parts.items()}),
        shape,
    )


def _layer(name: str, make: Callable[[], nn.Module], shape: Shape = _IMAGE) -> None:
    """One layer, with statistics and weights that differ from 0 and 1."""

    def made() -> nn.Module:
        layer = make()
        for buffer in layer.buffers():
            if buffer.is_floating_point():
                buffer.copy_(torch.rand_like(buffer) + 0.5)
        for parameter in layer.parameters():
            parameter.data.normal_()
        return layer

    _add(name, lambda net, x: net.layer(x), shape, layer=made)


def _p(*shape: int) -> Callable[[], nn.Parameter]:
    return lambda: nn.Parameter(torch.randn(shape))


for _pad in (0, 1, (2, 1), "same", "valid"):
    _layer(f"conv, padding {_pad}", lambda pad=_pad: nn.Conv2d(6, 4, 3, padding=pad))
for _mode in ("reflect", "replicate", "circular"):
    _layer(f"conv, {_mode}", lambda mode=_mode: nn.Conv2d(6, 4, 3, padding=1, padding_mode=mode))
_layer(
    "conv, dilated, strided, grouped",
    lambda: nn.Conv2d(6, 4, 3, padding=2, dilation=2, stride=(2, 1), groups=2, bias=False),
)
_layer("conv, depthwise", lambda: nn.Conv2d(6, 12, 3, padding=1, groups=6))
_layer("conv, even, same", lambda: nn.Conv2d(6, 4, (4, 2), padding="same", dilation=2))
_layer("conv1d", lambda: nn.Conv1d(3, 4, 3, stride=2, padding=1), _SERIES)
_add("conv of two", lambda net, x: net.conv(torch.cat([x, -x])), conv=lambda: nn.Conv2d(6, 4, 3))
_add("conv unbatched", lambda net, x: net.conv(x[0]), conv=lambda: nn.Conv2d(6, 4, 3))
_add(
    "conv, computed weights",
    lambda net, x: F.conv2d(x, net.w - net.w.mean((1, 2, 3), keepdim=True), net.b * 2),
    w=_p(4, 6, 3, 3),
    b=_p(4),
)
_layer(
    "transposed conv",
    lambda: nn.ConvTranspose2d(
        6, 4, 3, stride=2, padding=1, output_padding=1, groups=2, dilation=(1, 2)
    ),
)
_layer(
    "transposed conv, stride as wide",
    lambda: nn.ConvTranspose2d(6, 4, (4, 3), stride=(3, 2), padding=(0, 2)),
)
_layer("transposed conv1d", lambda: nn.ConvTranspose1d(3, 4, 4, stride=2, padding=1), _SERIES)
_layer("transposed conv, one channel", lambda: nn.ConvTranspose2d(1, 4, 2, stride=2), (1, 1, 9, 8))

_add("linear", lambda net, x: net.linear(x.flatten(1)), linear=lambda: nn.Linear(432, 5))
_layer("linear of maps", lambda: nn.Linear(8, 5, bias=False))
_add("matmul", lambda net, x: (x @ x.transpose(2, 3)) @ net.w, w=_p(9, 3))
_add("matmul, vector", lambda net, x: torch.matmul(x, net.w), w=_p(8))
_add("matmul, weights first", lambda net, x: net.w @ x.flatten(1)[0], w=_p(3, 432))
_add("bmm", lambda net, x: torch.bmm(x[0], x[0].transpose(1, 2)))
_add(
    "addmm",
    lambda net, x: torch.addmm(net.b, x.flatten(1), net.w, beta=0.5, alpha=2.0),
    b=_p(3),
    w=_p(432, 3),
)
_add("baddbmm", lambda net, x: torch.baddbmm(net.b, x[0], net.w), b=_p(6, 1, 3), w=_p(6, 8, 3))
_add(
    "dot", lambda net, x: torch.dot(x[0, 0, 0], net.w) + torch.vdot(x[0, 1, 0], x[0, 2, 1]), w=_p(8)
)
_add("einsum", lambda net, x: torch.einsum("nchw,kc->nkhw", x, net.w), w=_p(4, 6))
_add("einsum of itself", lambda net, x: torch.einsum("nchw,nchv->nwv", x, x))
_add("einsum of one", lambda net, x: torch.einsum("nchw->nc", x))
_add(
    "gate",
    lambda net, x: x * torch.sigmoid(net.gate(F.adaptive_avg_pool2d(x, 1))),
    gate=lambda: nn.Conv2d(6, 6, 1),
)

for _options in (
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": (2, 3), "dilation": 2, "stride": 1},
):
    _add(f"max_pool2d {_options}", lambda net, x, o=_options: F.max_pool2d(x, **o))
for _options in (
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "divisor_override": 5, "ceil_mode": True},
):
    _add(f"avg_pool2d {_options}", lambda net, x, o=_options: F.avg_pool2d(x, **o))
_add("avg_pool1d", lambda net, x: F.avg_pool1d(x, 3, 2, 1), _SERIES)
_add("max_pool1d", lambda net, x: F.max_pool1d(x, 3, 2, 1, ceil_mode=True), _SERIES)
_add("lp_pool2d", lambda net, x: F.lp_pool2d(x.relu(), 2.0, 3, 2, ceil_mode=True))
_add("lp_pool2d, cubes", lambda net, x: F.lp_pool2d(x.relu() + 0.1, 3, (2, 3)))
_add("lp_pool1d", lambda net, x: F.lp_pool1d(x, 2, 3, 2, ceil_mode=True), _SERIES)
_add("adaptive_avg_pool2d", lambda net, x: F.adaptive_avg_pool2d(x, (4, 3)))
_add("adaptive_max_pool2d", lambda net, x: F.adaptive_max_pool2d(x, (4, None)))
_layer("adaptive_avg_pool1d", lambda: nn.AdaptiveAvgPool1d(5), _SERIES)
for _name in ("mean", "sum", "amax", "amin"):
    _add(f"{_name} over maps", lambda net, x, n=_name: getattr(x, n)(dim=(2, 3)))
    _add(f"{_name}, kept axis", lambda net, x, n=_name: getattr(torch, n)(x, (-1,), keepdim=True))
_add("mean of all", lambda net, x: x.mean())
_add("max of all", lambda net, x: x.max())
_add(
    "maximum",
    lambda net, x: torch.maximum(x, -x) + torch.max(x, x * 2 + 1) - torch.min(x, x.flip(1)),
)

_add("var", lambda net, x: x.var(1) + torch.var(x, (1,), unbiased=False) + x.var(1, False))
_add("std", lambda net, x: x.std((2, 3), keepdim=True) * torch.std(x, correction=0) + x.std(False))
_layer("batch_norm", lambda: nn.BatchNorm2d(6))
_layer("batch_norm, of the batch", lambda: nn.BatchNorm2d(6, track_running_stats=False))
_add("batch_norm1d", lambda net, x: net.norm(x.flatten(1)), norm=lambda: nn.BatchNorm1d(432))
_layer("layer_norm", lambda: nn.LayerNorm((9, 8)))
_add("layer_norm, no weights", lambda net, x: F.layer_norm(x, (6, 9, 8)))
_layer("group_norm", lambda: nn.GroupNorm(3, 6))
_layer("group_norm of series", lambda: nn.GroupNorm(1, 3), _SERIES)
_layer("instance_norm", lambda: nn.InstanceNorm2d(6, affine=True))
_layer(
    "instance_norm, running", lambda: nn.InstanceNorm2d(6, affine=True, track_running_stats=True)
)
for _size in (3, 4, 5):
    _layer(
        f"torch's response norm, {_size}",
        lambda size=_size: nn.LocalResponseNorm(size, alpha=0.3, k=1.5),
    )
_layer("the paper's response norm", lambda: LocalResponseNorm(5, 0.3))
_layer("response norm of series", lambda: nn.LocalResponseNorm(3, alpha=0.3), _SERIES)
_add("normalize", lambda net, x: F.normalize(x, dim=1))

for _made in (
    nn.ReLU(), nn.ReLU6(), nn.Hardtanh(-0.5, 0.7), nn.LeakyReLU(0.2), nn.ELU(0.7), nn.SELU(),
    nn.CELU(0.7), nn.GELU(), nn.GELU("tanh"), nn.Sigmoid(), nn.Tanh(), nn.SiLU(), nn.Mish(),
    nn.Hardsigmoid(), nn.Hardswish(), nn.Softplus(), nn.Softplus(2, 3), nn.Softsign(),
    nn.LogSigmoid(), nn.RReLU(), nn.Threshold(0.1, 0.2), nn.Hardshrink(), nn.Softshrink(),
    nn.Tanhshrink(),
):  # fmt: skip
    _add(repr(_made), lambda net, x: net.layer(x * 2), layer=lambda made=_made: made)
_layer("prelu, one", nn.PReLU)
_layer("prelu, each channel", lambda: nn.PReLU(6))
for _name in ("exp", "abs", "neg", "square", "sin", "cos", "relu_", "sigmoid"):
    _add(_name, lambda net, x, n=_name: getattr(x * 1, n)())
for _name in ("log", "sqrt", "rsqrt", "reciprocal"):
    _add(_name, lambda net, x, n=_name: getattr(x.abs() + 0.1, n)())
_add(
    "clamp",
    lambda net, x: x.clamp(-0.5, 0.5) + x.clamp(min=0) + torch.clamp(x, max=0.3) + x.clamp_min(-1),
)
for _axis in (-1, 1, 2):
    _add(f"softmax {_axis}", lambda net, x, a=_axis: F.softmax(x * 3, a))
    _add(f"log_softmax {_axis}", lambda net, x, a=_axis: torch.log_softmax(x * 3, a))
_add(
    "arithmetic",
    lambda net, x: (
        (x + 1) * 2
        - x / 3
        + (1 - x) * x
        - 2 / (x.abs() + 1)
        + x**3
        + torch.sub(x, net.b, alpha=2)
        + net.b * x
        + net.b
        - x
        + torch.add(x, x, alpha=0.5)
        + x / (x.abs() + 1)
        + net.b / (x * x + 1)
        + 2**x
    ),
    b=_p(6, 1, 1),
)
_add("comparisons", lambda net, x: x * (x > 0) + x * (x <= net.b), b=_p(6, 1, 1))

_add("cat", lambda net, x: torch.cat([x, x.relu(), net.b], 1), b=_p(1, 2, 9, 8))
_add("stack", lambda net, x: torch.stack([x, -x], 2))
_add("chunk", lambda net, x: torch.cat(x.chunk(4, 1)[::-1], 1))
_add("split", lambda net, x: x.split([1, 5], 1)[1] + x.split(5, 1)[0])
_add(
    "split evenly",
    lambda net, x: torch.split(x, 2, dim=2)[4] + torch.tensor_split(x, 4, 2)[0][:, :, :1],
)
_add("unbind", lambda net, x: x.unbind(1)[2])
_add("getitem", lambda net, x: x[:, 1:5:2, ..., None] + x[0, 0, 0, 0] + x[:, [0, 2]][..., None])
_add(
    "narrow, select",
    lambda net, x: (
        x.narrow(1, 2, 3) + x.select(1, -1) + torch.index_select(x, 1, torch.tensor([2, 0, 1]))
    ),
)
_add(
    "views",
    lambda net, x: (
        x.view(1, 2, 3, 9, 8)
        .transpose(1, 2)
        .reshape(1, 6, -1)
        .unsqueeze(-1)
        .squeeze(0)
        .permute(2, 1, 0)
    ),
)
_add("unflatten", lambda net, x: x.unflatten(1, (2, 3)).flatten(3).movedim(1, -1))
_add("turned", lambda net, x: x[0, 0].T @ x[0, 0].t().mT)
for _mode in ("constant", "reflect", "replicate", "circular"):
    _add(f"pad {_mode}", lambda net, x, m=_mode: F.pad(x, (1, 2, 0, 3), mode=m))
_add("pad and cut", lambda net, x: F.pad(x, (-1, 2, 1, -2, 1, 0), value=1.25))
_layer("reflection of a series", lambda: nn.ReflectionPad1d(2), _SERIES)
_add(
    "dropout",
    lambda net, x: net.maps(F.dropout(net.one(x), training=net.training)),
    one=nn.Dropout,
    maps=nn.Dropout2d,
)
for _options in (
    {"scale_factor": 2}, {"size": (5, 13)}, {"scale_factor": 1.7}, {"scale_factor": (0.5, 1.3)},
    {"size": (5, 13), "mode": "nearest-exact"}, {"scale_factor": 2, "mode": "bilinear"},
    {"size": (5, 13), "mode": "bilinear"}, {"scale_factor": 1.7, "mode": "bilinear"},
    {"size": (5, 13), "mode": "bilinear", "align_corners": True},
    {"scale_factor": 1.3, "recompute_scale_factor": True, "mode": "bilinear"},
    {"size": (5, 13), "mode": "bicubic"}, {"size": (4, 5), "mode": "area"},
):  # fmt: skip
    _add(f"interpolate {_options}", lambda net, x, o=_options: F.interpolate(x, **o))
_add(
    "interpolate a series", lambda net, x: F.interpolate(x, scale_factor=2, mode="linear"), _SERIES
)
_add("pixel_shuffle", lambda net, x: F.pixel_shuffle(x, 2), (1, 8, 3, 4))
_add("pixel_unshuffle", lambda net, x: F.pixel_unshuffle(x, 2), (1, 2, 6, 4))
_add("channel_shuffle", lambda net, x: F.channel_shuffle(x, 3))
_add("copies", lambda net, x: x.clone().contiguous().to(x.dtype).detach())
_add("unfold", lambda net, x: F.unfold(x, (3, 2), padding=1, stride=2, dilation=(1, 2)))
_add(
    "expand",
    lambda net, x: net.b.expand(1, 6, 9, 8) + x.mean((2, 3), keepdim=True).expand_as(x),
    b=_p(1, 6, 1, 1),
)
_add(
    "repeat",
    lambda net, x: (
        x.repeat(1, 2, 1, 2)
        + x.tile((1, 2, 1, 2))
        + x.repeat_interleave(2, dim=1).repeat_interleave(2, dim=3)
    ),
)
_add("flip, roll", lambda net, x: x.flip(-1).roll(2, 1).roll((1, 1), (2, 3)))
_add(
    "where", lambda net, x: torch.where(x > 0, x, net.b) + x.masked_fill(x < 0, 1.25), b=_p(6, 1, 1)
)


def _view_in_place(net: Any, x: Tensor) -> Tensor:
    y = net.conv(x)
    y.view(1, -1).relu_()
    return y * 2


def _parts_in_place(net: Any, x: Tensor) -> Tensor:
    y = net.conv(x)
    a, b = y.chunk(2, 1)
    b.mul_(3)
    a += 1
    y[:, 0] = b[:, 1]
    y[:, :, 1:3].zero_()
    return y + torch.cat((b, a), 1)


def _turned_in_place(net: Any, x: Tensor) -> Tensor:
    y = net.conv(x)
    z = y.permute(0, 2, 3, 1)[:, 1:]
    z.add_(1).relu_()
    y.clamp_(max=2)
    return z.sum(-1) + y.sum()


for _name, _forward in (
    ("view", _view_in_place),
    ("parts", _parts_in_place),
    ("turned", _turned_in_place),
):
    _add(f"in place: {_name}", _forward, conv=lambda: nn.Conv2d(6, 4, 3))
_add(
    "reused",
    lambda net, x: net.conv(net.relu(net.conv(net.relu(net.conv(x))))),
    conv=lambda: nn.Conv2d(6, 6, 3, padding=1),
    relu=lambda: nn.ReLU(inplace=True),
)
