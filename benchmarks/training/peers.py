"""The tools compared, each with the recipe of its own documentation, and how to run it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pellucid.errors import unknown_name
from training.environments import SETTINGS

_RECIPES = Path(__file__).parent / "recipes"
#: A run that cannot count its epochs before it starts gets so many, and is stopped by the clock.
ENDLESS = 1000


@dataclass(frozen=True)
class Peer:
    """Another tool, and what it does.

    Attributes:
        environment: the file of its requirements, and its environment.
        recipe: the script that follows its guide, with arguments.
        side: of the images in that guide; smaller ones are not enlarged.
        scheduled: its learning rate follows a schedule over epochs that are counted beforehand.
    """

    environment: str
    recipe: tuple[str, ...]
    side: int
    scheduled: bool = False


PEERS = {
    "keras": Peer("keras", ("with_keras.py",), 180),
    "fastai": Peer("fastai", ("with_fastai.py",), 224, scheduled=True),
    "ultralytics": Peer("ultralytics", ("with_ultralytics.py",), 224),
    "torch-resnet18": Peer("torch", ("with_torch.py", "--network", "resnet18"), 224),
    "torch-small": Peer("torch", ("with_torch.py", "--network", "small"), 32),
}


def peer_named(name: str) -> Peer:
    """The peer of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in PEERS:
        raise unknown_name("peer", name, PEERS)
    return PEERS[name]


@dataclass(frozen=True)
class Trial:
    """One run of a peer.

    Attributes:
        name: of the peer.
        side: of its input in pixels.
        seconds: until it is stopped.
        seed: of everything random in it.
        epochs: that it plans; stopped by the clock before, if they do not fit.
    """

    name: str
    side: int
    seconds: float
    seed: int
    epochs: int = ENDLESS

    @property
    def peer(self) -> Peer:
        """What is run."""
        return peer_named(self.name)

    def command(self, python: Path, data: Path, *, colored: bool) -> list[str]:
        """The program and its arguments.

        Args:
            python: of the peer's environment.
            data: holds ``train`` and ``test``.
            colored: some image has colour.
        """
        script, *arguments = self.peer.recipe
        words = [str(python), str(_RECIPES / script), str(data), *arguments]
        words += ["--side", str(self.side), "--epochs", str(self.epochs)]
        words += ["--seed", str(self.seed), "--seconds", f"{self.seconds:g}"]
        return words if colored else [*words, "--gray"]


def surroundings(base: Mapping[str, str], home: Path, venv: Path) -> dict[str, str]:
    """Environment variables for a peer: a home folder of its own, and nothing is fetched or sent.

    Args:
        base: the variables of this process; those for Python are not passed on.
        home: where the tools may write.
        venv: the environment, with its tool's settings.
    """
    keep = {name: value for name, value in base.items() if not name.startswith("PYTHON")}
    return keep | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "KERAS_HOME": str(home / "keras"),
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TORCH_HOME": str(home / "torch"),
        "FASTAI_HOME": str(home / "fastai"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "MPLBACKEND": "agg",
        "YOLO_CONFIG_DIR": str(venv / SETTINGS),
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "WANDB_MODE": "disabled",
        "HF_HUB_OFFLINE": "1",
    }
