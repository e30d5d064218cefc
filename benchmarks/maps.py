"""Class maps: do they depend on the network, do they find what counts, and how do peers do?

    python benchmarks/maps.py sanity RUN [DATA]     # a finished run, and its data if they moved
    python benchmarks/maps.py peers                 # with grad-cam, torchcam and captum installed

``sanity`` takes test images of a run that the network gets right, and prints for every method

- model randomisation (Adebayo 2018, section 3): the layers get random weights one after another,
  from the scores down. A map that shows the network must change: printed are the rank correlation
  (Spearman) and the structural similarity (SSIM) of the maps before and after, means over images.
- deletion and insertion (Petsiuk 2018, section 4.2): pixels are taken away (the picture's mean
  colour instead) or brought in (into the blurred picture), the most important first; printed is
  the area under the curve of the class's probability. A good map has little of the first and much
  of the second; beside it a random order, and a Gaussian in the middle of the picture.

``peers`` explains one photograph on EfficientNet-lite0 with pretrained weights by all of them, in
turns in one process and one thread, and prints seconds (medians) and the largest difference of
the maps.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity
from torch import nn

from pellucid.data.open import open_catalogue
from pellucid.explain import trace_network
from pellucid.explain.maps import (
    class_activation,
    explain_class,
    grad_cam,
    integrated_gradients,
    occlusion,
)
from pellucid.explain.maps.fill import filled
from pellucid.inference.predictor import Predictor, load_predictor
from pellucid.training.planning.prepare import prepare
from pellucid.training.run import open_run
from pellucid.watch import Watcher

METHODS = ("cam", "grad-cam", "occlusion", "gradient", "integrated")
#: Steps in which the pixels are taken away or brought in.
STEPS = 20
Array = np.ndarray[Any, np.dtype[Any]]


def right_answers(run: Path, data: str | None, count: int) -> tuple[Predictor, Array, Array]:
    """A run's network, test images (N, C, H, W) that it gets right, and their classes."""
    predictor, record = load_predictor(run), open_run(run).record
    preprocessing = predictor.card.preprocessing
    catalogue = open_catalogue(data or record["data"]["path"])
    prepared = prepare(catalogue, preprocessing, record["wishes"]["seed"], Watcher())
    test = prepared.splits.test if len(prepared.splits.test) else prepared.splits.val
    fitted, labels = prepared.pixels.gather(test), prepared.labels[test]
    right = np.flatnonzero(predictor.probabilities(fitted).argmax(1) == labels)
    chosen = np.random.default_rng(0).permutation(right)[:count]
    return predictor, preprocessing.tensor(fitted[chosen]), labels[chosen]


def maps_of(network: nn.Module, images: Array, labels: Array, method: str) -> list[Array]:
    """The maps of some images at the network's input, (H, W) each."""
    return [
        explain_class(trace_network(network, image[None]), int(label), method=method).at_input  # type: ignore[arg-type]
        for image, label in zip(images, labels, strict=True)
    ]


def alike(one: Array, other: Array) -> tuple[float, float]:
    """Rank correlation and structural similarity of two maps, each divided by its largest value.

    A map without variation has no rank correlation; it tells nothing of the other: 0.
    """
    flat = one.std() == 0 or other.std() == 0
    ranks = 0.0 if flat else float(spearmanr(one.ravel(), other.ravel()).statistic)
    scaled = [each / (np.abs(each).max() or 1.0) for each in (one, other)]
    return ranks, float(structural_similarity(*scaled, data_range=2.0))


def randomised(network: nn.Module, count: int) -> nn.Module:
    """A copy with fresh random weights in the last so many layers."""
    copy = deepcopy(network)
    layers = [each for each in copy.modules() if hasattr(each, "reset_parameters")]
    torch.manual_seed(0)
    for layer in layers[len(layers) - count :]:
        layer.reset_parameters()
    return copy


def randomisation(network: nn.Module, images: Array, labels: Array) -> None:
    layers = sum(hasattr(each, "reset_parameters") for each in network.modules())
    stages = sorted({1, layers // 3, 2 * layers // 3, layers})
    print(f"\nRandom weights in the last … of {layers} layers: rank correlation, SSIM")
    print("| method | " + " | ".join(map(str, stages)) + " |")
    print("|---|" + "---|" * len(stages))
    for method in METHODS:
        before = maps_of(network, images, labels, method)
        cells = []
        for stage in stages:
            after = maps_of(randomised(network, stage), images, labels, method)
            pairs = [alike(one, other) for one, other in zip(before, after, strict=True)]
            ranks, structure = np.mean(pairs, axis=0)
            cells.append(f"{ranks:.2f}, {structure:.2f}")
        print(f"| {method} | " + " | ".join(cells) + " |", flush=True)


def curve(network: nn.Module, start: Array, end: Array, order: Array, label: int) -> float:
    """Area under the class's probability while the pixels change from start to end, in order."""
    steps = []
    for share in np.linspace(0, 1, STEPS + 1):
        changed = np.zeros(order.size, bool)
        changed[order[: round(share * order.size)]] = True
        steps.append(np.where(changed.reshape(1, *start.shape[1:]), end, start))
    with torch.inference_mode():
        scores = network(torch.from_numpy(np.stack(steps)))
    chances = scores.softmax(1)[:, label].numpy()
    return float(np.trapezoid(chances, dx=1 / STEPS))


def deletion_insertion(network: nn.Module, images: Array, labels: Array) -> None:
    height, width = images.shape[2:]
    rows, columns = np.mgrid[:height, :width]
    middle = -(((rows + 0.5) / height - 0.5) ** 2 + ((columns + 0.5) / width - 0.5) ** 2)
    generator = np.random.default_rng(0)
    print("\nArea under the curve: deletion (less is better), insertion (more is better)")
    print("| order | deletion | insertion |\n|---|---|---|")
    for name in (*METHODS, "random", "middle"):
        if name == "random":
            planes = [generator.random((height, width)) for _ in images]
        elif name == "middle":
            planes = [middle for _ in images]
        else:
            planes = maps_of(network, images, labels, name)
        areas = []
        for image, label, plane in zip(images, labels, planes, strict=True):
            order = np.argsort(-plane.ravel(), kind="stable")
            gone, blurred = filled(image[None], "mean")[0], filled(image[None], "blur")[0]
            areas.append(
                (
                    curve(network, image, gone, order, int(label)),
                    curve(network, blurred, image, order, int(label)),
                )
            )
        deleted, inserted = np.mean(areas, axis=0)
        error = np.std(areas, axis=0, ddof=1) / np.sqrt(len(areas))
        print(
            f"| {name} | {deleted:.3f} ± {error[0]:.3f} | {inserted:.3f} ± {error[1]:.3f} |",
            flush=True,
        )


def sanity(given: argparse.Namespace) -> None:
    torch.set_num_threads(1)  # no times are taken, and others may need the rest
    predictor, images, labels = right_answers(given.run, given.data, given.images)
    print(
        f"{given.run.name}: {len(images)} test images of {images.shape[2]}×{images.shape[3]} "
        f"that the network gets right; load {os.getloadavg()[0]:.1f}"
    )
    deletion_insertion(predictor.network, images, labels)
    randomisation(predictor.network, images[: given.images // 2], labels[: given.images // 2])


def in_turns(works: dict[str, Callable[[], Array]], rounds: int) -> dict[str, tuple[float, Array]]:
    """Median seconds and the result of each, after one round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    results = {name: work() for name, work in works.items()}
    for _ in range(rounds):
        for name, work in works.items():
            begin = time.perf_counter()
            results[name] = work()
            seconds[name].append(time.perf_counter() - begin)
    return {name: (median(seconds[name]), results[name]) for name in works}


def compare(title: str, works: dict[str, Callable[[], Array]], rounds: int) -> None:
    """Print seconds, and the largest difference from the first, as a share of its largest value."""
    found = in_turns(works, rounds)
    first, ours = next(iter(found.values()))
    print(f"\n{title}, load {os.getloadavg()[0]:.1f}\n| | seconds | / ours | difference |")
    print("|---|---|---|---|")
    for name, (seconds, plane) in found.items():
        apart = np.abs(plane - ours).max() / np.abs(ours).max()
        print(f"| {name} | {seconds:.4f} | {seconds / first:.2f} | {apart:.1e} |", flush=True)


def peers(given: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    from captum.attr import IntegratedGradients, Occlusion
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    from skimage.data import chelsea
    from torchcam.methods import CAM
    from torchcam.methods import GradCAM as TorchGradCAM

    from pellucid.models import EFFICIENTNET_LITE0, Architecture, load_weights
    from pellucid.models.efficientnet_lite0 import PREPROCESSING, pretrained_path

    arguments = {"classes": 1000, "channels": 3}
    network = Architecture("efficientnet_lite0", arguments).build().eval()
    load_weights(network, pretrained_path(), EFFICIENTNET_LITE0)
    values = torch.from_numpy(PREPROCESSING.tensor(PREPROCESSING.fit(chelsea())[None]))
    values = values.contiguous()
    last, target = network.trunk.last, 285  # Egyptian cat
    trace = trace_network(network, values)

    def unit(plane: Any) -> Array:
        plane = np.maximum(np.asarray(plane, np.float64), 0)
        return plane / plane.max()

    def torchcam(kind: Any, **options: Any) -> Array:
        with kind(network, target_layer=last, **options) as extractor:
            scores = network(values)
            return unit(extractor(target, scores, normalized=False)[0][0].detach())

    def pytorch_grad_cam() -> Array:
        with GradCAM(network, target_layers=[last]) as cam:
            cam(input_tensor=values, targets=[ClassifierOutputTarget(target)])
            # At the layer's own resolution; its call scales this to the input.
            layer = cam.activations_and_grads
            maps, slopes = (each[0].numpy() for each in (layer.activations[0], layer.gradients[0]))
            return unit(cam.get_cam_image(values, last, [target], maps[None], slopes[None], False))

    compare(
        "Class activation map",
        {
            "pellucid, trace included": lambda: unit(
                class_activation(trace_network(network, values), target).values
            ),
            "pellucid, of a trace": lambda: unit(class_activation(trace, target).values),
            "torchcam CAM": lambda: torchcam(CAM, fc_layer=network.head.scores),
        },
        given.rounds,
    )
    compare(
        "Grad-CAM",
        {
            "pellucid, trace included": lambda: unit(
                grad_cam(trace_network(network, values), target).values
            ),
            "pellucid, of a trace": lambda: unit(grad_cam(trace, target).values),
            "torchcam GradCAM": lambda: torchcam(TorchGradCAM),
            "pytorch-grad-cam": pytorch_grad_cam,
        },
        given.rounds,
    )
    windows: Sequence[int] = (3, 56, 56)
    mean = torch.from_numpy(filled(values.numpy(), "mean")[:, :, :1, :1]).expand_as(values)
    compare(
        "Occlusion, patch 56, stride 56",
        {
            "pellucid": lambda: occlusion(trace, target, patch=56, stride=56).at_input,
            "captum": lambda: (
                Occlusion(network)
                .attribute(
                    values,
                    tuple(windows),
                    strides=tuple(windows),
                    baselines=mean,
                    target=target,
                    perturbations_per_eval=13,
                )[0, 0]
                .detach()
                .numpy()
            ),
        },
        1,
    )
    compare(
        # captum weighs the 17 points of a trapezoid sum by 1/17, where 16 parts lie between them.
        "Integrated gradients, 16 parts, trapezoid",
        {
            "pellucid": lambda: integrated_gradients(trace, target, tolerance=1e9).values,
            "captum": lambda: (
                IntegratedGradients(network)
                .attribute(
                    values,
                    target=target,
                    n_steps=17,
                    method="riemann_trapezoid",
                    internal_batch_size=13,
                )[0]
                .sum(0)
                .detach()
                .numpy()
                * 17
                / 16
            ),
        },
        1,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("sanity")
    command.add_argument("run", type=Path)
    command.add_argument("data", nargs="?")
    command.add_argument("--images", type=int, default=40)
    command.set_defaults(work=sanity)
    command = commands.add_parser("peers")
    command.add_argument("--rounds", type=int, default=5)
    command.set_defaults(work=peers)
    given = parser.parse_args()
    given.work(given)


if __name__ == "__main__":
    main()
