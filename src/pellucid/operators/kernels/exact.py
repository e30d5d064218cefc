"""Weights as the fractions that they stand for."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

#: Denominators above this are not recognised: the weight is shown as a decimal.
LARGEST = 1000


def fraction(weight: float) -> Fraction | None:
    """The fraction with a denominator of at most 1000 that a float stands for, if there is one.

    >>> fraction(1 / 9), fraction(0.3), fraction(2**0.5)
    (Fraction(1, 9), Fraction(3, 10), None)
    """
    near = Fraction(weight).limit_denominator(LARGEST)
    return near if float(near) == weight else None


def common_factor(weights: NDArray[np.float64]) -> tuple[Fraction, NDArray[np.int64]] | None:
    """The weights as a fraction times whole numbers without a common divisor, where exact.

    >>> factor, whole = common_factor(np.array([[1 / 9, 2 / 9], [0, 1 / 3]]))
    >>> str(factor), whole.tolist()
    ('1/9', [[1, 2], [0, 3]])
    """
    parts = [fraction(float(weight)) for weight in weights.flat]
    exact = [part for part in parts if part is not None]
    if len(exact) < len(parts) or not any(exact):
        return None
    below = math.lcm(*(part.denominator for part in exact))
    above = math.gcd(*(int(part * below) for part in exact))
    if below > LARGEST:
        return None
    factor = Fraction(above, below)
    whole = np.array([int(part / factor) for part in exact], np.int64)
    return factor, whole.reshape(weights.shape)


def written(weight: float) -> str:
    """The shortest text that gives exactly this number when it is typed.

    >>> written(1 / 9), written(0.25), written(-3.0), written(2**0.5)
    ('1/9', '1/4', '-3', '1.4142135623730951')
    """
    found = fraction(weight)
    decimal = repr(float(weight))
    return decimal if found is None else min(decimal, str(found), key=len)
