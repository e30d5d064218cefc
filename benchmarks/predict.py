"""How fast is a folder of photographs classified, against a plain PyTorch script?

    python benchmarks/predict.py RUN /path/to/folder [--repeats 3] [--images 0]

The passes take turns in one run, after one untimed pass over a part of the images that brings
files, libraries and caches in; every repeat has a new order. All use the weights of RUN.

plain      what a user writes: a torch Dataset with Pillow (open, convert, resize, scale,
           normalise), a DataLoader with 2 worker processes and batches of 64, the network as it
           is loaded, ``torch.inference_mode``
stream     ``Predictor.stream`` with torch: what ``pellucid predict`` does
onnx       the same with the exported graph, where the bundle has one
reduced    ``stream`` with JPEGs decoded at n/8 of their size

A ratio is the median of the repeats' own ratios, since the machine's load changes between them. CPU
is the processor time of all threads and processes for an image.
Then, once for each: the largest difference in probability between ``reduced`` and ``stream``, and
how many answers change.
"""

import argparse
import os
import platform
import random
import resource
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from pellucid.data.walk import walk
from pellucid.inference.bundle import load_bundle
from pellucid.inference.card import GRAPH
from pellucid.inference.predictor import Predictor, load_predictor
from pellucid.threads import cores

PACKAGES = ("torch", "numpy", "pillow", "simplejpeg", "opencv-python-headless", "onnxruntime")
Labels = list[int]


class Photos(Dataset):
    """Pillow and torch alone."""

    def __init__(self, paths: list[str], record: object) -> None:
        self.paths, self.record = paths, record

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> torch.Tensor:
        record = self.record
        image = Image.open(self.paths[index]).convert("RGB" if record.color == "rgb" else "L")
        image = image.resize((record.width, record.height), Image.Resampling.BILINEAR)
        values = torch.from_numpy(np.array(image)).view(record.height, record.width, -1)
        tensor = values.permute(2, 0, 1).float().div(255)
        mean, std = torch.tensor(record.mean), torch.tensor(record.std)
        return (tensor - mean[:, None, None]) / std[:, None, None]


def plain(run: Path) -> Callable[[list[str]], Labels]:
    bundle = run / "bundle" if (run / "bundle").is_dir() else run
    network, card = load_bundle(bundle)
    network = network.to(memory_format=torch.contiguous_format)

    def predict(paths: list[str]) -> Labels:
        found: Labels = []
        photos = Photos(paths, card.preprocessing)
        with torch.inference_mode():
            for batch in DataLoader(photos, batch_size=64, num_workers=2):
                found += network(batch).softmax(1).argmax(1).tolist()
        return found

    return predict


def stream(predictor: Predictor, *, reduced: bool = False) -> Callable[[list[str]], Labels]:
    number = {name: index for index, name in enumerate(predictor.classes)}

    def predict(paths: list[str]) -> Labels:
        return [number[one.label] for one in predictor.stream(paths, reduced=reduced) if one.label]

    return predict


def differences(predictor: Predictor, paths: list[str]) -> None:
    """What decoding at a part of the size does to the probabilities."""
    exact = [one.probabilities for one in predictor.stream(paths)]
    reduced = [one.probabilities for one in predictor.stream(paths, reduced=True)]
    a, b = np.array(exact), np.array(reduced)
    worst = np.abs(a - b).max(1)
    changed = (a.argmax(1) != b.argmax(1)).sum()
    print(
        f"reduced against stream, {len(paths):,} images: largest difference in probability "
        f"{worst.max():.2g}, 99% within {np.quantile(worst, 0.99):.2g}, median "
        f"{np.median(worst):.2g}; {changed} other classes"
    )


def processor() -> float:
    """Seconds of processor time of this process and of those it has waited for."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--images", type=int, default=0, help="only so many, drawn at random")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    folder = str(arguments.folder)
    paths = [f"{folder}/{name}" for name in sorted(walk(folder).images)]
    if arguments.images:
        paths = random.Random(0).sample(paths, arguments.images)
    predictor = load_predictor(arguments.run, "torch")
    passes = {"plain": plain(arguments.run), "stream": stream(predictor)}
    inside = arguments.run / "bundle"
    if ((inside if inside.is_dir() else arguments.run) / GRAPH).is_file():
        passes["onnx"] = stream(load_predictor(arguments.run, "onnxruntime"))
    passes["reduced"] = stream(predictor, reduced=True)

    print(f"{platform.processor() or platform.machine()}, {cores()} cores; load {os.getloadavg()}")
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES))
    record = predictor.card.preprocessing
    print(f"{len(paths):,} images; {predictor.card.model} at {record.height}×{record.width}")
    answers = {name: run(paths[:256]) for name, run in passes.items()}
    agree = np.mean(np.array(answers["plain"]) == np.array(answers["stream"]))
    print(f"plain and stream agree on {agree:.1%} of 256 (Pillow resizes otherwise)")

    times: dict[str, list[float]] = {name: [] for name in passes}
    spent: dict[str, list[float]] = {name: [] for name in passes}
    for repeat in range(arguments.repeats):
        order = random.Random(repeat).sample(sorted(passes), len(passes))
        for name in order:
            begin, before = time.perf_counter(), processor()
            assert len(passes[name](paths)) == len(paths)
            times[name].append(time.perf_counter() - begin)
            spent[name].append(processor() - before)
        rates = ", ".join(f"{name} {len(paths) / times[name][-1]:,.0f}/s" for name in passes)
        print(f"repeat {repeat + 1}: {rates}; load {os.getloadavg()[0]:.1f}", flush=True)
    for name in passes:
        ratios = [a / b for a, b in zip(times["plain"], times[name], strict=True)]
        rate = len(paths) / statistics.median(times[name])
        span = f"{min(ratios):.1f} to {max(ratios):.1f}"
        cost = 1000 * statistics.median(spent[name]) / len(paths)
        saved = [a / b for a, b in zip(spent["plain"], spent[name], strict=True)]
        print(
            f"{name:8} {rate:7,.0f}/s   {statistics.median(ratios):.2f}× plain ({span})   "
            f"CPU {cost:.2f} ms, plain takes {statistics.median(saved):.2f}× that"
        )
    differences(predictor, paths)


if __name__ == "__main__":
    main()
