"""Weights that a training can begin with: the pretrained ones, a file's, or another run's."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import CheckpointError, RunError, UsageError
from pellucid.inference.bundle import WEIGHTS, open_bundle, read_weights
from pellucid.models import (
    EFFICIENTNET_LITE0,
    TORCHVISION_ALEXNET,
    TORCHVISION_GOOGLENET,
    Architecture,
)
from pellucid.models.efficientnet_lite0 import PREPROCESSING, pretrained_path
from pellucid.models.weights import Names, read_tensors, translate

#: The network whose pretrained weights come with the extra ``pretrained``.
PRETRAINED = "efficientnet_lite0"
_SUFFIXES = (".safetensors", ".pth", ".pt")
#: Mean and standard deviation of ImageNet's images, as torchvision's weights expect them.
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_TORCHVISION = Preprocessing("rgb", 224, 224, mean=_MEAN, std=_STD, resize="crop")


@dataclass(frozen=True)
class Foreign:
    """How files of another library fit a network of ours.

    Attributes:
        names: the file's names and ours.
        arguments: of the network, beside classes and channels.
        preprocessing: that the weights expect.
        sides: any size is taken.
    """

    names: Names
    arguments: Mapping[str, Any]
    preprocessing: Preprocessing
    sides: bool


_FOREIGN = {
    "alexnet": Foreign(
        TORCHVISION_ALEXNET,
        {"height": 224, "width": 224, "variant": "single"},
        _TORCHVISION,
        False,
    ),
    "googlenet": Foreign(
        TORCHVISION_GOOGLENET,
        {
            "height": 224,
            "width": 224,
            "variant": "torchvision",
            "auxiliary": False,
            "transform_input": True,
        },
        _TORCHVISION,
        False,
    ),
    PRETRAINED: Foreign(EFFICIENTNET_LITE0, {}, replace(PREPROCESSING, resize="stretch"), True),
}


@dataclass(frozen=True)
class Origin:
    """Where first weights come from: what a recipe remembers.

    Attributes:
        path: a file of weights, a run folder or a bundle.
        sha256: of the weights in it.
        pretrained: they are those of the extra ``pretrained``.
    """

    path: str
    sha256: str
    pretrained: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Beginning:
    """A network with weights, for classes of its own.

    Attributes:
        origin: where the weights are from.
        name: of the network.
        arguments: of the network, without its classes.
        preprocessing: that goes with the weights.
        any_side: the network takes images of any size.
        tensors: the weights, under the network's names.
    """

    origin: Origin
    name: str
    arguments: Mapping[str, Any]
    preprocessing: Preprocessing
    any_side: bool
    tensors: Mapping[str, Tensor]

    def architecture(self, classes: int) -> Architecture:
        """The network for other classes."""
        return Architecture(self.name, {**self.arguments, "classes": classes})


def pretrained() -> Beginning:
    """The weights of the extra ``pretrained``.

    Raises:
        UsageError: they are not installed.
        BundleError: the file is damaged.
    """
    found = _from_file(pretrained_path(), PRETRAINED)
    return replace(found, origin=replace(found.origin, pretrained=True))


def beginning(path: Path, model: str | None) -> Beginning:
    """The weights that a user names.

    Args:
        path: a file of torchvision's, a run folder, a bundle folder or a bundle .zip.
        model: the network that was asked for; a file needs it, a run has its own.

    Raises:
        UsageError: there is nothing of that kind, or the network is another.
        BundleError: it is damaged.
    """
    if path.suffix in _SUFFIXES and not path.is_dir():
        if model not in _FOREIGN:
            known = ", ".join(sorted(_FOREIGN))
            raise UsageError(
                f"--weights {path} is a file of another library: say whose network it is, with "
                f"--model {known}" + (f", not {model}." if model else ".")
            )
        return _from_file(path, model)
    return _from_run(path, model)


def again(origin: Origin, architecture: Architecture) -> Beginning:
    """The weights that an interrupted training began with.

    Raises:
        CheckpointError: they have changed since.
        UsageError: they are gone.
    """
    found = pretrained() if origin.pretrained else beginning(Path(origin.path), architecture.name)
    if found.origin.sha256 != origin.sha256:
        raise CheckpointError(
            f"the weights in {origin.path} have changed since this run began with them: restore "
            "them, or start a new run."
        )
    return found


def _from_file(path: Path, model: str) -> Beginning:
    foreign = _FOREIGN[model]
    found = {translate(name, foreign.names): value for name, value in read_tensors(path).items()}
    return Beginning(
        origin=Origin(str(path.resolve()), hashlib.sha256(path.read_bytes()).hexdigest()),
        name=model,
        arguments={"channels": 3, **foreign.arguments},
        preprocessing=foreign.preprocessing,
        any_side=foreign.sides,
        tensors=found,
    )


def _from_run(path: Path, model: str | None) -> Beginning:
    if not path.exists():
        raise UsageError(f"--weights {path}: there is no such file, run folder or bundle.")
    if path.is_file() and path.suffix != ".zip":
        raise UsageError(
            f"--weights {path}: expected a file of weights ({', '.join(_SUFFIXES)}), a run folder, "
            "or a bundle."
        )
    bundle = open_bundle(path)
    card = bundle.card
    if model not in (None, card.model):
        raise UsageError(f"--weights {path} holds {card.model}, not {model}: leave --model out.")
    tensors = read_weights(bundle)
    return Beginning(
        origin=Origin(str(path.resolve()), bundle.parts[WEIGHTS].sha256),
        name=card.model,
        arguments={key: value for key, value in card.arguments.items() if key != "classes"},
        preprocessing=card.preprocessing,
        any_side=False,
        tensors=tensors,
    )


def origin_from(record: dict[str, Any] | None) -> Origin | None:
    """The inverse of :meth:`Origin.to_json`.

    Raises:
        RunError: a field is missing or unknown.
    """
    try:
        return None if record is None else Origin(**record)
    except TypeError as error:
        raise RunError(f"the origin of the run's weights cannot be used: {error}.") from error
