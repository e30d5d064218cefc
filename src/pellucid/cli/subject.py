"""From a word to a network and the shape of its input: a name, a run folder, a Python file."""

import sys
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from pellucid.errors import RunError, UsageError

if TYPE_CHECKING:
    from torch import nn

    from pellucid.models import Architecture

#: The input of a network from a file where nothing else is asked for: ImageNet's.
CHANNELS, SIZE = 3, 224


@dataclass(frozen=True)
class Subject:
    """A network to be described.

    Attributes:
        name: as the user called it.
        network: the module; without weights where they are not needed.
        shape: of its input, (1, C, H, W).
    """

    name: str
    network: "nn.Module"
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Wanted:
    """What the user said about the input and the classes; None where nothing.

    Attributes:
        size: side of the image in pixels.
        channels: of the image.
        classes: number of scores.
        shape: of any input, in the place of size and channels: ``1x3x224x224``.
        weights: whether the network must have some.
    """

    size: int | None
    channels: int | None
    classes: int | None
    shape: str | None
    weights: bool = False


def subject(word: str, wanted: Wanted) -> Subject:
    """A network by what the user typed.

    Args:
        word: a run folder or bundle folder (nothing in it is executed), ``path.py:factory`` (the
            file is executed), or a registered name.
        wanted: the options.

    Raises:
        UsageError: no such network, or an option that does not fit it.
        BundleError: the bundle is damaged.
    """
    if Path(word).is_dir():
        return _of_run(word, wanted)
    if ".py:" in word:
        return _of_file(word, wanted)
    return _registered(word, wanted)


def _registered(name: str, wanted: Wanted) -> Subject:
    from pellucid.models import Architecture, arguments_for, usual

    plain = usual(name)
    shape = _shape(wanted, wanted.channels or plain.channels, wanted.size or plain.side)
    if len(shape) != 4:
        raise UsageError(f"model '{name}' takes images: expected --shape NxCxHxW.")
    arguments = arguments_for(
        name,
        classes=wanted.classes or plain.classes,
        channels=shape[1],
        height=shape[2],
        width=shape[3],
    )
    return Subject(name, _built(Architecture(name, arguments), wanted), shape)


def _of_run(word: str, wanted: Wanted) -> Subject:
    from pellucid.inference.bundle import CARD, load_bundle, read_card

    folder = Path(word)
    inside = folder / "bundle"
    if not (folder / CARD).is_file() and not inside.is_dir():
        raise RunError(f"{word} is neither a run folder nor a bundle: it has no {CARD}.")
    folder = folder if (folder / CARD).is_file() else inside
    if wanted.channels or wanted.classes:
        raise UsageError(f"{word} has its own channels and classes: leave the options out.")
    if wanted.weights:
        network, card = load_bundle(folder)
    else:
        card = read_card(folder)
        network = _built(card.architecture, wanted)
    record = card.preprocessing
    sides = (wanted.size, wanted.size) if wanted.size else (record.height, record.width)
    shape = (1, record.channels, *sides) if wanted.shape is None else _parsed(wanted.shape)
    return Subject(word, network, shape)


def _of_file(word: str, wanted: Wanted) -> Subject:
    path, _, name = word.rpartition(":")
    if not Path(path).is_file():
        raise UsageError(f"{path}: there is no such file; expected path.py:factory.")
    factory = getattr(_module(path), name, None)
    if not callable(factory):
        raise UsageError(f"{path} has no function or class called '{name}'.")
    options = {"classes": wanted.classes, "channels": wanted.channels}
    given = {key: value for key, value in options.items() if value is not None}
    try:
        network = factory(**given)
    except TypeError as error:
        raise UsageError(
            f"{word} cannot be called with {given or 'no arguments'}: {error}."
        ) from error
    return Subject(word, network, _shape(wanted, wanted.channels or CHANNELS, wanted.size or SIZE))


def _module(path: str) -> ModuleType:
    """A Python file of the user's, executed as a module."""
    spec = spec_from_file_location(Path(path).stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules.setdefault(spec.name, module)  # dataclasses and pickles look there
    sys.path.insert(0, str(Path(path).parent.resolve()))  # for the files next to it
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(f"{path} cannot be executed: {type(error).__name__}: {error}.") from error
    finally:
        sys.path.pop(0)
    return module


def _built(architecture: "Architecture", wanted: Wanted) -> "nn.Module":
    """A registered network, with random weights (seed 0) only where they are asked for."""
    return architecture.sample(seed=0) if wanted.weights else architecture.outline()


def _shape(wanted: Wanted, channels: int, size: int) -> tuple[int, ...]:
    return (1, channels, size, size) if wanted.shape is None else _parsed(wanted.shape)


def _parsed(text: str) -> tuple[int, ...]:
    """A shape such as ``1x3x224x224``."""
    parts = text.lower().replace("×", "x").split("x")
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise UsageError(f"expected --shape such as 1x3x224x224, found '{text}'.")
    return tuple(int(part) for part in parts)
