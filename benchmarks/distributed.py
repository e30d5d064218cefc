"""What training on many machines costs, from counts and timings on this one.

    python benchmarks/distributed.py                 the table of docs/distributed.md
    python benchmarks/distributed.py --machines 100 --gigabits 10

Counted: bytes and messages that a step sends. Measured here: seconds of a step, and how fast shards
are read and decoded. Assumed: the network's bandwidth and latency, and that every machine is as
fast as this one. Sums go round a ring, as in gloo and NCCL: each of M machines sends 2·(M − 1)/M
times the bytes of a message, in 2·(M − 1) turns.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from pellucid.data.cache import load_pixels
from pellucid.data.open import open_catalogue
from pellucid.data.shards.index import open_shards
from pellucid.data.shards.write import write_shards
from pellucid.data.share import Share
from pellucid.demo import demo_data
from pellucid.launch import Place
from pellucid.models import channels_last
from pellucid.threads import cores, processor
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.wishes import Wishes
from pellucid.training.learning.steps import Stepper
from pellucid.training.planning.plan import draft, plain_record, widen
from pellucid.training.planning.throughput import measure
from pellucid.training.workers.distributed import World

#: Bytes of the message after each step in which workers agree on whether to stop.
_AGREE = 8


class Counting(World):
    """One worker that counts what it would send to a second."""

    def __init__(self) -> None:
        super().__init__(Place(0, 2, 0, 2))
        self.messages: list[int] = []

    def _add_up(self, tensor: torch.Tensor) -> None:
        self.messages.append(tensor.numel() * tensor.element_size())


def default_recipe(size: int, images: int, width: int) -> Recipe:
    """The default network's, for RGB images of a size."""
    recipe = draft(Wishes(), 1000, plain_record(3, size, size), images)
    return replace(widen(recipe, width), batch_size=512)


def messages(recipe: Recipe) -> list[int]:
    """Bytes of each message of one step, in their order; the gradients are the largest."""
    world = Counting()
    stepper = Stepper(channels_last(recipe.architecture.build()), recipe, world)
    record = recipe.preprocessing
    images = torch.zeros(4, record.height, record.width, 3, dtype=torch.uint8)
    generator = torch.Generator().manual_seed(0)
    stepper.step(images, torch.zeros(4, dtype=torch.int64), 0.5, generator, Share(0, 4, 8))
    return world.messages


def ring(size: int, machines: int, gigabits: float, latency: float) -> float:
    """Seconds to add up a message of so many bytes over machines."""
    share = (machines - 1) / machines
    return 2 * share * size * 8 / (gigabits * 1e9) + 2 * (machines - 1) * latency


def reading(seconds: float) -> tuple[float, float]:
    """Samples a second: through the tar alone, and read, decoded and fitted (demo images)."""
    with tempfile.TemporaryDirectory() as folder:
        catalogue = open_catalogue(demo_data())
        shards, _ = write_shards(catalogue, Path(folder) / "shards")
        shards = open_shards(str(Path(folder) / "shards"))
        begin, count = time.perf_counter(), 0
        while time.perf_counter() - begin < seconds:
            count += sum(1 for shard in shards.shards for _ in shards.samples_of(shard))
        tar = count / (time.perf_counter() - begin)
        samples = open_catalogue(Path(folder) / "shards")
        begin = time.perf_counter()
        load_pixels(samples, plain_record(1, 28, 28), memory_limit=1 << 30)
        decoded = len(samples) / (time.perf_counter() - begin)
        samples.source.close()
        return tar, decoded


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--machines", type=int, default=100)
    parser.add_argument("--gigabits", type=float, default=10.0, help="bandwidth, assumed")
    parser.add_argument("--latency", type=float, default=50e-6, help="seconds a turn, assumed")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--each", type=int, default=32, help="images of a batch on each machine")
    given = parser.parse_args()
    recipe = default_recipe(given.size, 1_300_000, given.width)
    sent = [*messages(recipe), _AGREE]
    gradients, others = max(sent), len(sent) - 1
    seconds = measure(recipe).train * given.each
    all_seconds = sum(ring(size, given.machines, given.gigabits, given.latency) for size in sent)
    largest = ring(gradients, given.machines, given.gigabits, given.latency)
    images = given.machines * given.each
    tar, decoded = reading(2.0)
    load = os.getloadavg()[0]
    rows = [
        ("machine", f"{processor()}, {cores()} cores, load {load:.1f}, {recipe.precision}"),
        ("network", f"compact {recipe.architecture.arguments['widths']}, {given.size} px"),
        ("gradients a step (counted)", f"{gradients / 1e6:.1f} MB in one message"),
        ("other messages a step (counted)", f"{others}, {sum(sent) - gradients:,} bytes in all"),
        (f"step of {given.each} images (measured)", f"{seconds:.3f} s"),
        (f"gradients, {given.machines} machines", f"{largest:.3f} s"),
        (f"all messages, {given.machines} machines", f"{all_seconds:.3f} s"),
        ("share of the step spent computing", f"{seconds / (seconds + all_seconds):.0%}"),
        ("images/s of all machines", f"{images / (seconds + all_seconds):,.0f}"),
        ("samples/s through a tar (measured)", f"{tar:,.0f}"),
        ("samples/s read, decoded, fitted (measured)", f"{decoded:,.0f}"),
    ]
    for name, value in rows:
        print(f"{name:45s} {value}")


if __name__ == "__main__":
    sys.exit(main())
