"""How many planted label errors ``pellucid train --folds`` finds, and how far up the list.

    python benchmarks/labels.py photos/ [--noise 0.05] [--folds 5] [--epochs 20] [--size 48]

A share of the labels, of training and test images alike, is changed to another class at random;
the images are trained on with a cross-validation, and its suspects are compared with what was
planted. *Precision* is of the first so many suspects as errors were planted, *recall* of all
suspects. Errors that were in the data before count against it: look at the images listed last.
With cleanlab installed, its own ranking of the same probabilities is shown beside ours.
"""

import argparse
import csv
import os
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import pellucid
from pellucid.data.catalogue import Catalogue
from pellucid.data.open import open_catalogue
from pellucid.evaluation.label_errors import find_label_errors
from pellucid.training.outcome.held_out import HeldOut, read_held_out

#: Images named of those that were doubted first and not planted.
MOST_NAMED = 8


def plant(catalogue: Catalogue, noise: float, seed: int) -> dict[str, int]:
    """Names of images and the wrong classes that they get."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(catalogue), round(noise * len(catalogue)), replace=False)
    classes = len(catalogue.classes)
    return {
        catalogue.samples[index].name: (
            catalogue.samples[index].label + int(rng.integers(1, classes))
        )
        % classes
        for index in chosen
    }


def write(catalogue: Catalogue, wrong: dict[str, int], folder: Path) -> Path:
    """The data set with the wrong labels: a manifest of the same files, or of PNG copies."""
    rows = []
    for index, sample in enumerate(catalogue.samples):
        name = str((catalogue.root / sample.name).resolve())
        if catalogue.kind not in ("folder", "manifest"):
            from pellucid.images import encode_png
            from pellucid.storage import write_bytes

            name = f"{index}.png"
            write_bytes(folder / name, encode_png(catalogue.source.load(index).pixels))
        label = catalogue.classes[wrong.get(sample.name, sample.label)]
        rows.append((name, label, sample.split or ""))
    columns = 3 if any(row[2] for row in rows) else 2
    path = folder / "labels.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "label", "split"][:columns])
        table.writerows(row[:columns] for row in rows)
    return path


def figures(order: NDArray[np.intp], planted: NDArray[np.bool_]) -> str:
    """Precision of the first suspects and recall of all."""
    many = int(planted.sum())
    first, every = planted[order[:many]].sum(), planted[order].sum()
    return (
        f"precision {first / max(1, min(many, len(order))):6.1%} of the first "
        f"{min(many, len(order))}, recall {every / many:6.1%} by all {len(order)} suspects"
    )


def cleanlab_order(found: HeldOut) -> NDArray[np.intp]:
    """The suspects of cleanlab's default, the most suspect first."""
    from cleanlab.filter import find_label_issues

    order: NDArray[np.intp] = find_label_issues(
        found.labels, found.probabilities, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    return order


def main() -> None:
    """Parse the command line and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--noise", type=float, default=0.05, help="share of labels changed")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--size", type=int, help="side of the input, in pixels")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for the run, which is kept")
    options = parser.parse_args()
    catalogue = open_catalogue(options.data)
    wrong = plant(catalogue, options.noise, options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, output = write(catalogue, wrong, folder), options.keep or folder / "run"
        begin = time.perf_counter()
        run = pellucid.train(
            data,
            output,
            folds=options.folds,
            epochs=options.epochs,
            size=options.size,
            overwrite=True,
        )
        seconds = time.perf_counter() - begin
        found = read_held_out(run.folder)
        planted = planted_in(found, catalogue, wrong, data.parent)
    report(run.record["cross_validation"], found, planted)
    print(f"{seconds:.0f} s, load {os.getloadavg()[0]:.1f}, pellucid {pellucid.__version__}")


def planted_in(
    found: HeldOut, catalogue: Catalogue, wrong: dict[str, int], folder: Path
) -> NDArray[np.bool_]:
    """(N,) which of the judged images have a wrong label."""
    kind = catalogue.kind in ("folder", "manifest")
    names = {
        str((catalogue.root / sample.name).resolve()) if kind else f"{index}.png"
        for index, sample in enumerate(catalogue.samples)
        if sample.name in wrong
    }
    return np.array(
        [(str((folder / one).resolve()) if kind else one) in names for one in found.names]
    )


def report(cross: dict[str, float], found: HeldOut, planted: NDArray[np.bool_]) -> None:
    """What was found."""
    errors = find_label_errors(found.probabilities, found.labels)
    print(
        f"{len(planted):,} images, {int(planted.sum())} wrong labels planted; cross-validation "
        f"{cross['mean']:.1%} ± {cross['standard_error']:.1%}"
    )
    print(f"pellucid  {figures(errors.indices, planted)}; estimated {errors.estimated:.0f}")
    if find_spec("cleanlab"):
        print(f"cleanlab  {figures(cleanlab_order(found), planted)}")
    first = [index for index in errors.indices if not planted[index]][:MOST_NAMED]
    print("doubted first of those not planted:")
    for index in first:
        print(f"  {found.names[index]}: {found.classes[found.labels[index]]}")


if __name__ == "__main__":
    main()
