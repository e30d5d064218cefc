"""The audit of a folder with everything wrong that can be wrong, and of small clean ones."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from pellucid.data.audit import Audit, audit_data
from pellucid.data.verdicts import FEW
from pellucid.images.read import Pixels


def tiles(source: Pixels, count: int) -> list[Pixels]:
    """Pictures of 80×100 that do not overlap."""
    found = [
        source[top : top + 80, left : left + 100]
        for top in range(0, source.shape[0] - 79, 80)
        for left in range(0, source.shape[1] - 99, 100)
    ]
    return found[:count]


def write(path: Path, image: Pixels, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, **options)


@pytest.fixture
def untidy(tmp_path: Path) -> Path:
    """Own train and test parts, and one of each fault."""
    cats, cups = tiles(data.chelsea(), 9), tiles(data.coffee(), 15)
    for index, image in enumerate(cats):
        write(tmp_path / "train" / "cat" / f"{index}.jpg", image, quality=92)
    for index, image in enumerate(cups[:9]):
        write(tmp_path / "train" / "cup" / f"{index}.png", image)
    for index, image in enumerate(cups[9:]):
        write(tmp_path / "test" / "cup" / f"{index}.png", image)
    test = tmp_path / "test"
    write(test / "cup" / "again.jpg", cups[2], quality=60)  # of train/cup/2.png
    write(tmp_path / "train" / "cat" / "really-a-cup.png", np.ascontiguousarray(cups[4][:, ::-1]))
    write(tmp_path / "train" / "cat" / "twice.png", cats[5])
    (tmp_path / "train" / "cat" / "thrice.png").write_bytes(
        (tmp_path / "train" / "cat" / "twice.png").read_bytes()
    )
    exif = Image.Exif()
    exif[274] = 6
    write(tmp_path / "train" / "cup" / "turned.jpg", tiles(data.rocket(), 20)[17], exif=exif)
    (tmp_path / "train" / "cat" / "empty.png").touch()
    whole = (tmp_path / "train" / "cat" / "3.jpg").read_bytes()
    (tmp_path / "train" / "cat" / "half.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "train" / "cat" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "train" / "cat" / "notes.txt").write_text("no image")
    return tmp_path


def sentences(audit: Audit, severity: str) -> str:
    return "\n".join(v.sentence for v in audit.verdicts if v.severity == severity)


def test_everything_is_named(untidy: Path) -> None:
    audit = audit_data(untidy)
    assert audit.images == 9 + 15 + 1 + 1 + 2 + 1
    assert audit.formats == {"PNG": 18, "JPEG": 11}
    faults = {entry.name: entry.why for entry in (*audit.faults, *audit.left_out)}
    assert faults["train/cat/empty.png"] == "empty"
    assert faults["train/cat/half.jpg"] == "truncated"
    assert "train/cat/.DS_Store" in faults and "train/cat/notes.txt" in faults
    assert not audit.complete
    copies = {(copy.first, copy.second): copy for copy in audit.copies}
    across = copies["test/cup/again.jpg", "train/cup/2.png"]
    assert across.kind == "near" and across.own == ("test", "train") and not across.straddles
    conflict = copies["train/cat/really-a-cup.png", "train/cup/4.png"]
    assert conflict.kind == "mirrored" and conflict.classes == ("cat", "cup")
    exact = copies["train/cat/thrice.png", "train/cat/twice.png"]
    assert exact.kind == "exact" and exact.score == 1
    assert audit.leaks == ("train/cup/2.png",)
    assert audit.conflicts == ("train/cat/really-a-cup.png", "train/cup/4.png")
    assert audit.count_copies()["parts"]["across"] == 1
    assert audit.count_copies()["classes"]["across"] == 1
    warnings = sentences(audit, "warning")
    for words in ("empty.png (empty)", "train/cup/2.png", "really-a-cup", "no image in test: cat"):
        assert words in warnings, words
    assert "hidden or system" in sentences(audit, "info")
    assert "rotated" in sentences(audit, "info")
    assert sentences(audit, "error") == ""


def test_the_parts_add_up(untidy: Path) -> None:
    audit = audit_data(untidy)
    used = sum(each.train + each.val + each.test for each in audit.classes)
    assert used == audit.images - len(audit.leaks) - len(audit.conflicts)
    cup = audit.classes[1]
    assert (cup.name, cup.images, cup.test) == ("cup", 17, 7)
    assert cup.train + cup.val == 10 - 2
    assert audit.imbalance == pytest.approx(17 / 12)


def test_sizes_against_numpy(untidy: Path) -> None:
    audit = audit_data(untidy)
    heights = np.array([80] * 28 + [100])  # one was stored lying on its side
    assert audit.height is not None and audit.width is not None
    assert (audit.height.least, audit.height.median, audit.height.most) == (
        heights.min(),
        np.median(heights),
        heights.max(),
    )
    assert (audit.width.least, audit.width.most) == (80, 100)


def test_json_holds_everything(untidy: Path) -> None:
    audit = audit_data(untidy)
    values = json.loads(json.dumps(audit.to_json(), allow_nan=False))
    assert values["images"] == audit.images
    assert values["verdicts"][0].keys() == {"severity", "sentence"}
    assert len(values["copies"]) == len(audit.copies)
    assert {entry["name"] for entry in values["faults"]} == {e.name for e in audit.faults}
    assert values["parts"] == {
        part: sum(getattr(each, part) for each in audit.classes) for part in values["parts"]
    }
    assert values["copy_counts"] == audit.count_copies()


def test_same_data_and_seed_give_the_same_audit(untidy: Path) -> None:
    assert audit_data(untidy, seed=3) == audit_data(untidy, seed=3)


@pytest.fixture
def clean(tmp_path: Path) -> Callable[[int, int], Path]:
    def make(cats: int, cups: int) -> Path:
        for name, source, count in (("cat", data.chelsea(), cats), ("cup", data.coffee(), cups)):
            for index, image in enumerate(tiles(source, count)):
                write(tmp_path / name / f"{index}.png", image)
        return tmp_path

    return make


def test_nothing_to_remark(clean: Callable[[int, int], Path]) -> None:
    audit = audit_data(clean(10, 10))
    assert audit.verdicts == () and audit.complete and audit.imbalance == 1
    assert (audit.leaks, audit.conflicts, audit.copies) == ((), (), ())


def test_small_classes_are_warned_of(clean: Callable[[int, int], Path]) -> None:
    audit = audit_data(clean(1, 15))
    assert audit.imbalance == 15
    warnings = sentences(audit, "warning")
    assert f"fewer than {FEW} images: cat (1)" in warnings
    assert "no image in val: cat" in warnings and "no image in test: cat" in warnings
    assert "15.0 times" in warnings


def test_nothing_usable_is_an_error(clean: Callable[[int, int], Path]) -> None:
    folder = clean(2, 2)
    for path in folder.rglob("*.png"):
        path.write_bytes(cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1].tobytes()[:30])
    audit = audit_data(folder)
    assert audit.images == 0 and audit.height is None and len(audit.faults) == 4
    assert sentences(audit, "error") == "No image can be used."
    json.dumps(audit.to_json(), allow_nan=False)
