"""A linear recursion whose factors change from step to step, without a loop over the steps."""

from math import isqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def scan(factors: Floats, inputs: Floats, before: float) -> Floats:
    """s_n = a_n·s_{n−1} + b_n for all n.

    The steps are cut into about √N blocks, and all blocks advance together: within a block the
    solution from 0 and the product of the factors; then the state is carried from block to block.

    Args:
        factors: a, (N,), each from 0 to 1.
        inputs: b, (N,).
        before: s before the first step.

    >>> scan(np.array([0.5, 0.5, 1.0]), np.array([1.0, 1.0, 0.0]), 4.0)
    array([3. , 2.5, 2.5])
    """
    count = len(factors)
    steps = isqrt(max(count - 1, 0)) + 1
    blocks = -(-count // steps)
    room = blocks * steps - count
    products = np.pad(factors, (0, room)).reshape(blocks, steps).T.copy()
    states = np.pad(inputs, (0, room)).reshape(blocks, steps).T.copy()
    for step in range(1, steps):
        states[step] += products[step] * states[step - 1]
        products[step] *= products[step - 1]
    carried = np.empty(blocks)
    state = before
    for block in range(blocks):
        carried[block] = state
        state = products[-1, block] * state + states[-1, block]
    states += products * carried
    return states.T.reshape(-1)[:count]
