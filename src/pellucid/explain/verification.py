"""What recomputing a forward pass found, layer by layer."""

from dataclasses import asdict, dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError
from pellucid.explain.rules import At

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Check:
    """A layer: what the network had, beside what its inputs make of it in float64.

    Attributes:
        index: of the node.
        name: of the node.
        operation: what it does.
        checked: how many of its numbers were recomputed.
        count: how many there are.
        difference: the largest |network's number − recomputed number|; infinite where only one of
            them is a number.
        relative: the largest of these differences, each relative to the recomputed number (infinite
            where that is 0). Sums that nearly cancel make it large in any correct network.
        of_allowed: the largest of these differences, each relative to what rounding allows
            (:meth:`pellucid.explain.rules.Made.slack`); a layer is right up to 1.
        at: where that is, without N.
        found: the network's number there.
        recomputed: the other.
        reason: why the layer was not checked; empty where it was.
    """

    index: int
    name: str
    operation: str
    checked: int
    count: int
    difference: float = 0.0
    relative: float = 0.0
    of_allowed: float = 0.0
    at: At = ()
    found: float = 0.0
    recomputed: float = 0.0
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Whether all its checked numbers are within what rounding allows; not if none was."""
        return not self.reason and self.of_allowed <= 1

    def to_json(self) -> dict[str, Any]:
        """As JSON values; numbers that are none (NaN, infinite) as None."""
        record = {**asdict(self), "at": list(self.at), "agrees": self.agrees}
        return {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in record.items()
        }


@dataclass(frozen=True)
class Verification:
    """A forward pass, recomputed layer by layer from what each layer was given.

    Attributes:
        network: class of the network.
        checks: a row a layer, in the order of the pass.
        all: whether every number was asked for, not samples.
    """

    network: str
    checks: tuple[Check, ...]
    all: bool

    @cached_property
    def wrong(self) -> tuple[Check, ...]:
        """Layers whose numbers differ by more than rounding allows."""
        return tuple(check for check in self.checks if not check.agrees and not check.reason)

    @cached_property
    def unchecked(self) -> tuple[Check, ...]:
        """Layers that could not be recomputed: nothing is said of them."""
        return tuple(check for check in self.checks if check.reason)

    @property
    def agrees(self) -> bool:
        """Whether no layer is wrong; see :attr:`unchecked` for what that leaves out."""
        return not self.wrong

    @property
    def worst(self) -> Check | None:
        """The layer whose numbers differ most, by what rounding allows."""
        checked = [check for check in self.checks if not check.reason]
        return max(checked, key=lambda check: check.of_allowed, default=None)

    @property
    def checked(self) -> int:
        """How many numbers were recomputed."""
        return sum(check.checked for check in self.checks)

    @property
    def count(self) -> int:
        """How many numbers the forward pass has."""
        return sum(check.count for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, a record a layer."""
        return {
            "network": self.network,
            "agrees": self.agrees,
            "all": self.all,
            "checked": self.checked,
            "count": self.count,
            "wrong": [check.name for check in self.wrong],
            "unchecked": [check.name for check in self.unchecked],
            "layers": [check.to_json() for check in self.checks],
        }

    def to_frame(self) -> "DataFrame":
        """A pandas table, a row a layer: the fields of :class:`Check`, and ``agrees``.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise UsageError(
                "expected pandas for a table of layers, found none: pip install 'pellucid[series]'."
            ) from error
        return pandas.DataFrame([{**asdict(c), "agrees": c.agrees} for c in self.checks])

    def __str__(self) -> str:
        from pellucid.explain.verify_view import text

        return text(self)

    def __rich__(self) -> Any:
        from pellucid.explain.verify_view import rich_view

        return rich_view(self)

    def _repr_html_(self) -> str:
        from pellucid.explain.verify_view import html

        return html(self)
