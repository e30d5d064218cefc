"""Confident learning written as the paper's equations read, with loops."""

import numpy as np
from numpy.typing import NDArray


def confident_joint(chances: NDArray, labels: NDArray) -> NDArray:
    """C of equation 1: by label (row) and confident class (column), the images counted."""
    classes = chances.shape[1]
    joint = [[0] * classes for _ in range(classes)]
    for row, label in zip(chances, labels, strict=True):
        best, place = -1.0, None
        for j in range(classes):
            given = [float(other[j]) for other, i in zip(chances, labels, strict=True) if i == j]
            if given and row[j] >= np.mean(given) and row[j] > best:
                best, place = float(row[j]), j
        if place is not None:
            joint[label][place] += 1
    return np.array(joint)
