"""What all recipes share: their arguments, and the line after each epoch. Standard library only."""

import argparse
import json
import time
from importlib.metadata import version
from pathlib import Path


def arguments(*extra: tuple[str, dict]) -> argparse.Namespace:
    """The command line that every recipe has; ``extra`` are options of one alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path, help="has train and test, with a folder per class")
    parser.add_argument("--side", type=int, required=True, help="of the square input, in pixels")
    parser.add_argument("--gray", action="store_true", help="no image has colour")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="after which it is stopped")
    parser.add_argument("--seed", type=int, required=True)
    for name, settings in extra:
        parser.add_argument(name, **settings)
    return parser.parse_args()


class Epochs:
    """Prints a JSON object after each epoch; the one who reads it notes the time."""

    def __init__(self, images: int, *packages: str) -> None:
        """Say the versions, and begin to count.

        Args:
            images: seen in an epoch.
            packages: that matter.
        """
        print(json.dumps({"versions": {name: version(name) for name in packages}}), flush=True)
        self._images, self._epoch, self._last = images, 0, time.monotonic()

    def done(self, accuracy: float) -> None:
        """An epoch is over; its speed counts the scoring of the test images as part of it."""
        now, self._epoch = time.monotonic(), self._epoch + 1
        speed = self._images / (now - self._last)
        self._last = now
        row = {"epoch": self._epoch, "accuracy": accuracy, "images_per_second": round(speed, 1)}
        print(json.dumps(row), flush=True)
