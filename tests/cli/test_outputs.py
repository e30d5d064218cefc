"""Where pictures made of pictures go."""

from pathlib import Path

import pytest

from pellucid.cli.outputs import Job, jobs_for
from pellucid.errors import StorageError, UsageError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in ("in/deep", "other", "out"):
        Path(folder).mkdir(parents=True)
    return tmp_path


def targets(words, paths, output, overwrite=False):
    jobs = jobs_for(words, paths, Path(output), overwrite=overwrite)
    assert [job.source for job in jobs] == paths
    return [str(job.target) for job in jobs]


def test_without_output_nothing_is_written():
    assert jobs_for(["a.png"], ["a.png"], None, overwrite=False) == [Job("a.png", None)]


def test_one_file_to_a_file_or_into_a_folder(here):
    assert targets(["in/a.jpg"], ["in/a.jpg"], "b.png") == ["b.png"]
    assert targets(["in/a.jpg"], ["in/a.jpg"], "out") == ["out/a.jpg"]


def test_several_files_into_a_folder(here):
    assert targets(["a.jpg", "in/b.gif"], ["a.jpg", "in/b.gif"], "new") == [
        "new/a.jpg", "new/b.gif.png",
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["in", "in/", "./in"])
def test_folders_keep_what_is_below_them(here, word):
    slash = word if word.endswith("/") else f"{word}/"
    paths = [f"{slash}deep/a.png", f"{slash}b.PNG", "c.jpg"]
    assert targets([word, "c.jpg"], paths, "out") == ["out/deep/a.png", "out/b.PNG", "out/c.jpg"]


def test_a_folder_of_one_goes_to_a_folder(here):
    assert targets(["in"], ["in/a.png"], "new.d") == ["new.d/a.png"]


def test_refusals(here):
    with pytest.raises(UsageError, match=r"in/a\.png and other/a\.png would both be written to"):
        targets(["in", "other"], ["in/a.png", "other/a.png"], "out")
    with pytest.raises(UsageError, match="unknown suffix"):
        targets(["a.png"], ["a.png"], "b.bmp")
    Path("in/a.png").write_bytes(b"")
    for overwrite in (True, False):
        with pytest.raises(UsageError, match="would be replaced by its own result"):
            targets(["in"], ["in/a.png"], "in", overwrite)
    for name in ("x.png", "y.png"):
        Path("out", name).write_bytes(b"")
    with pytest.raises(StorageError, match=r"out/x\.png \(and 1 more\) exists"):
        targets(["in"], ["in/x.png", "in/y.png"], "out")
    assert targets(["in"], ["in/x.png"], "out", overwrite=True) == ["out/x.png"]
    with pytest.raises(StorageError, match=r"in/a\.png is a file: name a folder"):
        targets(["in"], ["in/b.png"], "in/a.png")
