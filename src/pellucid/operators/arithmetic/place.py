"""Which output is asked for, in the one form N×C×… that all arithmetic is done in."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from pellucid.errors import UsageError
from pellucid.geometry.whole import as_whole, entries

NAMES = {1: ("t",), 2: ("y", "x")}


@dataclass(frozen=True, slots=True)
class Place:
    """An output's position.

    Attributes:
        sample: n, within the batch.
        channel: c, of the output.
        spot: (y, x) or (t,).
        names: of the axes that positions are told by: without n where there is but one sample.
    """

    sample: int
    channel: int
    spot: tuple[int, ...]
    names: tuple[str, ...]

    @property
    def at(self) -> tuple[int, ...]:
        """The position by its names."""
        return self.cell(self.channel, self.spot)

    def cell(self, channel: int, spot: tuple[int, ...]) -> tuple[int, ...]:
        """Another position of the same sample, by the same names."""
        lead = (self.sample,) if "n" in self.names else ()
        return (*lead, channel, *spot)


def place_of(at: int | Sequence[int], shape: Sequence[int]) -> Place:
    """The place that a caller means.

    Args:
        at: (n, c, y, x) or (n, c, t); the sample, and then the channel, may be left out where
            there is but one; t may stand alone.
        shape: of the output, N×C×H×W or N×C×T.

    Raises:
        UsageError: no whole numbers, too many or too few of them, or one out of range; there are
            no outputs.

    >>> place_of((3, 4), (1, 1, 8, 8)).at
    (0, 3, 4)
    """
    if 0 in shape:
        raise UsageError(
            f"expected a window that fits into the input with its padding, found one without any "
            f"output (their shape is {tuple(shape)}): take a smaller one."
        )
    names = ("n", "c", *NAMES[len(shape) - 2])
    numbers = [as_whole(each) for each in entries(at, 1)]
    given = [number for number in numbers if number is not None]
    missing = len(shape) - len(given)
    if len(given) < len(numbers) or not 0 <= missing <= 2 or prod(shape[:missing]) != 1:
        least = next(i for i in (2, 1, 0) if prod(shape[:i]) == 1)
        raise UsageError(
            f"expected the position of an output as ({', '.join(names[least:])}), found {at!r}."
        )
    whole = [0] * missing + given
    for name, place, size in zip(names, whole, shape, strict=True):
        if not 0 <= place < size:
            raise UsageError(
                f"expected the output's {name} from 0 to {size - 1}, found {place} (in {at!r})."
            )
    told = names if shape[0] > 1 else names[1:]
    return Place(whole[0], whole[1], tuple(whole[2:]), told)
