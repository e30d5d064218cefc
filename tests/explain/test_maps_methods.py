"""Grad-CAM, occlusion and gradients against closed forms, loops and autograd used otherwise."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from torch import Tensor, nn
from torch.nn import functional as F

from pellucid.errors import UsageError
from pellucid.explain import Trace, trace_network
from pellucid.explain.maps import (
    explain_class,
    grad_cam,
    input_gradient,
    integrated_gradients,
    occlusion,
)
from pellucid.explain.maps.fill import filled


def convolutional(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(4 * 3 * 4, 8), nn.ReLU(), nn.Linear(8, 3)),
    )


PICTURE = torch.randn(1, 2, 8, 10, generator=torch.Generator().manual_seed(5))


def score(network: nn.Module, picture: Tensor, target: int, against: int | None) -> Tensor:
    row = network(picture)[0]
    return row[target] if against is None else row[target] - row[against]


@pytest.mark.parametrize("against", [None, 2])
@pytest.mark.parametrize(("layer", "stage"), [("0", 1), ("1", 2), ("2", 3)])
def test_grad_cam_is_the_formula_at_any_layer_even_before_work_in_place(
    layer: str, stage: int, against: int | None
) -> None:
    network = convolutional().eval()
    maps = network[:stage](PICTURE).detach().clone().requires_grad_()
    rest = network[stage:]
    rest[0] = nn.ReLU() if isinstance(rest[0], nn.ReLU) else rest[0]
    slopes = torch.autograd.grad(score(rest, maps, 1, against), maps)[0]
    expected = (slopes.mean((2, 3), keepdim=True) * maps).sum(1)[0].detach().numpy()
    found = grad_cam(trace_network(network, PICTURE), 1, against, layer=layer)
    np.testing.assert_allclose(found.values, expected, atol=1e-6)
    rectified = grad_cam(trace_network(network, PICTURE), 1, against, layer=layer, rectify=True)
    np.testing.assert_allclose(rectified.values, np.maximum(expected, 0), atol=1e-6)


def test_grad_cam_takes_the_last_layer_with_maps_and_says_so() -> None:
    found = explain_class(trace_network(convolutional(), PICTURE))
    assert (found.method, found.layers) == ("grad-cam", ("2",))
    assert "2 (4×3×4, the last before the scores" in found.words


def test_layers_that_grad_cam_cannot_take() -> None:
    trace = trace_network(convolutional(), PICTURE)
    with pytest.raises(UsageError, match="unknown layer '9'"):
        grad_cam(trace, layer="9")
    with pytest.raises(UsageError, match="found 4 with 1×8"):
        grad_cam(trace, layer="4")
    with pytest.raises(UsageError, match="no layer with the method cam"):
        explain_class(trace, method="cam", layer="2")
    flat = nn.Sequential(nn.Flatten(), nn.Linear(160, 3))
    with pytest.raises(UsageError, match="no layer with maps"):
        grad_cam(trace_network(flat, PICTURE))


class Aside(nn.Module):
    """A branch that no score comes from, and one that torch cannot differentiate."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.aside = nn.Conv2d(2, 3, 3), nn.Conv2d(2, 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        self.aside(x)
        return self.conv(x.detach()).mean((2, 3))


def test_a_score_that_does_not_follow_from_a_layer() -> None:
    trace = trace_network(Aside(), PICTURE)
    for ask in (input_gradient, integrated_gradients, lambda t: grad_cam(t, layer="aside")):
        with pytest.raises(UsageError, match="in a way that torch can differentiate"):
            ask(trace)  # type: ignore[operator]
    assert explain_class(trace).method == "cam"  # which needs no derivatives


@pytest.mark.parametrize("against", [None, 0])
def test_the_input_gradient_is_the_slope_of_brightening_a_pixel(against: int | None) -> None:
    network = convolutional().double().eval()
    picture = PICTURE.double()
    found = input_gradient(trace_network(network, picture), 1, against).values
    step = 1e-6
    for y, x in ((0, 0), (3, 4), (7, 9), (5, 1)):
        changed = picture.clone()
        changed[0, :, y, x] += step
        rise = score(network, changed, 1, against) - score(network, picture, 1, against)
        assert found[y, x] == pytest.approx(rise.item() / step, abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(
    channels=st.integers(1, 3),
    height=st.integers(1, 6),
    width=st.integers(1, 6),
    baseline=st.sampled_from(["mean", "gray", "blur"]),
    seed=st.integers(0, 100),
)
def test_integrated_gradients_of_a_linear_network_are_weight_times_change(
    channels: int, height: int, width: int, baseline: str, seed: int
) -> None:
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Flatten(), nn.Linear(channels * height * width, 3)).double()
    picture = torch.randn(1, channels, height, width, dtype=torch.float64)
    start = filled(picture.numpy(), baseline)  # type: ignore[arg-type]
    weights = network[1].weight.detach().numpy().reshape(3, channels, height, width)
    found = integrated_gradients(trace_network(network, picture), 2, 0, baseline=baseline)  # type: ignore[arg-type]
    expected = ((weights[2] - weights[0]) * (picture.numpy() - start)[0]).sum(0)
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    assert found.difference == pytest.approx(0, abs=1e-10)


def test_integrated_gradients_of_a_square_follow_the_integral() -> None:
    class Squares(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.stack([(x**2).sum((1, 2, 3)), (x**3).sum((1, 2, 3))], 1)

    trace = trace_network(Squares(), PICTURE.double())
    picture = PICTURE.double().numpy()[0]
    for target, power in ((0, 2), (1, 3)):
        found = integrated_gradients(trace, target)
        # ∫ d(t·x)^p/d(t·x) dt · x = x^p; the trapezoid's error of a parabola is 1/(2n²).
        np.testing.assert_allclose(found.values, (picture**power).sum(0), rtol=0.01, atol=1e-3)


def test_completeness_is_within_the_tolerance_or_said_not_to_be() -> None:
    trace = trace_network(convolutional(), PICTURE)
    for tolerance in (0.05, 0.01):
        found = integrated_gradients(trace, 1, tolerance=tolerance)
        parts = dict(found.sums)
        rise = found.score - parts["score of the baseline"]
        assert found.explained == pytest.approx(found.values.sum() + parts["score of the baseline"])
        assert abs(parts["sum of the map"] - rise) <= tolerance * abs(rise)
        assert "not within" not in found.words
    coarse = integrated_gradients(trace, 1, tolerance=1e-9)
    assert "not within" in coarse.words and "256 parts" in coarse.words
    with pytest.raises(UsageError, match="positive tolerance"):
        integrated_gradients(trace, tolerance=0)


@pytest.mark.parametrize("against", [None, 2])
@pytest.mark.parametrize(
    ("patch", "stride", "fill"),
    [
        (3, 2, "mean"),
        ((2, 5), (1, 5), "gray"),
        (8, 8, "blur"),
        (1, 1, "mean"),
        (None, None, "gray"),
    ],
)
def test_occlusion_is_a_loop(
    patch: int | tuple[int, int] | None,
    stride: int | tuple[int, int] | None,
    fill: str,
    against: int | None,
) -> None:
    network = convolutional().eval()
    found = occlusion(
        trace_network(network, PICTURE),
        1,
        against,
        patch=patch,
        stride=stride,
        fill=fill,  # type: ignore[arg-type]
    )
    high, wide = (2, 2) if patch is None else (patch, patch) if isinstance(patch, int) else patch
    down, across = (
        (1, 1) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    )
    cover = torch.tensor(filled(PICTURE.numpy(), fill))  # type: ignore[arg-type]
    whole = score(network, PICTURE, 1, against).item()
    rows, columns = -(-8 // down), -(-10 // across)
    drops, total, count = np.zeros((rows, columns)), np.zeros((8, 10)), np.zeros((8, 10))
    before = [
        max((n - 1) * step + size - side, 0) // 2
        for n, step, size, side in ((rows, down, high, 8), (columns, across, wide, 10))
    ]
    for i in range(rows):
        for j in range(columns):
            mask = np.zeros((8, 10), bool)
            for y in range(i * down - before[0], i * down - before[0] + high):
                for x in range(j * across - before[1], j * across - before[1] + wide):
                    if 0 <= y < 8 and 0 <= x < 10:
                        mask[y, x] = True
            covered = torch.where(torch.tensor(mask), cover, PICTURE)
            drops[i, j] = whole - score(network, covered, 1, against).item()
            total[mask] += drops[i, j]
            count[mask] += 1
    np.testing.assert_allclose(found.values, drops, atol=1e-5)
    np.testing.assert_allclose(found.at_input, total / count, atol=1e-5)


def test_patches_that_cannot_be() -> None:
    trace = trace_network(convolutional(), PICTURE)
    with pytest.raises(UsageError, match="at most 8 pixels, found 9"):
        occlusion(trace, patch=9)
    with pytest.raises(UsageError, match="stride of at most the patch's 2"):
        occlusion(trace, patch=2, stride=3)
    with pytest.raises(UsageError, match="did you mean 'mean'"):
        occlusion(trace, fill="men")  # type: ignore[arg-type]


def test_the_blur_is_a_gaussian() -> None:
    picture = np.random.default_rng(0).normal(size=(1, 3, 40, 30)).astype(np.float32)
    # SciPy's "reflect" is what OpenCV calls BORDER_REFLECT; its kernel is cut off further out.
    expected = np.stack([gaussian_filter(plane, 4.0, mode="reflect") for plane in picture[0]])
    np.testing.assert_allclose(filled(picture, "blur")[0], expected, atol=2e-3)
    assert filled(picture, "mean").std((2, 3)).max() < 1e-6


def fingerprint(network: nn.Module) -> list[object]:
    modes = [module.training for module in network.modules()]
    hooks = [
        len(module._forward_hooks) + len(module._forward_pre_hooks) for module in network.modules()
    ]
    values = [tensor.clone() for tensor in network.state_dict().values()]
    slopes = [each.grad for each in network.parameters()]
    flags = [each.requires_grad for each in network.parameters()]
    return [modes, hooks, values, slopes, flags, torch.is_grad_enabled()]


def same(one: list[object], other: list[object]) -> bool:
    plain = [0, 1, 4, 5]
    values = zip(one[2], other[2], strict=True)  # type: ignore[call-overload]
    slopes = zip(one[3], other[3], strict=True)  # type: ignore[call-overload]
    return (
        all(one[k] == other[k] for k in plain)
        and all(torch.equal(a, b) for a, b in values)
        and all(a is b for a, b in slopes)
    )


METHODS = ["cam", "grad-cam", "occlusion", "gradient", "integrated"]


def averaged() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Dropout(0.5)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)),
    )


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode, torch.enable_grad])
@pytest.mark.parametrize("method", METHODS)
def test_the_network_is_left_as_it_was(method: str, context: Callable[[], torch.no_grad]) -> None:
    network = averaged()
    network[1].eval()
    network[0].weight.requires_grad_(False)
    network[6].weight.grad = torch.ones(3, 4)
    before = fingerprint(network)
    reference = explain_class(trace_network(averaged(), PICTURE), 1, method=method)  # type: ignore[arg-type]
    with context():
        found = explain_class(trace_network(network, PICTURE), 1, method=method)  # type: ignore[arg-type]
    assert same(before, fingerprint(network))
    np.testing.assert_allclose(found.values, reference.values, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_the_network_is_left_as_it_was_where_it_fails(method: str) -> None:
    network = averaged()
    trace = trace_network(network, PICTURE, keep="none")
    before = fingerprint(network)

    def fail(module: nn.Module, args: object, result: object) -> None:
        raise RuntimeError("no longer")

    handle = network[2].register_forward_hook(fail)
    with pytest.raises(UsageError, match="no longer"):
        explain_class(trace, method=method)  # type: ignore[arg-type]
    handle.remove()
    assert same(before, fingerprint(network))


@pytest.mark.parametrize("method", METHODS)
def test_other_types_of_numbers(method: str) -> None:
    double = trace_network(averaged().double(), PICTURE.double())
    half = trace_network(averaged().bfloat16(), PICTURE)
    plain = trace_network(averaged(), PICTURE)
    maps = [explain_class(trace, 1, method=method).values for trace in (double, half, plain)]  # type: ignore[arg-type]
    np.testing.assert_allclose(maps[0], maps[2], atol=1e-4)
    np.testing.assert_allclose(maps[1], maps[2], atol=0.05)


def test_a_network_that_changes_its_input_in_place() -> None:
    class InPlace(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(2, 3, 3)

        def forward(self, x: Tensor) -> Tensor:
            x.relu_()
            return F.relu_(self.conv(x)).mean((2, 3))

    torch.manual_seed(1)
    network = InPlace()
    leaf = PICTURE.clone().requires_grad_()
    expected = torch.autograd.grad(network.conv(leaf.relu()).relu().mean((2, 3))[0, 1], leaf)[0]
    found = input_gradient(trace_network(network, PICTURE), 1)
    np.testing.assert_allclose(found.values, expected[0].sum(0), atol=1e-7)


def test_what_gives_no_class_scores() -> None:
    for network in (nn.Conv2d(2, 3, 3), nn.Sequential(nn.Flatten(), nn.Linear(160, 1))):
        with pytest.raises(UsageError, match="gives class scores"):
            explain_class(trace_network(network, PICTURE))
    with pytest.raises(UsageError, match="trace of a picture"):
        explain_class(trace_network(nn.Linear(4, 3), torch.ones(1, 4)))
    trace: Trace = trace_network(convolutional(), PICTURE)
    with pytest.raises(UsageError, match="did you mean 'grad-cam'"):
        explain_class(trace, method="gradcam")  # type: ignore[arg-type]
