"""Two ways of computing the same, timed in turn."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import floor, sqrt

import numpy as np

#: A gain counts where the lower end of the interval of the rounds' ratios is above this.
LEAST_GAIN = 1.01
_LEAST_ROUNDS, _MOST_ROUNDS = 9, 60
#: A turn lasts about so many seconds at least. The threads of one runtime still spin for a
#: millisecond when the next one begins: in longer turns that does not count.
_LEAST_TURN = 0.02
_MOST_CALLS = 1000

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of two ways that took turns.

    Attributes:
        before: median seconds of the first way.
        after: median seconds of the second.
        gain: median of the rounds' ratios, first over second: above 1 the second is faster.
        low: lower end of the 95% interval of that median.
        high: upper end of it.
        rounds: how many.
    """

    before: float
    after: float
    gain: float
    low: float
    high: float
    rounds: int

    @property
    def faster(self) -> bool:
        """Whether the second way is faster beyond the spread, and by more than 1%.

        >>> Timing(0.2, 0.1, 2.0, 1.9, 2.1, 9).faster, Timing(0.2, 0.19, 1.05, 0.9, 1.2, 9).faster
        (True, False)
        """
        return self.low > LEAST_GAIN


def alternate(first: Work, second: Work, *, seconds: float) -> Timing:
    """Time two ways in alternated rounds, so that whatever else the machine does meets both.

    Each is called twice before, to set itself up. The order within a round changes every round,
    and what is quick is called several times in its turn.

    Args:
        first: one way.
        second: the other.
        seconds: to spend, about; nine rounds are made whatever they take.

    >>> alternate(lambda: time.sleep(0.002), lambda: None, seconds=0.05).faster
    True
    """
    calls = [_calls(work) for work in (first, second)]
    begin = time.perf_counter()
    _seconds(first, calls[0]), _seconds(second, calls[1])
    estimate = max(time.perf_counter() - begin, 1e-9)
    rounds = min(_MOST_ROUNDS, max(_LEAST_ROUNDS, round(seconds / estimate)))
    pairs = []
    gc.collect()
    for number in range(rounds):
        if number % 2:
            later = _seconds(second, calls[1])
            pairs.append((_seconds(first, calls[0]), later))
        else:
            pairs.append((_seconds(first, calls[0]), _seconds(second, calls[1])))
    times = np.array(pairs)  # (rounds, 2)
    before, after = np.median(times, axis=0)
    ratios = np.sort(times[:, 0] / times[:, 1])
    out = _outside(rounds)
    low, high = ratios[out], ratios[-1 - out]
    gain = np.median(ratios)
    return Timing(float(before), float(after), float(gain), float(low), float(high), rounds)


def _outside(rounds: int) -> int:
    """How many of the sorted ratios lie outside the median's 95% interval, on either side.

    A ratio lies below the true median with chance ½, so the number that do is binomial (the sign
    test's interval; here by its normal approximation, n/2 ± 1.96·√n/2).

    >>> _outside(9), _outside(60)
    (1, 22)
    """
    return max(0, floor(rounds / 2 - 1.96 * sqrt(rounds) / 2))


def _calls(work: Work) -> int:
    """Calls that fill a turn."""
    work()
    return min(_MOST_CALLS, max(1, round(_LEAST_TURN / _seconds(work, 1))))


def _seconds(work: Work, calls: int) -> float:
    """Seconds a call, over some calls in a row."""
    begin = time.perf_counter()
    for _ in range(calls):
        work()
    return max((time.perf_counter() - begin) / calls, 1e-9)
