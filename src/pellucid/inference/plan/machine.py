"""The machine that a plan is made on: what is fastest here may not be so elsewhere."""

import platform
from dataclasses import asdict, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pellucid.threads import cores, processor

#: Packages whose version decides what is fast.
_PACKAGES = ("torch", "onnxruntime", "openvino")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the times of a plan depend on.

    Attributes:
        cpu: the processor's name.
        cores: that this process may use.
        system: operating system and architecture, such as ``Linux x86_64``.
        versions: of the runtimes that are installed.
    """

    cpu: str
    cores: int
    system: str
    versions: dict[str, str]

    @classmethod
    def here(cls) -> "Machine":
        """This machine; none of the packages is imported."""
        found = {name: _version(name) for name in _PACKAGES}
        installed = {name: number for name, number in found.items() if number is not None}
        system = f"{platform.system()} {platform.machine()}"
        return cls(processor(), cores(), system, installed)

    def differences(self, other: "Machine") -> list[str]:
        """What differs, in words: ``cores: 2, here 8``.

        >>> one = Machine("A", 2, "Linux x86_64", {"onnxruntime": "1.0"})
        >>> one.differences(Machine("A", 8, "Linux x86_64", {}))
        ['cores: 2, here 8', 'onnxruntime: 1.0, here none']
        """
        words = [
            f"{field.name}: {getattr(self, field.name)}, here {getattr(other, field.name)}"
            for field in fields(self)
            if field.name != "versions" and getattr(self, field.name) != getattr(other, field.name)
        ]
        for name in sorted({*self.versions, *other.versions}):
            mine, theirs = self.versions.get(name, "none"), other.versions.get(name, "none")
            if mine != theirs:
                words.append(f"{name}: {mine}, here {theirs}")
        return words

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
