"""How fast is a folder of images read, against Pillow in a loop?

    python benchmarks/audit.py /path/to/folder [--repeats 5]

The passes take turns in one run, after one untimed pass that brings the files into the system's
memory:

a. Pillow, one process, one image after another, as torchvision's ImageFolder and its default
   loader do: walk the class folders, ``Image.open(file).convert("RGB")``, to an array;
b. the same, and ``resize((64, 64))``;
c. Pellucid's ``open_catalogue`` and ``scan``: decode, digest, measures and thumbnail;
d. ``open_catalogue`` and ``load_pixels``: the same, and each image fitted to 64×64 RGB in memory;
e. the whole audit: (c), the search for duplicates, splits, and the findings.

Medians over the repeats; a ratio is the median of the repeats' own ratios, since the machine's
load changes between them. CPU is the time of all threads together.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from pellucid.data.cache import load_pixels
from pellucid.data.open import open_catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.data.scan import scan
from pellucid.threads import cores

SIDE = 64
ENDINGS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
RECORD = Preprocessing("rgb", SIDE, SIDE, (0.5,) * 3, (0.5,) * 3)
PACKAGES = ("numpy", "pillow", "simplejpeg", "opencv-python-headless")

#: Wall and CPU seconds of one run of a pass.
Times = tuple[float, float]


def image_folder(root: Path, side: int | None = None) -> None:
    """Passes (a) and, with a side, (b)."""
    for name in sorted(entry.name for entry in os.scandir(root) if entry.is_dir()):
        for folder, _, files in sorted(os.walk(root / name, followlinks=True)):
            for file in sorted(files):
                if file.lower().endswith(ENDINGS):
                    with open(os.path.join(folder, file), "rb") as stream:  # noqa: PTH118, PTH123
                        image = Image.open(stream).convert("RGB")
                    np.asarray(image if side is None else image.resize((side, side)))


def scan_only(root: Path) -> None:
    """Pass (c)."""
    scan(open_catalogue(root))


def scan_and_fit(root: Path) -> None:
    """Pass (d)."""
    with load_pixels(open_catalogue(root), RECORD, memory_limit=2**40)[1]:
        pass


def whole_audit(root: Path) -> None:
    """Pass (e)."""
    from pellucid.data.audit import make_audit
    from pellucid.data.duplicates import find_duplicates
    from pellucid.data.splits import split_catalogue

    catalogue = open_catalogue(root)
    found = scan(catalogue)
    duplicates = find_duplicates(found.thumbs, found.digests, found.good)
    splits = split_catalogue(catalogue, duplicates, found.good, seed=0)
    make_audit(catalogue, found, duplicates, splits)


def passes(root: Path) -> dict[str, Callable[[], None]]:
    """What is timed, by its name."""
    timed: dict[str, Callable[[], None]] = {
        "a  Pillow in a loop": lambda: image_folder(root),
        f"b  Pillow, resized to {SIDE}": lambda: image_folder(root, SIDE),
        "c  Pellucid scan": lambda: scan_only(root),
        f"d  Pellucid scan, fitted to {SIDE}": lambda: scan_and_fit(root),
    }
    if find_spec("pellucid.data.audit"):
        timed["e  Pellucid, whole audit"] = lambda: whole_audit(root)
    return timed


def measure(timed: dict[str, Callable[[], None]], repeats: int) -> dict[str, list[Times]]:
    """Each pass in each repeat, the passes in turn."""
    times: dict[str, list[Times]] = {name: [] for name in timed}
    for _ in range(repeats):
        for name, run in timed.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return times


def ratio(peer: list[Times], runs: list[Times], kind: int) -> str:
    """How many times as fast as its peer a pass is, by wall (0) or CPU (1) time."""
    each = (one[kind] / other[kind] for one, other in zip(peer, runs, strict=True))
    return f"{statistics.median(each):8.2f}×"


def table(times: dict[str, list[Times]], images: int) -> str:
    """One line a pass: medians, and how many times as fast as (a) and (b)."""
    pillow, pillow_resized = list(times.values())[:2]
    heads = ("wall s", "µs/image", "CPU s", "wall /a", "wall /b", "CPU /a")
    lines = [f"{'':34}" + "".join(f"{head:>9}" for head in heads)]
    for name, runs in times.items():
        wall, cpu = (statistics.median(run[kind] for run in runs) for kind in (0, 1))
        lines.append(
            f"{name:34}{wall:9.2f}{wall / images * 1e6:9.0f}{cpu:9.2f}"
            + ratio(pillow, runs, 0)
            + ratio(pillow_resized, runs, 0)
            + ratio(pillow, runs, 1)
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Read a folder, against Pillow in a loop.")
    parser.add_argument("folder", type=Path, help="with a folder per class")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    images = len(open_catalogue(arguments.folder))
    print(f"{images} images in {arguments.folder}, {arguments.repeats} repeats")
    versions = ", ".join(f"{name} {version(name)}" for name in ("pellucid", *PACKAGES))
    print(f"Python {platform.python_version()}, {versions}")
    print(f"{cores()} cores, load {os.getloadavg()[0]:.1f} before", end="", flush=True)
    image_folder(arguments.folder)
    times = measure(passes(arguments.folder), arguments.repeats)
    print(f" and {os.getloadavg()[0]:.1f} after\n")
    print(table(times, images))


if __name__ == "__main__":
    main()
