"""A published figure beside a recount."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Value = int | float | tuple[int, ...]

#: Printed with the tables.
RULE = (
    "A figure agrees if the recount, rounded to the last digit printed, is the same; sizes are "
    "the same or not. Zeros at the end of a number in running text are not taken for digits."
)
_SUFFIXES = {"K": 1_000, "M": 1_000_000}


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure as it stands in a paper.

    Attributes:
        text: as printed.
        value: a number, or a size.
        unit: what one step of the last digit printed is worth.
    """

    text: str
    value: Value
    unit: float = 1


def printed(text: str, *, unit: float | None = None, value: Value | None = None) -> Printed:
    """Read a printed figure: a number, maybe in K (1,000) or M (1,000,000), or a size.

    Args:
        text: as printed.
        unit: worth of the last digit, where the text does not say it.
        value: where the text is in words.

    >>> printed("2.7K")
    Printed(text='2.7K', value=2700, unit=100)
    >>> printed("28×28×256").value, printed("253,440").unit
    ((28, 28, 256), 1)
    """
    if value is not None:
        return Printed(text, value, 1 if unit is None else unit)
    if "×" in text:
        return Printed(text, tuple(int(each) for each in text.split("×")))
    factor = _SUFFIXES.get(text[-1])
    if factor is None:
        return Printed(text, int(text.replace(",", "")), 1 if unit is None else unit)
    number = Decimal(text[:-1])
    step = factor * Decimal(10) ** int(number.as_tuple().exponent)
    return Printed(text, int(number * factor), int(step))


def number(published: Printed) -> int:
    """The value of a printed count.

    Raises:
        TypeError: it is a size or a ratio.
    """
    if not isinstance(published.value, int):
        raise TypeError(f"{published.text} is no count")
    return published.value


def rounds_to(recount: Value, published: Printed) -> bool:
    """Whether a recount, rounded half up to the published digits, is the published figure.

    >>> rounds_to(1_025_000, printed("1M")), rounds_to(73_608_192, printed("73M"))
    (True, False)
    """
    if isinstance(recount, tuple) or isinstance(published.value, tuple):
        return recount == published.value
    steps = Decimal(recount) / Decimal(published.unit)
    return steps.to_integral_value(ROUND_HALF_UP) == Decimal(published.value) / Decimal(
        published.unit
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a paper, recounted.

    Attributes:
        row: what it is about: a layer, or the whole network.
        column: which of its quantities.
        where: table, figure or section of the paper.
        printed: as in the paper; None where the paper does not say.
        recount: of our network, by the ledger.
        agrees: whether the two agree; None where the paper does not say.
        why: where they do not agree, the reason, or that none is known.
    """

    row: str
    column: str
    where: str
    printed: Printed | None
    recount: Value
    agrees: bool | None
    why: str = ""

    @property
    def recounted(self) -> str:
        """The recount in the form of what is printed."""
        value, text = self.recount, "" if self.printed is None else self.printed.text
        if not isinstance(value, tuple):
            return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
        if " of " in text:  # kernels: how many, of what size
            return f"{value[0]} of {'×'.join(map(str, value[1:]))}"
        return (", " if ", " in text else "×").join(map(str, value))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "row": self.row,
            "column": self.column,
            "where": self.where,
            "printed": None if self.printed is None else self.printed.text,
            "recount": list(self.recount) if isinstance(self.recount, tuple) else self.recount,
            "agrees": self.agrees,
            "why": self.why,
        }


def figure(
    row: str, column: str, where: str, published: Printed | None, recount: Value, *, why: str = ""
) -> Figure:
    """The comparison of a printed figure with a recount.

    Args:
        row: what it is about.
        column: which quantity.
        where: in the paper.
        published: None where the paper does not say.
        recount: by the ledger.
        why: the reason, in case they do not agree.
    """
    agrees = None if published is None else rounds_to(recount, published)
    if agrees is False and not why:
        why = "No reason is known: is the network the paper's?"
    return Figure(row, column, where, published, recount, agrees, why if agrees is False else "")


def because(recount: Value, expected: Value, reason: str) -> str:
    """A known reason, as long as the recount is the one that it is about."""
    return reason if recount == expected else ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper's figures, all recounted.

    Attributes:
        name: a short one.
        title: of the paper, with authors and year.
        figures: in the paper's order.
        notes: how it was counted.
    """

    name: str
    title: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()

    @property
    def agreeing(self) -> tuple[int, int]:
        """How many figures agree, and how many the paper has of those recounted."""
        told = [each.agrees for each in self.figures if each.agrees is not None]
        return sum(told), len(told)

    @property
    def disagreements(self) -> tuple[Figure, ...]:
        """The figures that do not agree."""
        return tuple(each for each in self.figures if each.agrees is False)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        agree, of = self.agreeing
        return {
            "name": self.name,
            "title": self.title,
            "rule": RULE,
            "notes": list(self.notes),
            "agree": agree,
            "of": of,
            "figures": [each.to_json() for each in self.figures],
        }


def size(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The paper's order of a result's shape: (1, C, H, W) as H×W×C, (1, K) as 1×1×K.

    >>> size((1, 64, 112, 110)), size((1, 1000))
    ((112, 110, 64), (1, 1, 1000))
    """
    channels, *sides = shape[1:]
    return (*(sides or (1, 1)), channels)
