"""Every ``console`` and ``python`` block of the README, run in order in one folder.

A ``console`` block has lines ``$ command``, each followed by what it prints on both streams, or
by nothing, in which case only its exit code is checked. Printed and expected text are compared
line by line, with these freedoms: a line ``…`` stands for any lines, ``…`` within a line for any
characters, runs of spaces are one space, and a percentage may differ by BAND points (training
differs from machine to machine). Lines of progress, of which a busy machine prints more, are left
out. Any figure that varies otherwise, such as a time, is written as ``…`` in the README.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRESS = re.compile(r".*: [\d,]+ of [\d,]+ \(\d+%\).*")
PERCENTAGE = re.compile(r"\d+(?:\.\d+)?(?=%)")
BAND = 3.0


def steps(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a console block with the lines expected after each."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def differs(expected: list[str], printed: list[str]) -> str | None:
    """The first line expected and not printed, or None where all agree."""
    rest = iter(printed)
    anywhere = False
    for line in expected:
        if line.strip() == "…":
            anywhere = True
        elif anywhere:
            if not any(agrees(line, candidate) for candidate in rest):
                return line
            anywhere = False
        elif not agrees(line, next(rest, "")):
            return line
    return None if anywhere or next(rest, None) is None else "(nothing more)"


def agrees(expected: str, printed: str) -> bool:
    expected, printed = " ".join(expected.split()), " ".join(printed.split())
    pattern = PERCENTAGE.sub("\0", expected)
    pattern = re.escape(pattern).replace("…", ".*").replace("\0", r"(\d+(?:\.\d+)?)")
    match = re.fullmatch(pattern, printed)
    if match is None:
        return False
    wanted = PERCENTAGE.findall(expected)
    return all(
        abs(float(one) - float(other)) <= BAND
        for one, other in zip(wanted, match.groups(), strict=True)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The user's side of the README: ``photos`` with three classes, ``new`` with two images, a
    photo of a cat, and prices of thirty days."""
    import gzip

    from PIL import Image
    from skimage.data import chelsea

    from pellucid.demo import demo_data

    def load(name: str, header: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        data = gzip.decompress((demo_data() / name).read_bytes())
        return np.frombuffer(data, np.uint8, offset=header)

    images = load("train-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
    labels = load("train-labels-idx1-ubyte.gz", 8)
    for label, name in ((1, "trousers"), (7, "sneakers"), (8, "bags")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for index in np.flatnonzero(labels == label)[:100]:
            Image.fromarray(images[index]).save(tmp_path / "photos" / name / f"{index}.png")
    (tmp_path / "new").mkdir()
    for position, label in enumerate((1, 8), start=1):
        index = np.flatnonzero(labels == label)[200]
        Image.fromarray(images[index]).save(tmp_path / "new" / f"{position}.png")
    Image.fromarray(chelsea()).save(tmp_path / "cat.png")
    prices = [f"2026-01-{day:02},{100 + day % 7}" for day in range(1, 31)]
    (tmp_path / "prices.csv").write_text("\n".join(["day,price", *prices]), "utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_readme_is_true(folder: Path) -> None:
    for language, block in BLOCK.findall(README.read_text("utf-8")):
        if language == "python":
            check([sys.executable, "-c", block], [], folder)
            continue
        for command, expected in steps(block):
            words = shlex.split(command)
            assert words[0] == "pellucid", f"the README runs '{command}'"
            check([sys.executable, "-m", *words], expected, folder)


def check(words: list[str], expected: list[str], folder: Path) -> None:
    done = subprocess.run(
        words, cwd=folder, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, f"{words} failed:\n{done.stdout}"
    if expected:
        lines = done.stdout.splitlines()
        wrong = differs(expected, [line for line in lines if not PROGRESS.fullmatch(line)])
        assert wrong is None, f"{words}: expected '{wrong}' in\n{done.stdout}"


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["accuracy 89.9%"], ["accuracy  91.0%"], True),
        (["accuracy 89.9%"], ["accuracy 80.0%"], False),
        (["1,000 images"], ["1,001 images"], False),
        (["took … s"], ["took 12.3 s"], True),
        (["a", "…", "d"], ["a", "b", "c", "d"], True),
        (["a", "…", "d"], ["a", "b", "c"], False),
        (["a"], ["a", "b"], False),
        (["a", "…"], ["a", "b"], True),
    ],
)
def test_the_comparison_sees_differences(
    expected: list[str], printed: list[str], same: bool
) -> None:
    assert (differs(expected, printed) is None) == same


def test_the_readme_has_blocks_to_run() -> None:
    languages = [language for language, _ in BLOCK.findall(README.read_text("utf-8"))]
    assert languages.count("console") >= 4
    assert "python" in languages
