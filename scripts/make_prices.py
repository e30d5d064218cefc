"""Make the studio's example series: ``python scripts/make_prices.py`` writes ``prices.csv``.

Synthetic closing prices of one year of 264 trading days (12 months of 22): a random walk whose
steps are larger in spring and autumn, so that averages over days, weeks and months differ.
"""

import csv
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[1] / "src/pellucid/studio/pictures/prices.csv"
DAYS, SEED = 264, 11


def prices() -> list[float]:
    """Prices of all days, to the cent."""
    random = np.random.default_rng(SEED)
    days = np.arange(DAYS)
    size = 0.006 + 0.012 * np.sin(2 * np.pi * days / 132) ** 8
    steps = random.standard_normal(DAYS) * size + 0.0006
    walk: list[float] = np.round(100 * np.exp(np.cumsum(steps)), 2).tolist()
    return walk


if __name__ == "__main__":
    with TARGET.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["day", "price"])
        writer.writerows(enumerate(prices(), 1))
