"""How fast are the operators on series, against pandas and SciPy?

    python benchmarks/series.py [--points 10000000] [--repeats 5] [--dtype float64]

Every row is one result, computed by Pellucid and by each peer that has it; before anything is
timed the results are compared (largest difference, relative to the largest value, over the times
at which all are defined). The ways take turns in one process, so that a change of the machine's
load meets all of them. Medians over the repeats; the ratio is the median of the repeats' own
ratios of Pellucid's time to that of the fastest peer: below 1 is faster, 1.5 is the limit.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from scipy.ndimage import uniform_filter1d
from scipy.signal import lfilter, oaconvolve

from pellucid.operators import series as ops
from pellucid.threads import cores

ALPHA = 0.2
PACKAGES = ("numpy", "scipy", "pandas")

Way = Callable[[], Any]
#: A row: its name, then name → way, Pellucid's first.
Rows = dict[str, dict[str, Way]]


def rows(values: np.ndarray[Any, Any]) -> Rows:
    """Everything that is timed."""
    return {**_averages(values), **_differences(values), **_groups(values), **_banks(values)}


def _averages(values: np.ndarray[Any, Any]) -> Rows:
    table = pd.Series(values)
    forward, back = [np.asarray(each, values.dtype) for each in ([ALPHA], [1, ALPHA - 1])]
    state = np.asarray([(1 - ALPHA) * values[0]], values.dtype)
    found: Rows = {
        "EMA, from zero": {
            "pellucid": lambda: ops.ema(values, ALPHA),
            "lfilter": lambda: lfilter(forward, back, values),
        },
        "EMA, from the first value": {
            "pellucid": lambda: ops.ema(values, ALPHA, initial="first"),
            "lfilter": lambda: lfilter(forward, back, values, zi=state)[0],
            "pandas": lambda: table.ewm(alpha=ALPHA, adjust=False).mean(),
        },
    }
    for length in (5, 20, 250, 10_000):
        found[f"average of {length}"] = {
            "pellucid": lambda n=length: ops.moving_average(values, n),
            "uniform1d": lambda n=length: uniform_filter1d(values, n, origin=(n - 1) // 2),
            "oaconvolve": lambda n=length: oaconvolve(values, np.full(n, 1 / n, values.dtype))[
                : len(values)
            ],
            "pandas": lambda n=length: table.rolling(n).mean(),
        }
    return found


def _differences(values: np.ndarray[Any, Any]) -> Rows:
    table = pd.Series(values)
    return {
        "difference": {
            "pellucid": lambda: ops.difference(values),
            "pandas": table.diff,
        },
        "difference, lag 12": {
            "pellucid": lambda: ops.difference(values, lag=12),
            "pandas": lambda: table.diff(12),
        },
        "difference of order 2": {
            "pellucid": lambda: ops.difference(values, 2),
            "pandas": lambda: table.diff().diff(),
        },
    }


def _groups(values: np.ndarray[Any, Any]) -> Rows:
    values = values[: len(values) // 5 * 5]
    seconds = pd.date_range("2000-01-01", periods=len(values), freq="s")
    dated = pd.Series(values, seconds)
    found: Rows = {}
    for how in ("last", "mean", "sum", "max", "min"):
        found[f"aggregate 5, {how}"] = {
            "pellucid": lambda how=how: ops.aggregate(values, 5, how),
            "pandas": lambda how=how: getattr(dated.resample("5s"), how)(),
        }
    found["aggregate by the calendar, mean"] = {
        "pellucid": lambda: ops.aggregate(dated, "5s", "mean"),
        "pandas": lambda: dated.resample("5s").mean(),
    }
    return found


def _banks(values: np.ndarray[Any, Any]) -> Rows:
    table = pd.Series(values)
    kernel = ops.beta_kernel(66, 1, 5, stride=22)
    weights = kernel.weights.astype(values.dtype)
    return {
        "averages of 1, 5, 22": {
            "pellucid": lambda: ops.multi_scale(values),
            "uniform1d": lambda: np.stack(
                [uniform_filter1d(values, n, origin=(n - 1) // 2) for n in ops.HAR.values()]
            ),
            "pandas": lambda: np.stack([table.rolling(n).mean() for n in ops.HAR.values()]),
        },
        "MIDAS, 66 weights, stride 22": {
            "pellucid": lambda: ops.apply(values, kernel),
            "oaconvolve": lambda: oaconvolve(values, weights)[21 : len(values) : 22],
        },
    }


def difference(one: Any, other: Any) -> float:
    """The largest difference of two results where both are defined, relative to the largest value.

    The first tenth is left out: ends differ from peer to peer.
    """
    one, other = (np.asarray(each, np.float64) for each in (one, other))
    assert one.shape == other.shape, (one.shape, other.shape)
    start = one.shape[-1] // 10
    gap, scale = np.abs(one - other)[..., start:], np.abs(one)[..., start:].max()
    assert not np.isnan(gap).any()
    return float(gap.max() / scale)


def measure(ways: dict[str, Way], repeats: int) -> dict[str, list[float]]:
    """Seconds of each way in each repeat, the ways in turn."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            begin = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - begin)
    return times


def line(name: str, ways: dict[str, Way], repeats: int) -> tuple[str, float]:
    """One row as text, and its ratio."""
    ours, *peers = (way() for way in ways.values())
    apart = max(difference(ours, peer) for peer in peers)
    del ours, peers
    times = measure(ways, repeats)
    own, *others = times.values()
    ratio = statistics.median(mine / min(each) for mine, *each in zip(own, *others, strict=True))
    cells = "  ".join(
        f"{way} {statistics.median(seconds) * 1e3:6.0f}" for way, seconds in times.items()
    )
    return f"{name:32}{ratio:6.2f}×  {apart:8.0e}   {cells}", ratio


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Operators on series, against pandas and SciPy.")
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    arguments = parser.parse_args()
    versions = ", ".join(f"{name} {version(name)}" for name in ("pellucid", *PACKAGES))
    print(f"{arguments.points:,} points {arguments.dtype}, {arguments.repeats} repeats")
    print(f"Python {platform.python_version()}, {versions}")
    print(f"{cores()} cores, load {os.getloadavg()[0]:.1f} before")
    print(f"\n{'':32}{'ratio':>7}  {'apart':>8}   milliseconds")
    values = np.random.default_rng(0).normal(100, 1, arguments.points).astype(arguments.dtype)
    worst = 0.0
    for name, ways in rows(values).items():
        text, ratio = line(name, ways, arguments.repeats)
        worst = max(worst, ratio)
        print(text, flush=True)
    print(f"\nworst ratio {worst:.2f}×, load {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
