"""What waiting threads cost a training step, on a quiet machine and on a busy one.

    python benchmarks/threads.py [--rounds 3]

GNU OpenMP lets threads that wait for each other spin before they sleep. The passes take turns in
processes of their own: the default (300,000 turns: libgomp's manual, GOMP_SPINCOUNT), a short spin
(what `import pellucid` sets where the user has set nothing), and no spin; each alone, and beside
one process that multiplies matrices. Images a second of the training step of the demo's network,
medians over the rounds.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import replace
from statistics import median

SETTINGS = {
    "default": {"GOMP_SPINCOUNT": "300000"},
    "short spin": {"GOMP_SPINCOUNT": "10000"},
    "no spin": {"OMP_WAIT_POLICY": "PASSIVE"},
}
BURN = "import torch\na = torch.randn(1500, 1500)\nwhile True: a @ a"


def trial() -> None:
    """Print images a second of the median of twenty steps."""
    from pellucid.training.plan import draft, plain_record
    from pellucid.training.throughput import _Trial
    from pellucid.training.wishes import Wishes

    recipe = draft(Wishes(), 10, plain_record(1, 28, 28), 6000)
    timed = _Trial(replace(recipe, precision="bfloat16", batch_size=128))
    for _ in range(3):
        timed.train()
    print(1 / median(timed.train() for _ in range(20)))


def measure(setting: dict[str, str]) -> float:
    """Run a trial in a process of its own."""
    environment = {**os.environ, **setting}
    command = [sys.executable, __file__, "--trial"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--trial", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.trial:
        trial()
        return
    for name, burners in (("alone", 0), ("beside another program", 1)):
        others = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(burners)]
        found: dict[str, list[float]] = {setting: [] for setting in SETTINGS}
        for _ in range(arguments.rounds):
            for setting, values in SETTINGS.items():
                found[setting].append(measure(values))
        for other in others:
            other.kill()
        print(f"{name} (load {os.getloadavg()[0]:.1f}), images/s:")
        for setting, rates in found.items():
            print(f"  {setting:12} {median(rates):8,.0f}   {min(rates):,.0f} to {max(rates):,.0f}")


if __name__ == "__main__":
    main()
