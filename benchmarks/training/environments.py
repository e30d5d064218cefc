"""A virtual environment a tool, made on first use from pinned requirements."""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from pellucid.cli.console import say
from pellucid.errors import PellucidError
from pellucid.storage import write_bytes

_HERE = Path(__file__).parent
#: Of a package for NVIDIA's graphics cards; a gigabyte and more that a CPU does not need.
_CUDA = ("nvidia-", "nvidia_", "cuda", "triton")
#: Python bindings of 50 kB, which Ultralytics requires.
_HARMLESS = {"nvidia-ml-py"}
#: Ultralytics reports its use unless told not to, https://docs.ultralytics.com/usage/settings/.
_OFF = ("sync", "clearml", "comet", "dvc", "mlflow", "raytune", "tensorboard", "wandb")
#: Below an environment: where Ultralytics keeps its settings.
SETTINGS = "settings"


def environment(name: str, work: Path) -> Path:
    """The folder of a tool's environment; made where it is missing or its requirements changed.

    Raises:
        PellucidError: it cannot be made, or it would hold CUDA.
    """
    folder = work / "venvs" / name
    requirements = _HERE / "requirements" / f"{name}.txt"
    declarations = (_HERE / "sitecustomize.py").read_bytes()
    stamp, content = folder / "made.txt", requirements.read_bytes() + declarations
    if not stamp.exists() or stamp.read_bytes() != content:
        say(f"Making the environment {folder}; this takes minutes.")
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        pip += ["--disable-pip-version-check", "-r", str(requirements)]
        refuse_cuda(_planned(pip))
        _run(pip)
        write_bytes(_packages(folder) / "sitecustomize.py", declarations)
        _switch_off(folder)
        write_bytes(stamp, content)
    return folder


def refuse_cuda(packages: list[tuple[str, str]]) -> None:
    """Make sure that no package (name, version) is for a graphics card.

    Raises:
        PellucidError: one is.

    >>> refuse_cuda([("torch", "2.13.0+cpu"), ("nvidia-ml-py", "13.0")])
    """
    for name, version in packages:
        low = name.lower()
        if "+cu" in version or (low.startswith(_CUDA) and low not in _HARMLESS):
            raise PellucidError(
                f"the environment would get {name} {version}, which is for CUDA: let pip see a "
                "CPU build of torch (--find-links in pip's configuration), then try again."
            )


def _planned(pip: list[str]) -> list[tuple[str, str]]:
    """Name and version of every package that a call of pip would install."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        _run([*pip, "--dry-run", "--report", str(report)])
        found = json.loads(report.read_bytes())["install"]
    return [(one["metadata"]["name"], one["metadata"]["version"]) for one in found]


def _packages(folder: Path) -> Path:
    variables = {"base": str(folder), "platbase": str(folder)}
    return Path(sysconfig.get_path("purelib", "venv", variables))


def _switch_off(folder: Path) -> None:
    """Nothing is reported or fetched by what has settings for it."""
    yolo = folder / "bin" / "yolo"
    if yolo.exists():
        (folder / SETTINGS).mkdir()
        quiet = {"YOLO_CONFIG_DIR": str(folder / SETTINGS), "YOLO_OFFLINE": "true"}
        _run([str(yolo), "settings", *(f"{name}=False" for name in _OFF)], quiet)


def _run(command: list[str], variables: dict[str, str] | None = None) -> None:
    surroundings = os.environ | (variables or {})
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise PellucidError(f"'{' '.join(command)}' failed with {done.returncode}: {lines[-1]}")
