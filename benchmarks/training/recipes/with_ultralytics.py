"""Ultralytics classify, the nano network from scratch, by its own command.

"Image Classification" (https://docs.ultralytics.com/tasks/classify/): ``yolo classify train`` with
a ``.yaml`` model, which starts from random weights. All settings are defaults but ``imgsz``, and
``time``, by which its schedule fits the hours that it has
(https://docs.ultralytics.com/modes/train/#train-settings). Plots are off: they cost time, and the
font for them would be downloaded. Ultralytics is under the AGPL: this script, standard library
only, starts its command and reads the table that it writes; nothing of it is imported.
"""

import csv
import subprocess
import sys
import time
from pathlib import Path

from epochs import Epochs, arguments

#: Seconds of its limit that are not for training: starting, and the last check of the best weights.
_AROUND = 20.0
_STRIDE = 32


def command(view: Path, hours: float) -> list[str]:
    side = max(_STRIDE, wishes.side // _STRIDE * _STRIDE)
    settings = {
        "model": "yolo26n-cls.yaml",
        "data": view,
        "imgsz": side,
        "time": f"{hours:.6f}",
        "seed": wishes.seed,
        "device": "cpu",
        "plots": False,
        "project": Path.cwd(),
        "name": "trained",
    }
    pairs = [f"{name}={value}" for name, value in settings.items()]
    return [str(Path(sys.executable).with_name("yolo")), "classify", "train", *pairs]


def looked_at(data: Path) -> Path:
    """A folder of links to the images: it writes notes of its own beside them."""
    view = Path.cwd() / "view"
    view.mkdir()
    for part in ("train", "test"):
        (view / part).symlink_to((data / part).resolve())
    return view


def new_rows(table: Path, known: int) -> list[dict[str, str]]:
    """The lines of its table beyond those known; a line being written is left for later."""
    if not table.exists():
        return []
    text = table.read_text()
    rows = csv.DictReader(text[: text.rfind("\n") + 1].splitlines(), skipinitialspace=True)
    return list(rows)[known:]


def main() -> None:
    images = sum(1 for _ in (wishes.data / "train").glob("*/*"))
    epochs = Epochs(images, "ultralytics", "torch", "torchvision", "numpy")
    hours = max(1.0, wishes.seconds - _AROUND) / 3600
    process = subprocess.Popen(command(looked_at(wishes.data), hours), stdout=sys.stderr)
    known, running = 0, True
    while running:
        running = process.poll() is None
        for row in new_rows(Path("trained/results.csv"), known):
            epochs.done(float(row["metrics/accuracy_top1"]))
            known += 1
        time.sleep(0.1)
    sys.exit(process.returncode)


if __name__ == "__main__":
    wishes = arguments()
    main()
