"""The command: prepare a data set, run everything in turn, show who was where when."""

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from pellucid.cli.console import complain, say
from pellucid.errors import PellucidError
from pellucid.storage import write_json
from pellucid.training.choices.wishes import Wishes
from training.ablate import ablate
from training.dataset import prepare, unpacked
from training.peers import PEERS, peer_named
from training.records import Record
from training.runs import Bench
from training.table import Result, show, to_json

#: Shares of the peers' seconds that Pellucid is given, a run each.
SHARES = (0.05, 0.1, 0.15, 0.2, 0.5)


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and do as it says."""
    options = parse(words)
    try:
        if options.ablate:
            wishes = Wishes(size=options.size, width=options.width, seed=options.seed)
            ablate(unpacked(options.data, options.work), wishes, options.epochs, options.runs)
            return
        result = run_all(options)
    except PellucidError as error:
        complain(str(error))
        raise SystemExit(1) from None
    show(result)
    if options.output is not None:
        write_json(options.output, to_json(result))
        say(f"Written: {options.output}")


def run_all(options: argparse.Namespace) -> Result:
    """Every run that is asked for; those that are done already are read."""
    for name in options.peers:
        peer_named(name)
    data = prepare(options.data, options.seed, options.work)
    bench = Bench(data, options.work, options.again)
    budgets = options.budgets or [share * options.seconds for share in SHARES]
    jobs: dict[str, Callable[[int], Record]] = {
        name: lambda seed, name=name: bench.peer(name, options.seconds, seed, options.size)
        for name in options.peers
    }
    jobs |= {
        f"pellucid {budget:g} s": lambda seed, budget=budget: bench.pellucid(budget, seed)
        for budget in budgets
    }
    found: dict[str, list[Record]] = {name: [] for name in jobs}
    for turn in range(options.runs):
        for name in random.Random(turn).sample(list(jobs), len(jobs)):
            record = jobs[name](options.seed + turn)
            found[name].append(record)
            say(f"run {turn + 1}, {name}: {_told(record)}")
    peers = {name: found[name] for name in options.peers}
    return Result(data, peers, [run for name in found if name not in peers for run in found[name]])


def _told(record: Record) -> str:
    others = "an unknown number of" if record.others is None else f"{record.others:.2f}"
    return (
        f"{record.best:.2%} in {record.seconds:.0f} s, {record.core_seconds:.0f} core-seconds, "
        f"{record.peak:,.0f} MiB, {record.ended} (others kept {others} cores busy)"
    )


def parse(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/training",
        description="Train Pellucid and other tools on the same images, whole processes in turn.",
    )
    parser.add_argument("data", type=Path, help="what Pellucid reads, or a tar of such a folder")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), help=", ".join(PEERS))
    parser.add_argument("--seconds", type=float, default=300.0, help="that each peer has")
    parser.add_argument(
        "--budgets", type=float, nargs="*", help="Pellucid's, in seconds; else shares of --seconds"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="of the split and the first run")
    parser.add_argument(
        "--size", type=int, help="of the peers' input in pixels; else that of each guide"
    )
    parser.add_argument(
        "--ablate", action="store_true", help="Pellucid alone, with and without parts of its recipe"
    )
    parser.add_argument("--epochs", type=int, nargs="*", default=[4, 8, 16], help="of an ablation")
    parser.add_argument("--width", type=int, help="of an ablation's network")
    parser.add_argument("--again", action="store_true", help="repeat runs that are done")
    parser.add_argument("-o", "--output", type=Path, help="write all as JSON")
    parser.add_argument("--work", type=Path, default=Path(__file__).resolve().parents[1] / ".work")
    return parser.parse_args(words)
