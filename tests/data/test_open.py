"""Every kind of data set is recognised; what is none is refused in one sentence."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from pellucid.data.open import open_catalogue
from pellucid.errors import DataError

PNG = bytes(cv2.imencode(".png", np.zeros((2, 2), np.uint8))[1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a/1.png", "b/1.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(PNG)
    return tmp_path


def test_kinds(folder: Path) -> None:
    assert open_catalogue(folder).kind == "folder"
    assert open_catalogue(str(folder)).kind == "folder"
    np.savez(folder / "d.npz", x=np.zeros((2, 3, 3)), y=[0, 1])
    assert open_catalogue(folder / "d.npz").kind == "npz"
    (folder / "T.CSV").write_text("path,label\na/1.png,x\nb/1.png,y\n", "utf-8")
    assert open_catalogue(folder / "T.CSV").kind == "manifest"
    (folder / "s-images-idx3-ubyte").write_bytes(b"\0\0\x08\3\0\0\0\2\0\0\0\1\0\0\0\1ab")
    (folder / "s-labels-idx1-ubyte").write_bytes(b"\0\0\x08\1\0\0\0\2\0\1")
    assert open_catalogue(folder / "s-images-idx3-ubyte").kind == "idx"
    assert open_catalogue(folder).kind == "idx"


def test_what_is_no_data_set(folder: Path) -> None:
    (folder / "photo.jpg").write_bytes(PNG)
    (folder / "empty").mkdir()
    for path, sentence in [
        (folder / "nowhere", "no file or folder"),
        (folder / "photo.jpg", "is no data set that Pellucid reads"),
        (folder / "empty", "is empty"),
        (folder / "a", "lie in no class folder"),
    ]:
        with pytest.raises(DataError, match=sentence) as caught:
            open_catalogue(path)
        assert path.name in str(caught.value)


def test_neither_torch_nor_pillow_nor_pyarrow_is_loaded(folder: Path) -> None:
    code = (
        "import sys; from pellucid.data.open import open_catalogue; "
        f"open_catalogue({str(folder)!r}); "
        "print({name.split('.')[0] for name in sys.modules} & {'torch', 'PIL', 'pyarrow', 'cv2'})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert result.stdout.strip() == "set()"
