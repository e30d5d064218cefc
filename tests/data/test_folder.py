"""Reading a folder per class, on real folders."""

import os
import random
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data.catalogue import Catalogue
from pellucid.data.folder import read_folder
from pellucid.data.naming import natural_key
from pellucid.errors import DataError, ImageError


def png(value: int) -> bytes:
    return bytes(cv2.imencode(".png", np.full((2, 3), value, np.uint8))[1])


def make(root: Path, *names: str) -> Path:
    """Files of the given names; images have their position as pixel value."""
    for value, name in enumerate(names):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(png(value))
    return root


def table(catalogue: Catalogue) -> list[tuple[str, str, str | None]]:
    return [
        (sample.name, catalogue.classes[sample.label], sample.split) for sample in catalogue.samples
    ]


def left_out(catalogue: Catalogue) -> dict[str, str]:
    return {item.name: item.why for item in catalogue.left_out}


def test_a_folder_per_class(tmp_path: Path) -> None:
    catalogue = read_folder(make(tmp_path, "dog/2.png", "dog/10.png", "cat/x.png", "dog/1.PNG"))
    assert catalogue.kind == "folder"
    assert table(catalogue) == [
        ("cat/x.png", "cat", None),
        ("dog/1.PNG", "dog", None),
        ("dog/2.png", "dog", None),
        ("dog/10.png", "dog", None),
    ]
    assert [catalogue.source.load(index).pixels[0, 0, 0] for index in range(4)] == [2, 3, 0, 1]
    assert catalogue.left_out == ()


def test_classes_are_in_natural_order(tmp_path: Path) -> None:
    names = ["10", "009", "0", "img2", "img10", "Img1"]
    catalogue = read_folder(make(tmp_path, *(f"{name}/a.png" for name in names)))
    assert catalogue.classes == ("0", "009", "10", "Img1", "img2", "img10")


def test_deeper_folders_belong_to_their_class(tmp_path: Path) -> None:
    catalogue = read_folder(make(tmp_path, "cat/young/black/1.png", "cat/2.png", "dog/old/1.png"))
    assert catalogue.classes == ("cat", "dog")
    assert [sample.label for sample in catalogue.samples] == [0, 0, 1]


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [("train", "val", "test"), ("Training", "VALID", "Testing"), ("TRAIN", "dev", "Test")],
)
def test_split_folders(tmp_path: Path, train: str, val: str, test: str) -> None:
    names = [f"{split}/{name}/a.png" for split in (train, val, test) for name in ("cat", "dog")]
    catalogue = read_folder(make(tmp_path, *names, f"{train}/cat/deeper/b.png"))
    assert catalogue.classes == ("cat", "dog")
    splits = {name.split("/")[0]: split for name, _, split in table(catalogue)}
    assert splits == {train: "train", val: "val", test: "test"}


def test_one_train_folder_among_classes_is_a_class(tmp_path: Path) -> None:
    catalogue = read_folder(make(tmp_path, "train/1.png", "bus/1.png", "plane/1.png"))
    assert catalogue.classes == ("bus", "plane", "train")
    assert {sample.split for sample in catalogue.samples} == {None}


def test_train_alone_is_a_split(tmp_path: Path) -> None:
    catalogue = read_folder(make(tmp_path, "train/cat/1.png", "train/dog/1.png"))
    assert catalogue.classes == ("cat", "dog")
    assert {sample.split for sample in catalogue.samples} == {"train"}


def test_other_folders_beside_splits_are_named(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.png", "train/b/1.png", "test/a/2.png", "extra/a/3.png")
    catalogue = read_folder(tmp_path)
    assert len(catalogue) == 3
    assert left_out(catalogue) == {"extra/a/3.png": "no-class"}


def test_images_without_a_class_folder_are_named(tmp_path: Path) -> None:
    catalogue = read_folder(make(tmp_path, "0.png", "a/1.png", "b/1.png"))
    assert left_out(catalogue) == {"0.png": "no-class"}
    make(tmp_path / "s", "train/0.png", "train/a/1.png", "train/b/1.png", "test/a/1.png")
    assert left_out(read_folder(tmp_path / "s")) == {"train/0.png": "no-class"}


def test_what_is_passed_over_is_named(tmp_path: Path) -> None:
    names = {
        "a/.hidden.png": "hidden",
        ".git": "hidden",
        ".DS_Store": "system",
        "a/Thumbs.db": "system",
        "a/desktop.ini": "system",
        "__MACOSX": "system",
        "a/@eaDir": "system",
        "a/notes.txt": "not-an-image",
        "a/README": "not-an-image",
        "b/phone.heic": "not-an-image",
        "b/link.png": "missing",
        "b/pipe.png": "unreadable",
        "empty": "empty-class",
        "texts": "empty-class",
        "texts/a.txt": "not-an-image",
    }
    make(tmp_path, "a/1.png", "b/1.png", "a/.hidden.png", "a/Thumbs.db", "a/notes.txt")
    make(tmp_path, ".git/x/1.png", ".DS_Store", "__MACOSX/a/1.png", "a/@eaDir/1.png", "a/README")
    make(tmp_path, "a/desktop.ini", "b/phone.heic", "texts/a.txt")
    (tmp_path / "empty").mkdir()
    (tmp_path / "b/link.png").symlink_to("nowhere.png")
    os.mkfifo(tmp_path / "b/pipe.png")
    catalogue = read_folder(tmp_path)
    assert left_out(catalogue) == names
    assert [name for name, *_ in table(catalogue)] == ["a/1.png", "b/1.png"]
    assert all(item.detail for item in catalogue.left_out)


def test_class_without_images_in_one_split_only_is_kept(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.png", "train/b/1.png", "val/a/1.png")
    (tmp_path / "val/b").mkdir()
    (tmp_path / "val/c").mkdir()
    assert left_out(read_folder(tmp_path)) == {"val/c": "empty-class"}


def test_links_are_followed_and_loops_named(tmp_path: Path) -> None:
    make(tmp_path / "data", "a/1.png", "b/1.png")
    make(tmp_path / "elsewhere", "1.png")
    (tmp_path / "data/a/up").symlink_to("..")
    (tmp_path / "data/b/self").symlink_to("self")
    (tmp_path / "data/c").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data/b/linked.png").symlink_to("1.png")
    catalogue = read_folder(tmp_path / "data")
    assert [name for name, *_ in table(catalogue)] == [
        "a/1.png", "b/1.png", "b/linked.png", "c/1.png",
    ]  # fmt: skip
    assert left_out(catalogue) == {"a/up": "link-loop", "b/self": "link-loop"}


def test_names_of_any_kind_survive(tmp_path: Path) -> None:
    odd = ["with space .png", "🐱.png", "new\nline.png", os.fsdecode(b"\xff\xfe.png"), "a'b\".png"]
    catalogue = read_folder(make(tmp_path, *(f"🐱 {i}/{name}" for i, name in enumerate(odd))))
    assert [name.split("/")[1] for name, *_ in table(catalogue)] == odd
    for index in range(len(odd)):
        assert catalogue.source.load(index).pixels[0, 0, 0] == index
    (tmp_path / table(catalogue)[3][0]).write_bytes(b"")
    with pytest.raises(ImageError, match="zero bytes"):
        catalogue.source.load(3)


def test_order_does_not_depend_on_the_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, *(f"{name}/{i}.png" for name in "cab" for i in range(12)), "c/.x.png", "q/r.txt")
    first = read_folder(tmp_path)
    scandir = os.scandir

    class Shuffled:
        def __init__(self, path: str) -> None:
            with scandir(path) as entries:
                self.entries = list(entries)
            random.Random(3).shuffle(self.entries)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(os, "scandir", Shuffled)
    second = read_folder(tmp_path)
    assert table(first) == table(second)
    assert first.left_out == second.left_out


def test_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/1.png", "b/1.png", "c/1.png")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith(("/c", "/c/")) or path == refused:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    refused = ""
    monkeypatch.setattr(os, "scandir", refuse)
    catalogue = read_folder(tmp_path)
    assert left_out(catalogue) == {"c": "unreadable"}
    assert len(catalogue.left_out) == 1
    refused = f"{tmp_path}/"
    with pytest.raises(DataError, match="Permission denied"):
        read_folder(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list everything")
def test_folder_that_cannot_be_listed_for_real(tmp_path: Path) -> None:
    make(tmp_path, "a/1.png", "b/1.png", "c/1.png")
    (tmp_path / "c").chmod(0)
    try:
        catalogue = read_folder(tmp_path)
    finally:
        (tmp_path / "c").chmod(0o700)
    assert any(item.why == "unreadable" and item.name == "c" for item in catalogue.left_out)


def test_unusable_folders(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for root, sentence in [
        (empty, "is empty"),
        (make(tmp_path / "flat", "1.png", "2.png"), "the 2 images in .* lie in no class folder"),
        (make(tmp_path / "one", "cat/1.png"), "only one class, 'cat'"),
        (make(tmp_path / "wrapped", "set/a/1.png", "set/b/1.png"), "name '.*/wrapped/set' instead"),
        (make(tmp_path / "texts", "a/1.txt", "b/.2"), r"no image found in .*1 hidden, 1 not-an"),
        (make(tmp_path / "splits", "train/1.png", "test/1.png"), "lie in no class folder"),
        (tmp_path / "nothing", "cannot list"),
    ]:
        with pytest.raises(DataError, match=sentence) as caught:
            read_folder(root)
        assert root.name in str(caught.value)


def test_wrapped_in_a_split(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"name '.*/train/set' instead"):
        read_folder(make(tmp_path, "train/set/a/1.png", "train/set/b/1.png"))


def test_stamp_changes_with_the_file(tmp_path: Path) -> None:
    catalogue = read_folder(make(tmp_path, "a/1.png", "b/1.png"))
    before = catalogue.source.stamp(0)
    assert before == catalogue.source.stamp(0)
    os.utime(tmp_path / "a/1.png", ns=(1, 1))
    touched = catalogue.source.stamp(0)
    (tmp_path / "a/1.png").unlink()
    gone = catalogue.source.stamp(0)
    assert len({before, touched, gone}) == 3
    with pytest.raises(ImageError) as caught:
        catalogue.source.load(0)
    assert caught.value.fault == "missing"
    catalogue.source.close()


@given(st.lists(st.from_regex(r"\A[aB]?[0-9]{0,4}[aB]?[0-9]{0,3}\Z"), max_size=30))
def test_natural_order(names: list[str]) -> None:
    ordered = sorted(names, key=natural_key)
    backwards = names[::-1]
    assert ordered == sorted(backwards, key=natural_key)  # total: no ties
    for one, two in pairwise(ordered):
        if one.isdigit() and two.isdigit():
            assert int(one) <= int(two)


@given(st.text(max_size=20), st.text(max_size=20))
def test_natural_key_compares_any_two_names(one: str, two: str) -> None:
    assert (natural_key(one) < natural_key(two)) + (natural_key(two) < natural_key(one)) == (
        one != two
    )
