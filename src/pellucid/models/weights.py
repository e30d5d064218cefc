"""Weights from files: our own, or another library's under its own names.

Only tensors are read: a ``.safetensors`` file has nothing else, and a torch file is opened with
``weights_only=True``, which runs no code.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from pellucid.errors import BundleError, UsageError

#: The beginning of a foreign name, up to a dot, and what stands for it here.
Names = Mapping[str, str]
#: Names told in a sentence.
_SHOWN = 3


def load_weights(network: nn.Module, path: str | Path, names: Names | None = None) -> None:
    """Put a file's weights into a network, all of them or none.

    Args:
        network: changed in place.
        path: a ``.safetensors`` file, or a torch file that holds a state dict.
        names: how the file's names translate, e.g. :data:`pellucid.models.TORCHVISION_ALEXNET`;
            None where they are the network's own.

    Raises:
        UsageError: there is no such file.
        BundleError: the file cannot be read, or does not hold exactly the network's tensors.

    >>> import tempfile
    >>> layer = nn.Linear(2, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/weights.pth"
    ...     torch.save({"fc.weight": torch.ones(1, 2), "fc.bias": torch.zeros(1)}, path)
    ...     load_weights(nn.ModuleDict({"score": layer}), path, {"fc": "score"})
    >>> layer.weight.tolist()
    [[1.0, 1.0]]
    """
    found = {translate(name, names or {}): value for name, value in read_tensors(path).items()}
    own = network.state_dict()
    missing, unknown = own.keys() - found.keys(), found.keys() - own.keys()
    if missing or unknown:
        raise BundleError(
            f"{path} does not fit the network: it lacks {_some(missing)} and has {_some(unknown)}, "
            "which the network does not."
        )
    wrong = [name for name, value in own.items() if found[name].shape != value.shape]
    if wrong:
        each = (f"{name} {_by(found[name])} for {_by(own[name])}" for name in wrong[:_SHOWN])
        raise BundleError(
            f"{path} does not fit the network: {len(wrong)} tensors have other shapes: "
            f"{', '.join(each)}."
        )
    network.load_state_dict(found)


def read_tensors(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a file by name, on the CPU.

    Raises:
        UsageError: there is no such file.
        BundleError: the file is damaged, or holds something other than tensors.
    """
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"{path}: there is no such file of weights.")
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        found = torch.load(file, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # torch's reader meets damage with many kinds of them
        reason = next(iter(str(error).splitlines()), "it ends too early")
        raise BundleError(f"{path} cannot be read as a file of weights ({reason}).") from error
    if not isinstance(found, dict) or not all(isinstance(v, Tensor) for v in found.values()):
        raise BundleError(f"{path} holds no plain state dict: names and tensors, nothing else.")
    return found


def translate(name: str, names: Names) -> str:
    """A tensor's name with its longest known beginning replaced.

    >>> translate("features.0.weight", {"features.0": "trunk.conv1.conv"})
    'trunk.conv1.conv.weight'
    """
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if (known := names.get(".".join(parts[:length]))) is not None:
            return ".".join([known, *parts[length:]])
    return name


def _some(names: set[str]) -> str:
    if not names:
        return "nothing"
    shown = ", ".join(sorted(names)[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def _by(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a number"
