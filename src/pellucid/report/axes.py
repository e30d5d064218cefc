"""The scales of a chart: where a value lies, and which round values get a tick."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

#: Slack for binary fractions: 0.3 / 0.1 is a little less than 3.
SLACK = 1e-9
#: From so many powers of ten on, a logarithmic axis has ticks at the powers alone.
_MANY_DECADES = 1.7


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear scale from values to pixels.

    Attributes:
        low: value at pixel ``start``.
        high: value at pixel ``end``; above ``low``.
        start: pixel.
        end: pixel; below ``start`` on an axis that points up.
        step: distance of the ticks, in values.
        ticks: values that get a tick.
    """

    low: float
    high: float
    start: float
    end: float
    step: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """The pixel of a value.

        >>> covering([0, 10], 100, 0).at(2.5)
        75.0
        """
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def round_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that steps over ``span`` in ``most`` steps.

    >>> round_step(0.93, 5), round_step(7, 5)
    (0.2, 2.0)
    """
    power = 10.0 ** math.floor(math.log10(span / most))
    factors = (1, 2, 5, 10)
    return next(power * factor for factor in factors if power * factor * most >= span * (1 - SLACK))


def covering(values: Iterable[float], start: float, end: float, most: int = 5) -> Axis:
    """An axis that begins and ends on a tick and has all values between.

    Equal values get room on both sides.

    >>> covering([0.13, 0.92], 0, 100).ticks
    (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    """
    known = list(values)
    low, high = min(known), max(known)
    if high - low <= SLACK * max(abs(low), abs(high), SLACK):
        room = abs(low) / 10 or 1.0
        low, high = low - room, high + room
    step = round_step(high - low, most)
    first, last = math.floor(low / step + SLACK), math.ceil(high / step - SLACK)
    ticks = _ticks(first, last, step)
    return Axis(ticks[0], ticks[-1], start, end, step, ticks)


def counting(first: int, last: int, start: float, end: float, most: int = 6) -> Axis:
    """An axis of whole numbers from ``first`` to ``last``, ticks at round ones within.

    A single number lies in the middle.

    >>> counting(1, 12, 0, 110).ticks
    (2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
    """
    step = max(1.0, round_step(max(last - first, 1), most))
    ticks = _ticks(math.ceil(first / step), math.floor(last / step), step)
    if first == last:
        return Axis(first - 1, last + 1, start, end, 1.0, (float(first),))
    return Axis(first, last, start, end, step, ticks)


def logarithmic(values: Iterable[float], start: float, end: float) -> Axis:
    """An axis of powers of ten from positive values, with room at both ends.

    Its values are decimal logarithms; ticks are at 1, 2 and 5 times powers of ten, or at the
    powers alone where those would be many.

    >>> [round(10**tick) for tick in logarithmic([130_000, 700_000], 0, 100).ticks]
    [100000, 200000, 500000, 1000000]
    >>> [round(10**tick) for tick in logarithmic([2e6, 3e8], 0, 100).ticks]
    [1000000, 10000000, 100000000, 1000000000]
    """
    known = [math.log10(value) for value in values]
    least, most = min(known), max(known)
    factors = (1, 2, 5) if most - least < _MANY_DECADES else (1,)
    marks = [
        math.log10(factor) + power
        for power in range(math.floor(least) - 1, math.ceil(most) + 2)
        for factor in factors
    ]
    low = max(mark for mark in marks if mark <= least + SLACK and mark < most)
    high = min(mark for mark in marks if mark >= most - SLACK and mark > low)
    ticks = tuple(mark for mark in marks if low <= mark <= high)
    return Axis(low, high, start, end, 1.0, ticks)


def _ticks(first: int, last: int, step: float) -> tuple[float, ...]:
    digits = max(0, -math.floor(math.log10(step) + SLACK))
    return tuple(round(number * step, digits) for number in range(first, last + 1))
