"""The set-up files agree with each other."""

import re
import subprocess
import tomllib
from importlib.metadata import distribution, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import pellucid

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def constraints() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(number) for name, number in pairs}


def named_requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in extra), *build]
    return [Requirement(line) for line in lines if not line.startswith("pellucid[")]


def test_every_named_package_is_pinned_within_its_range() -> None:
    pinned = constraints()
    for requirement in named_requirements():
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} is missing in constraints.txt"
        assert requirement.specifier.contains(pinned[name]), f"{requirement} against {pinned[name]}"


def test_what_they_need_in_turn_is_pinned_too() -> None:
    pinned = constraints()
    pending = [requirement.name for requirement in named_requirements()]
    seen: set[str] = set()
    while pending:
        name = canonicalize_name(pending.pop())
        if name in seen:
            continue
        seen.add(name)
        assert name in pinned, f"{name} is missing in constraints.txt"
        if name in ("hatchling", "editables", "trove-classifiers", "tomlkit"):
            continue  # the build's own tools need not be in the environment that runs the tests
        for line in requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                pending.append(requirement.name)


def test_the_tests_run_with_the_pinned_versions() -> None:
    pinned = constraints()
    for requirement in named_requirements():
        name = canonicalize_name(requirement.name)
        if name != "hatchling":
            assert Version(version(name)).public == pinned[name].public, name


def test_one_version() -> None:
    text = (ROOT / "src/pellucid/_version.py").read_text("utf-8")
    assert f'"{pellucid.__version__}"' in text
    assert distribution("pellucid").version == pellucid.__version__


def test_licences_and_changelog_are_there() -> None:
    for name in PROJECT["license-files"]:
        assert "MIT" in (ROOT / name).read_text("utf-8")
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_ci_script_parses() -> None:
    script = ROOT / ".ci" / "run"
    subprocess.run(["bash", "-n", script], check=True)
    assert script.stat().st_mode & 0o111


@pytest.mark.parametrize("target", ["demo", "test", "check", "clean", "help"])
def test_make_knows_its_targets(target: str) -> None:
    done = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("no-such-python", "there is no 'no-such-python'"),
        ("old", "Python 3.11 or newer"),
        ("bare", "no venv module: install it (Debian: apt-get install python3-venv)"),
    ],
)
def test_make_says_what_is_missing(python: str, sentence: str, tmp_path: Path) -> None:
    # Stand-ins: "old" fails the version check, "bare" the import of ensurepip.
    for name, failing in (("old", "version_info"), ("bare", "ensurepip")):
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\ncase "$*" in *{failing}*) exit 1;; esac\necho Python 3.9\n')
        path.chmod(0o755)
    command = python if python.startswith("no-") else str(tmp_path / python)
    done = subprocess.run(
        ["make", f"PYTHON={command}", f"VENV={tmp_path}/venv", f"{tmp_path}/venv/made.stamp"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert sentence in re.sub(r"\s+", " ", done.stderr)
    assert not (tmp_path / "venv").exists()
