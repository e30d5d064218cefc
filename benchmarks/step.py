"""The training step beside the machine's matrix products: what share of their rate it reaches.

    python benchmarks/step.py [--size 64] [--widths 32 64] [--batch 128] [--rounds 9]

The rate of the machine is that of torch's product of two square matrices, the best over some sizes,
in the precision that Pellucid chooses here. The work of a step is counted by torch's own counter
while one runs: convolutions and matrix products, forwards, backwards and in the optimiser. All else
(norms, pooling, variations of the images, ...) is time without work in this sense; the profiler
tells its share, and which operations take it.
"""

import argparse
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from pellucid.models import channels_last
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.rules import varied
from pellucid.training.choices.wishes import Wishes
from pellucid.training.learning.steps import Stepper
from pellucid.training.planning.plan import draft, plain_record, widen

#: Sides of the matrices whose product is timed.
SIDES = (1024, 1536, 2048)
#: torch's operations that are convolutions or matrix products.
PRODUCTS = {
    "aten::mkldnn_convolution", "aten::convolution_backward", "aten::mm", "aten::bmm",
    "aten::addmm", "aten::_slow_conv2d_forward",
}  # fmt: skip
CLASSES, IMAGES = 10, 2000


@dataclass(frozen=True)
class Measured:
    """What was found for one network.

    Attributes:
        seconds: median of a step.
        work: floating-point operations in a step.
        by_operation: seconds of torch's operations in one step, by name.
    """

    seconds: float
    work: int
    by_operation: Counter[str]

    @property
    def outside(self) -> float:
        """Share of the operations' time that is not spent in products."""
        products = sum(self.by_operation[name] for name in PRODUCTS)
        return 1 - products / self.by_operation.total()


def gemm_rate(precision: str, rounds: int) -> float:
    """Floating-point operations a second in the product of two matrices, the best of all."""
    best = 0.0
    for side in SIDES:
        square = torch.randn(side, side).to(getattr(torch, precision))
        fastest = min(seconds(partial(torch.mm, square, square)) for _ in range(rounds))
        best = max(best, 2 * side**3 / fastest)
    return best


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def recipe_for(size: int, width: int, batch: int) -> Recipe:
    """As the plan makes it for photographs, with half of all variations."""
    recipe = draft(Wishes(size=size), CLASSES, plain_record(3, size, size), IMAGES)
    return widen(replace(recipe, batch_size=batch, augmentation=varied(0.5, flip=True)), width)


def measure(recipe: Recipe, rounds: int) -> Measured:
    stepper = Stepper(channels_last(recipe.architecture.build()), recipe)
    record = recipe.preprocessing
    generator = torch.Generator().manual_seed(0)
    shape = (recipe.batch_size, record.height, record.width, record.channels)
    images = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    labels = torch.randint(0, CLASSES, (recipe.batch_size,), generator=generator)

    def step() -> None:
        stepper.step(images, labels, 0.5, generator)

    step()
    with FlopCounterMode(display=False) as counter:
        step()
    times = [seconds(step) for _ in range(rounds)]
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        step()
    own = Counter({e.key: e.self_cpu_time_total / 1e6 for e in profiler.key_averages()})
    return Measured(statistics.median(times), counter.get_total_flops(), own)


def show(recipe: Recipe, found: Measured, rate: float) -> None:
    widths = "-".join(map(str, recipe.architecture.arguments["widths"]))
    pace = found.work / found.seconds
    print(
        f"{widths} at {recipe.preprocessing.height} px, batches of {recipe.batch_size}: "
        f"{found.seconds * 1e3:.0f} ms, {recipe.batch_size / found.seconds:.0f} images/s, "
        f"{pace / 1e9:.0f} GFLOP/s, {pace / rate:.0%} of the matrix products' rate; "
        f"{found.outside:.0%} of the step outside products"
    )
    others = [entry for entry in found.by_operation.most_common() if entry[0] not in PRODUCTS]
    print("   " + ", ".join(f"{name} {1e3 * took:.1f} ms" for name, took in others[:6]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=64, help="of the images, in pixels")
    parser.add_argument("--widths", type=int, nargs="*", default=[32, 48, 64])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    recipes = [recipe_for(options.size, width, options.batch) for width in options.widths]
    precision = recipes[0].precision
    rate = gemm_rate(precision, options.rounds)
    threads, load = torch.get_num_threads(), os.getloadavg()[0]
    print(f"torch {torch.__version__}, {threads} threads, load {load:.1f}")
    print(f"matrix products in {precision}: {rate / 1e9:.0f} GFLOP/s (the best of {SIDES})")
    for recipe in recipes:
        show(recipe, measure(recipe, options.rounds), rate)


if __name__ == "__main__":
    main()
