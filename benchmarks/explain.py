"""What explanations cost, beside other libraries.

    python -m pip install --no-deps --target /tmp/explain-peers torchlens graphviz tqdm
    PYTHONPATH=/tmp/explain-peers python benchmarks/explain.py trace [--threads 1]

``trace``: one forward pass with every result kept, of a network with random weights, by Pellucid
and by TorchLens, beside the plain forward pass. All three take turns in one process, in a new
order each round, after an untimed one; a figure is the median of the rounds, a ratio the median of
the rounds' own ratios, since the machine's load changes between them. TorchLens wraps torch's
functions at its first call and leaves them so: they are unwrapped after each turn, outside the
time, and its garbage is collected, so that the others are not slowed; it gets a copy of the network
and runs without gradients, as the others do. The network is Pellucid's own: torchvision is not
needed. On a busy machine two threads of torch wait for each other: take ``--threads 1`` there.
"""

import argparse
import copy
import gc
import os
import random
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from statistics import median

import torch
import torchlens
from torch import Tensor, nn
from torchlens.backends.torch.wrappers import unwrap_torch

from pellucid.explain import Trace, trace_network
from pellucid.models import Architecture, arguments_for, channels_last

PACKAGES = ("torch", "torchlens")
#: What a trace may take: so many plain passes, and so many seconds.
WANTED = 1.5, 0.3


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def turns(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each, round by round."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name in random.sample(list(works), len(works)):
            taken = seconds(works[name])
            clean()
            if number:
                found[name].append(taken)
    return found


def clean() -> None:
    """Nothing of one's turn shall cost the others: neither wrapped functions nor garbage."""
    unwrap_torch()
    gc.collect()


def ratio(times: dict[str, list[float]], name: str, beside: str) -> float:
    pairs = zip(times[name], times[beside], strict=True)
    return median(one / other for one, other in pairs)


def compare_traces(network: nn.Module, image: Tensor, rounds: int) -> None:
    """Print the times of a plain pass, of a trace, and of TorchLens' trace."""

    def plain() -> object:
        with torch.no_grad():
            return network(image)

    copied = copy.deepcopy(network)

    def peer() -> object:
        with torch.no_grad():
            return torchlens.trace(copied, image)

    works: dict[str, Callable[[], object]] = {
        "plain forward pass": plain,
        "pellucid trace": lambda: trace_network(network, image),
        "pellucid trace, nothing kept": lambda: trace_network(network, image, keep="none"),
        "torchlens trace": peer,
    }
    times = turns(works, rounds)
    print(f"{'':30}{'seconds':>9}{'× plain':>9}")
    for name, found in times.items():
        print(f"{name:30}{median(found):9.3f}{ratio(times, name, 'plain forward pass'):9.2f}")
    most = WANTED[0] * median(times["plain forward pass"]) + WANTED[1]
    print(f"wanted of pellucid: at most {WANTED[0]} × plain + {WANTED[1]} s = {most:.3f} s")
    faster = ratio(times, "torchlens trace", "pellucid trace")
    print(f"torchlens / pellucid, median of {rounds} rounds: {faster:.1f}")


def compare_values(trace: Trace, network: nn.Module, image: Tensor) -> None:
    """Print how much both keep, and whether they agree on what the network returns."""
    with torch.no_grad():
        theirs = torchlens.trace(copy.deepcopy(network), image)
    saved = [op.out for op in theirs.ops if isinstance(op.out, Tensor)]
    clean()
    with torch.no_grad():
        expected = network(image)
    found = torch.tensor(trace.value(trace.output))
    print(f"pellucid: {len(trace.nodes)} nodes, {trace.memory_bytes / 1e6:.1f} MB, ", end="")
    print(f"largest difference of the output {float((found - expected).abs().max()):g}")
    size = sum(tensor.nbytes for tensor in saved) / 1e6
    print(f"torchlens: {len(saved)} results, {size:.1f} MB, ", end="")
    print(f"largest difference of the output {float((saved[-1] - expected).abs().max()):g}")


def run_trace(options: argparse.Namespace) -> None:
    given = {"classes": 1000, "channels": 3, "height": options.size, "width": options.size}
    architecture = Architecture(options.model, arguments_for(options.model, **given))
    network = channels_last(architecture.sample(0)).eval()
    image = torch.rand(1, 3, options.size, options.size)
    image = image.contiguous(memory_format=torch.channels_last)
    print(f"{options.model} at {options.size}×{options.size}")
    compare_traces(network, image, options.rounds)
    compare_values(trace_network(network, image), network, image)


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {"trace": run_trace}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--model", default="googlenet")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(f"Python {sys.version.split()[0]}, {packages}; {torch.get_num_threads()} threads")
    print("load before", *(f"{each:.1f}" for each in os.getloadavg()))
    PARTS[options.part](options)
    print("load after", *(f"{each:.1f}" for each in os.getloadavg()))


if __name__ == "__main__":
    main()
