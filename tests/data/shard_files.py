"""Tar files of samples, good and bad, for tests."""

import io
import tarfile
from pathlib import Path

import cv2
import numpy as np


def png(value: int, side: int = 4) -> bytes:
    """A flat gray picture."""
    return bytes(cv2.imencode(".png", np.full((side, side), value, np.uint8))[1])


def write_tar(path: Path, members: list[tuple[str, bytes]]) -> Path:
    """A tar file of such members, in any case as they are given."""
    with tarfile.open(path, "w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def sample(key: str, value: int, label: str) -> list[tuple[str, bytes]]:
    """The members of one sample."""
    return [(f"{key}.png", png(value)), (f"{key}.cls", label.encode())]


def write_set(folder: Path, sizes: list[int], classes: int = 3) -> list[Path]:
    """Shards without an index; the value of a picture numbers it."""
    folder.mkdir(parents=True, exist_ok=True)
    paths, number = [], 0
    for place, size in enumerate(sizes):
        members = []
        for _ in range(size):
            members += sample(f"{number:04d}", number % 256, f"class{number % classes}")
            number += 1
        paths.append(write_tar(folder / f"part-{place:03d}.tar", members))
    return paths
