"""How fast is convolution, against the libraries that people use for it?

    python benchmarks/operators.py [--quick] [--seconds 2] [--megapixels 1 12]

Each cell is an RGB image H×W×C of 1 or 12 megapixels, float32 or uint8, and a kernel: a Gaussian
(separable) or random weights (not), of 3 to 63 taps a side, on every channel, the border
reflected, the result of the image's size and dtype. In each cell the libraries take turns in one
process, in a new order each round, after one untimed round; a figure is the median of the rounds.
A ratio is the median of the rounds' own ratios, since the machine's load changes between them.

Peers get the image as their users hold it, and are called in the quickest way that they offer:
separable kernels as two passes where there is such a way (SciPy, torch), random ones whole.
``sepFilter2D`` is shown as a peer for separable float32 images; for uint8 it computes with weights
of 8 bits, a different and coarser result. Peers that would take more than 20 times as long as the
best, by a trial on a strip of the image, are left out of the cell.

The results of all libraries in a cell are compared in the run with float64: the largest
difference of ours, as part of the largest value, is printed (for uint8: as levels that a float64
result would be rounded off; half a level is the least possible).
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np
import scipy.ndimage
import scipy.signal
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter

from pellucid.operators.convolution import correlate

SIZES = (3, 5, 7, 11, 15, 23, 31, 63)
SHAPES = {1: (1000, 1000), 12: (3000, 4000)}
PACKAGES = ("numpy", "scipy", "opencv-python-headless", "torch", "scikit-image", "pillow")
#: Rows of the trial that decides whether a peer is worth waiting for.
STRIP = 96
TOO_SLOW = 20
OURS = "pellucid"

Array = np.ndarray[Any, Any]
Filter = Callable[[Array], Array]


@dataclass(frozen=True)
class Cell:
    """One line of the table."""

    megapixels: int
    dtype: str
    size: int
    separable: bool

    def kernel(self) -> tuple[Array, Array | None]:
        """The weights, k×k float32, and the taps of one pass if there is one."""
        if not self.separable:
            weights = np.random.default_rng(self.size).standard_normal((self.size, self.size))
            return (weights / np.abs(weights).sum()).astype(np.float32), None
        taps = cv2.getGaussianKernel(self.size, 0.15 * self.size + 0.35)[:, 0]
        return np.outer(taps, taps).astype(np.float32), taps.astype(np.float32)


def as_image(sums: Array, dtype: np.dtype[Any]) -> Array:
    """Floats in the image's dtype, as a careful user would."""
    return np.clip(np.rint(sums), 0, 255).astype(np.uint8) if dtype == np.uint8 else sums


def peers(cell: Cell) -> dict[str, Filter]:
    """Ours and every peer's way to compute a cell."""
    kernel, taps = cell.kernel()
    radius = cell.size // 2
    reflected = cv2.BORDER_REFLECT_101
    found: dict[str, Filter] = {
        OURS: lambda image: correlate(image, kernel, mode="reflect"),
        "filter2D": lambda image: cv2.filter2D(image, -1, kernel, borderType=reflected),
    }
    if taps is not None and cell.dtype == "float32":
        found["sepFilter2D"] = lambda image: cv2.sepFilter2D(
            image, -1, taps, taps, borderType=reflected
        )

    def ndimage(image: Array) -> Array:
        sums = image.astype(np.float32, copy=False)
        if taps is None:
            sums = scipy.ndimage.correlate(sums, kernel[:, :, None], mode="mirror")
        else:
            for axis in (0, 1):
                sums = scipy.ndimage.correlate1d(sums, taps, axis, mode="mirror")
        return as_image(sums, image.dtype)

    def oaconvolve(image: Array) -> Array:
        sides = ((radius, radius), (radius, radius), (0, 0))
        framed = np.pad(image.astype(np.float32, copy=False), sides, mode="reflect")
        turned = kernel[::-1, ::-1, None]
        return as_image(scipy.signal.oaconvolve(framed, turned, "valid", axes=(0, 1)), image.dtype)

    def conv2d(image: Array) -> Array:
        planes = torch.from_numpy(image).permute(2, 0, 1)[:, None].float()
        planes = F.pad(planes, (radius,) * 4, mode="reflect")
        if taps is None:
            planes = F.conv2d(planes, torch.from_numpy(kernel)[None, None])
        else:
            line = torch.from_numpy(taps)
            planes = F.conv2d(planes, line.view(1, 1, -1, 1))
            planes = F.conv2d(planes, line.view(1, 1, 1, -1))
        if image.dtype == np.uint8:
            planes = planes.round().clamp(0, 255).byte()
        return planes[:, 0].permute(1, 2, 0).numpy()

    def skimage(image: Array) -> Array:
        from skimage.filters import gaussian

        sigma = 0.15 * cell.size + 0.35
        sums = gaussian(
            image, sigma, mode="mirror", preserve_range=True, truncate=radius / sigma,
            channel_axis=2,
        )  # fmt: skip
        return as_image(sums, image.dtype)

    def pillow(image: Array) -> Array:
        weights = ImageFilter.Kernel(kernel.shape, kernel[::-1].ravel().tolist(), scale=1)
        return np.asarray(Image.fromarray(image).filter(weights))

    found |= {"ndimage": ndimage, "oaconvolve": oaconvolve, "torch": conv2d}
    if taps is not None:
        found["skimage"] = skimage
    if cell.size <= 5 and cell.dtype == "uint8":
        found["Pillow"] = pillow
    return found


def spent(run: Filter, image: Array) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    run(image)
    return time.perf_counter() - start


def worth_waiting(runs: dict[str, Filter], image: Array) -> dict[str, Filter]:
    """Those that do not take more than 20 times as long as the best, by a strip of the image."""
    strip = image[:STRIP]
    times = {name: min(spent(run, strip) for _ in range(3)) for name, run in runs.items()}
    limit = TOO_SLOW * min(times.values())
    return {name: run for name, run in runs.items() if name == OURS or times[name] <= limit}


def measure(runs: dict[str, Filter], image: Array, seconds: float) -> dict[str, list[float]]:
    """Each in each round, in a new order; at least 5 rounds.

    Whoever follows torch finds its threads still spinning, and whoever follows a library on the
    same way finds the image in the cache: by chance, that meets each of them alike.
    """
    orders = np.random.default_rng(0)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run(image)
    start = time.perf_counter()
    while len(times[OURS]) < 5 or time.perf_counter() - start < seconds:
        for name in orders.permutation(list(runs)):
            times[name].append(spent(runs[name], image))
    return times


def differences(runs: dict[str, Filter], image: Array, cell: Cell) -> dict[str, float]:
    """How far each is from float64, on a part of the image; see the top."""
    kernel, taps = cell.kernel()
    part = image[: 3 * STRIP, : 3 * STRIP]
    wide = part.astype(np.float64)
    if taps is None:
        exact = scipy.ndimage.correlate(wide, kernel.astype(np.float64)[:, :, None], mode="mirror")
    else:
        # The float32 weights differ from the products of the taps by their own rounding.
        line = taps.astype(np.float64)
        exact = scipy.ndimage.correlate1d(wide, line, 0, mode="mirror")
        exact = scipy.ndimage.correlate1d(exact, line, 1, mode="mirror")
    if cell.dtype == "uint8":
        exact, scale = np.clip(exact, 0, 255), 1.0
    else:
        scale = float(np.abs(exact).max())
    inside = (slice(cell.size, -cell.size),) * 2  # Pillow copies the border
    return {
        name: float(np.abs(run(part).astype(np.float64) - exact)[inside].max()) / scale
        for name, run in runs.items()
    }


def ratio(one: list[float], other: list[float]) -> float:
    """The median of the rounds' own ratios."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def cells(quick: bool, megapixels: list[int]) -> Iterator[Cell]:
    """Every line of the table."""
    for size in megapixels:
        for dtype in ("float32", "uint8"):
            for separable in (True, False):
                for taps in (3, 15, 31) if quick else SIZES:
                    yield Cell(size, dtype, taps, separable)


def line(cell: Cell, seconds: float) -> tuple[str, float, float]:
    """A row of the table, our time over the best peer's, and filter2D's over ours."""
    values = np.random.default_rng(0).random((*SHAPES[cell.megapixels], 3), np.float32) * 255
    image = values.astype(cell.dtype)
    runs = worth_waiting(peers(cell), image)
    times = measure(runs, image, seconds)
    medians = {name: statistics.median(each) for name, each in times.items()}
    best = min((name for name in runs if name != OURS), key=medians.__getitem__)
    against, faster = ratio(times[OURS], times[best]), ratio(times["filter2D"], times[OURS])
    kernel = cell.kernel()[0]
    way = correlate(image[:999], kernel, mode="reflect", explain=True).way
    apart = differences(runs, image, cell)
    others = max(value for name, value in apart.items() if name != OURS)
    kind = "Gaussian" if cell.separable else "random"
    text = (
        f"{cell.megapixels:2} MP {cell.dtype:7} {kind:8} {cell.size:2}  {way:8}"
        f"{medians[OURS] * 1e3:9.2f} {medians['filter2D'] * 1e3:9.2f}  {best:11}"
        f"{medians[best] * 1e3:9.2f} {against:6.2f} {faster:7.2f}× {apart[OURS]:9.1e} {others:9.1e}"
        f" {os.getloadavg()[0]:5.1f}  {', '.join(name for name in runs if name != OURS)}"
    )
    return text, against, faster


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Convolution, against its peers.")
    parser.add_argument("--quick", action="store_true", help="a few cells")
    parser.add_argument("--seconds", type=float, default=1.5, help="a cell, at least")
    parser.add_argument("--megapixels", type=int, nargs="+", choices=SHAPES, default=[1, 12])
    arguments = parser.parse_args()
    versions = ", ".join(f"{name} {version(name)}" for name in ("pellucid", *PACKAGES))
    print(f"Python {platform.python_version()}, {versions}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n")
    print(
        f"{'image':13} {'kernel':11}  {'way':8}{'ours ms':>9} {'filter2D':>9}  {'best peer':11}"
        f"{'ms':>9} {'ours/it':>7} {'2D/ours':>7} {'off':>9} {'peers off':>9}  load  peers timed"
    )
    lost, slow = [], []
    for cell in cells(arguments.quick, arguments.megapixels):
        text, against, faster = line(cell, arguments.seconds)
        print(text, flush=True)
        lost += [text] if against > 1.1 else []
        slow += [text] if cell.separable and cell.size >= 15 and faster < 3 else []
    print(f"\n{len(lost)} cells slower than 1.1 times the best peer", *lost, sep="\n  ")
    print(f"{len(slow)} separable cells of 15 and up less than 3× filter2D", *slow, sep="\n  ")


if __name__ == "__main__":
    main()
