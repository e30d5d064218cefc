"""Imports go one way, and what should start fast or run without torch does."""

import ast
import json
import resource
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((SOURCE / "pellucid").rglob("*.py"))
}
#: Packages whose modules load without torch, one exception apart.
WITHOUT_TORCH = (
    "errors", "text", "storage", "watch", "threads", "demo", "geometry", "images", "operators",
    "data", "report", "api", "cli",
)  # fmt: skip
WITH_TORCH = {"pellucid.data.augmentation"}
HEAVY = (
    "torch", "cv2", "numpy", "PIL", "rich", "jinja2", "fastapi", "starlette", "uvicorn", "nicegui",
)  # fmt: skip


#: Packages whose parts have an order.
LAYERED = ("pellucid", "pellucid.training")


@cache
def layers(package: str) -> dict[str, int]:
    """Rank of each part of a package, 0 at the bottom, from its contract in pyproject.toml."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    [contract] = [
        contract
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers" and contract["containers"] == [package]
    ]
    return {
        name.strip().strip("()"): rank
        for rank, line in enumerate(reversed(contract["layers"]))
        for name in line.replace("|", ":").split(":")  # | also keeps the siblings apart
    }


def imported(path: Path) -> Iterator[str]:
    """Every module of Pellucid that a file imports, wherever; not those for type checking only."""
    pending: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            pending += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("pellucid"))
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if node.module is not None and node.module.startswith("pellucid"):
                    yield inner if inner in MODULES else node.module
        pending += ast.iter_child_nodes(node)


def part(module: str, package: str = "pellucid") -> str:
    """The part of a package that a module belongs to; empty for the package, and outside of it."""
    return (
        module.removeprefix(f"{package}.").split(".")[0] if module.startswith(f"{package}.") else ""
    )


@pytest.mark.parametrize(
    ("package", "module"),
    [(package, name) for package in LAYERED for name in MODULES if part(name, package)],
)
def test_a_module_imports_only_from_its_own_layer_and_those_below(
    package: str, module: str
) -> None:
    rank, own = layers(package), part(module, package)
    for target in imported(MODULES[module]):
        if part(target, package) not in ("", own):
            assert rank[part(target, package)] < rank[own], f"{module} imports {target}"


def fresh(code: str) -> str:
    """What ``code`` prints last in a fresh Python process."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "code",
    [
        "import pellucid",
        "from pellucid.cli.main import run; run(['--help'])",
        "from pellucid.cli.main import run; run(['--version'])",
        "from pellucid.cli.main import run; run(['predict', '--help'])",
        "from pellucid.cli.main import run; run(['serve', '--help'])",
        "from pellucid.cli.main import run; run(['studio', '--help'])",
    ],
)
def test_starts_without_heavy_modules(code: str) -> None:
    found = fresh(f"import sys, json; {code}; print(json.dumps(list(sys.modules)))")
    assert not set(HEAVY) & set(json.loads(found))


def test_modules_load_without_torch() -> None:
    names = [
        name for name in MODULES if part(name) in WITHOUT_TORCH and name not in WITH_TORCH
    ]  # fmt: skip
    names += [name for name in MODULES if name == "pellucid.evaluation.metrics"]
    code = f"""
import importlib, sys
first = next((name for name in {names} if importlib.import_module(name) and "torch" in sys.modules),
             "nobody")
print(first)
"""
    assert fresh(code) == "nobody"


def test_the_checks_above_see_a_violation(tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import pellucid.report\n"
        "def later():\n    from pellucid.cli import main\n"
    )
    assert list(imported(path)) == ["pellucid.cli.main"]
    rank = layers("pellucid")
    assert rank["cli"] > rank["data"] > rank["errors"]


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_answers_in_under_0_3_seconds(option: str) -> None:
    """The processor's time of the whole process, best of five: other load does not count."""
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "pellucid", option], check=True, stdout=subprocess.DEVNULL
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.3
