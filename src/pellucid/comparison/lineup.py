"""Which networks are compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pellucid.errors import UsageError, unknown_name
from pellucid.models import registered
from pellucid.training.choices.wishes import Wishes

#: From knowing nothing of images to Inception; each with the head of its paper.
DEFAULT = ("fully_connected", "locally_connected", "compact", "nin_small", "googlenet_small")
#: The heads that are compared on one trunk, and what each is called.
COMPARED_HEADS = {"flatten": "flatten", "average": "gap"}
#: The trunk for them where none is named.
DEFAULT_TRUNK = "compact"
MOST_SEEDS = 100
_PARAMETERS = (1_000, 1_000_000_000)


@dataclass(frozen=True, slots=True)
class Entry:
    """One network of the line-up.

    Attributes:
        name: unique in the line-up; also the name of its folder.
        model: registered name.
        options: of the network, beside what follows from the data.
    """

    name: str
    model: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What the user asked of a comparison.

    Attributes:
        models: registered names, in the order of the tables; empty for the usual ones.
        heads: the same trunk with each head, in place of different networks.
        seeds: trainings of each network, with seeds one after the other.
        parameters: that networks which can be sized should have; None lets the others decide.
        wishes: of every training; its ``seed`` is the first, and that of the split.

    Raises:
        UsageError: a value is out of range, or a name is unknown or repeated.
    """

    models: tuple[str, ...]
    heads: bool
    seeds: int
    parameters: int | None
    wishes: Wishes

    def __post_init__(self) -> None:
        for model in self.models:
            if model not in registered():
                raise unknown_name("model", model, registered())
            if self.models.count(model) > 1:
                raise UsageError(f"model '{model}' is named twice: once is enough.")
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise UsageError(f"seeds is 1 to {MOST_SEEDS}, not {self.seeds}.")
        if self.parameters is not None:
            least, most = _PARAMETERS
            if not least <= self.parameters <= most:
                raise UsageError(f"parameters is {least:,} to {most:,}, not {self.parameters:,}.")
            if self.heads:
                raise UsageError(
                    "heads compares heads on one and the same trunk, parameters changes trunks: "
                    "give one of them."
                )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The line-up."""
        if self.heads:
            return with_heads(self.models or (DEFAULT_TRUNK,))
        return tuple(Entry(model, model) for model in self.models or DEFAULT)


def with_heads(trunks: Sequence[str]) -> tuple[Entry, ...]:
    """Each trunk with each head.

    >>> [entry.name for entry in with_heads(["compact"])]
    ['compact-flatten', 'compact-gap']
    """
    return tuple(
        Entry(f"{trunk}-{short}", "headed", {"network": trunk, "head": head})
        for trunk in trunks
        for head, short in COMPARED_HEADS.items()
    )
