"""The ledger beside torchinfo: seconds, and whether the totals agree.

    python -m pip install --no-deps --target /tmp/ledger-peers torchinfo
    PYTHONPATH=/tmp/ledger-peers python benchmarks/ledger.py [--model googlenet] [--size 224]

Both describe one network, taking turns in this process (medians over the rounds), each with what
it is best at: the ledger without weights, torchinfo with weights on the CPU, running the network.
Then the whole process of ``pellucid describe``, wall-clock and processor time, torch's import
counted; and that import alone, since it is most of it.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import torch
import torchinfo

from pellucid.ledger import ledger
from pellucid.models import Architecture, arguments_for


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def process(arguments: list[str]) -> tuple[float, float]:
    """Wall-clock and processor seconds of a Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare_times(architecture: Architecture, shape: tuple[int, ...], rounds: int) -> None:
    first = seconds(lambda: ledger(architecture.outline(), shape))
    outline, network = architecture.outline(), architecture.build().eval()

    def peer() -> object:
        return torchinfo.summary(network, input_size=shape, verbose=0, device="cpu")

    peer()
    pairs = [(seconds(lambda: ledger(outline, shape)), seconds(peer)) for _ in range(rounds)]
    ours, theirs = (median(times) for times in zip(*pairs, strict=True))
    ratio = median(their / our for our, their in pairs)
    print(f"first ledger of the process, building included   {first:.3f} s")
    print(f"ledger                                           {ours:.3f} s (wanted: under 0.15)")
    print(f"torchinfo                                        {theirs:.3f} s")
    print(f"torchinfo / ledger, median of {rounds} rounds             {ratio:.1f} (wanted: 5)")


def compare_totals(architecture: Architecture, shape: tuple[int, ...]) -> None:
    """Print both totals, and for MACs where a difference comes from."""
    ours = ledger(architecture.outline(), shape)
    theirs = torchinfo.summary(architecture.build().eval(), input_size=shape, verbose=0)
    totals = ours.totals
    print(f"parameters  ledger {totals.parameters:,}  torchinfo {theirs.total_params:,}")
    print(f"MACs        ledger {totals.macs:,}  torchinfo {theirs.total_mult_adds:,}")
    # torchinfo multiplies a convolution's parameters by its positions, so that a bias counts as
    # one more product; and it adds the parameters of a batch norm, once each.
    biases = sum(
        row.work.additions
        for row in ours.rows
        if row.node.operation.startswith(("conv", "linear")) and row.biases
    )
    norms = sum(row.weights + row.biases for row in ours.rows if row.node.operation == "batch_norm")
    rest = theirs.total_mult_adds - totals.macs - biases - norms
    print(
        f"            torchinfo counts biases as products ({biases:,}) and each parameter of a "
        f"batch norm once ({norms:,}); unexplained: {rest:,}"
    )
    if totals.unused:
        print(
            f"            of the parameters, {totals.unused:,} are not used in a forward pass for "
            "prediction (both count them)"
        )


def compare_processes(name: str, size: int, rounds: int) -> None:
    describe = ["-m", "pellucid", "describe", name, "--size", str(size)]
    found = [(process(describe), process(["-c", "import torch"])) for _ in range(rounds)]
    for label, place in (("pellucid describe", 0), ("import torch alone", 1)):
        wall, cpu = (median(times) for times in zip(*(pair[place] for pair in found), strict=True))
        least = min(pair[place][0] for pair in found)
        print(f"{label:<20} {wall:.2f} s wall-clock (least {least:.2f}), {cpu:.2f} s processor")
    print("                     wanted: under 2.5 s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="googlenet")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    arguments = arguments_for(
        given.model, classes=1000, channels=3, height=given.size, width=given.size
    )
    architecture, shape = Architecture(given.model, arguments), (1, 3, given.size, given.size)
    print(
        f"{given.model} at {given.size}; torch {torch.__version__}, torchinfo "
        f"{torchinfo.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    compare_times(architecture, shape, given.rounds)
    compare_totals(architecture, shape)
    compare_processes(given.model, given.size, given.rounds)


if __name__ == "__main__":
    main()
