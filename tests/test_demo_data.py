"""The bundled demo data: complete, balanced, unchanged, and what its script makes."""

import gzip
import hashlib
import runpy
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pellucid.demo import demo_data

SCRIPT = Path(__file__).parents[1] / "scripts" / "make_demo_data.py"
#: SHA-256 of the idx files inside the ``.gz`` (the compressed bytes depend on zlib's version).
DIGESTS = {
    "t10k-images-idx3-ubyte": "e674901a2105ff5df3904e7a1c7c3baf3cc5026f0b1d055c6ee79b9d4338b750",
    "t10k-labels-idx1-ubyte": "10e62f9028e441be81aa9f3eff693ce58e4a71b7ede00d9048d6439939c08d2d",
    "train-images-idx3-ubyte": "697c04572905eac443c0f271f8966f856ad3eadc8b0940bca92a8abb35197ea6",
    "train-labels-idx1-ubyte": "5f56e302b5b368e3de7323f6b585e0e8323af7ee901a41aa5ad1d647590af8d8",
}


def load(folder: Path, name: str) -> bytes:
    return gzip.decompress((folder / f"{name}.gz").read_bytes())


@pytest.mark.parametrize("name", DIGESTS)
def test_content_is_the_recorded_one(name: str) -> None:
    assert hashlib.sha256(load(demo_data(), name)).hexdigest() == DIGESTS[name]


@pytest.mark.parametrize(("prefix", "per_class"), [("train", 600), ("t10k", 100)])
def test_balanced_and_shaped(prefix: str, per_class: int) -> None:
    images = load(demo_data(), f"{prefix}-images-idx3-ubyte")
    labels = load(demo_data(), f"{prefix}-labels-idx1-ubyte")
    count = 10 * per_class
    assert struct.unpack(">4I", images[:16]) == (0x803, count, 28, 28)
    assert struct.unpack(">2I", labels[:8]) == (0x801, count)
    assert len(images) == 16 + count * 28 * 28
    assert np.bincount(np.frombuffer(labels[8:], np.uint8)).tolist() == [per_class] * 10


def test_classes_licence_and_size() -> None:
    folder = demo_data()
    classes = (folder / "classes.txt").read_text("utf-8").splitlines()
    assert classes[0] == "T-shirt/top"
    assert classes[9] == "Ankle boot"
    assert len(set(classes)) == 10
    assert "Zalando SE" in (folder.parent / "LICENSE.fashion-mnist").read_text("utf-8")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3.5e6


def test_gzip_headers_carry_neither_time_nor_name() -> None:
    for path in demo_data().glob("*.gz"):
        header = path.read_bytes()[:10]
        assert header[3] == 0
        assert header[4:8] == b"\0\0\0\0"


def test_rule_takes_evenly_spaced_images_of_each_class() -> None:
    script = runpy.run_path(str(SCRIPT))
    labels = np.array([0, 1, 0, 0, 1, 0, 0, 1, 0, 1], np.uint8)
    # Class 0 lies at 0, 2, 3, 5, 6, 8: positions 0, 2, 4 of it; class 1 at 1, 4, 7, 9: 0, 1, 2.
    assert script["evenly_by_class"](labels, 3).tolist() == [0, 1, 3, 4, 6, 7]


def test_script_makes_the_bundled_files(tmp_path: Path) -> None:
    script = runpy.run_path(str(SCRIPT))
    source: Path = script["SOURCE"]
    if not source.is_dir():
        pytest.skip("needs Debian's package dataset-fashion-mnist")
    script["build"](source, tmp_path)
    for name in DIGESTS:
        assert load(tmp_path, name) == load(demo_data(), name)


def test_idx_round_trip(tmp_path: Path) -> None:
    script = runpy.run_path(str(SCRIPT))
    array: NDArray[np.uint8] = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(script["idx_bytes"](array)))
    assert np.array_equal(script["read_idx"](path), array)
