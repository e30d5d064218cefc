"""Series by loops over every value, in float64, straight from the definitions."""

import math


def naive_ema(values, alpha, initial):
    """The recursion; a missing value leaves the average as it was, and ages it."""
    state = 0.0 if initial == "zero" else math.nan
    gap, result = 1, []
    for value in values:
        if math.isnan(value):
            gap += 1
        elif math.isnan(state):
            state, gap = value, 1
        else:
            old = (1 - alpha) ** gap
            state, gap = (old * state + alpha * value) / (old + alpha), 1
        result.append(state)
    return result


def naive_convolution(values, weights, ahead, stride, start):
    """y_j = Σ_i w_i · x_{e − i}, e = (j + 1)·stride − 1 + ahead; ``drop`` as NaN."""
    result = []
    for j in range(len(values) // stride):
        end, terms = (j + 1) * stride - 1 + ahead, []
        for i, weight in enumerate(weights):
            place = end - i
            if 0 <= place < len(values):
                terms.append(weight * values[place])
            elif start == "first":
                terms.append(weight * values[0 if place < 0 else -1])
            else:
                terms.append(0.0 if start == "zero" else math.nan)
        result.append(math.fsum(terms) if not any(map(math.isnan, terms)) else math.nan)
    return result
