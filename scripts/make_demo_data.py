"""Build the bundled demo data from Debian's ``dataset-fashion-mnist`` package.

    apt-get install dataset-fashion-mnist
    python scripts/make_demo_data.py

The rule: each class has m images in the original file and n are wanted, so those at positions
``floor(i * m / n)`` for i = 0, …, n - 1 *within the class* are taken (here every tenth), and kept
in the file's order. Nothing is drawn at random. The gzip headers carry no time and no name, so
that the same zlib writes the same bytes.
"""

import argparse
import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SOURCE = Path("/usr/share/datasets/fashion-mnist")
TARGET = Path(__file__).resolve().parents[1] / "src" / "pellucid" / "demo" / "fashion-mnist"
#: Images kept per class, by the idx file's prefix.
PER_CLASS = {"train": 600, "t10k": 100}


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array in a gzipped idx file of unsigned bytes."""
    data = gzip.decompress(path.read_bytes())
    kind, axes = data[2], data[3]
    if data[:2] != b"\0\0" or kind != 0x08:
        raise SystemExit(f"{path}: expected an idx file of unsigned bytes.")
    shape = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """``array`` as an idx file: magic, big-endian shape, bytes in C order."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 0x08, array.ndim, *array.shape)
    return header + array.tobytes()


def evenly_by_class(labels: NDArray[np.uint8], per_class: int) -> NDArray[np.intp]:
    """Indices of ``per_class`` evenly spaced images of every class, ascending."""
    taken = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) < per_class:
            raise SystemExit(f"class {label} has {len(members)} images; {per_class} are wanted.")
        taken.append(members[np.arange(per_class) * len(members) // per_class])
    return np.sort(np.concatenate(taken))


def build(source: Path, target: Path) -> None:
    """Write the four ``.gz`` files of the subset into ``target``."""
    for prefix, per_class in PER_CLASS.items():
        images = read_idx(source / f"{prefix}-images-idx3-ubyte.gz")
        labels = read_idx(source / f"{prefix}-labels-idx1-ubyte.gz")
        taken = evenly_by_class(labels, per_class)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            path = target / f"{prefix}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(idx_bytes(array[taken]), compresslevel=9, mtime=0))
            print(f"{path.name}: {len(taken)} of {len(labels)}, {path.stat().st_size:,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the bundled demo data.")
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder of the idx files")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder to write to")
    arguments = parser.parse_args()
    if not arguments.source.is_dir():
        raise SystemExit(
            f"no folder {arguments.source}: install the package dataset-fashion-mnist "
            "(apt-get install dataset-fashion-mnist) or give --source."
        )
    build(arguments.source, arguments.target)


if __name__ == "__main__":
    main()
