"""Probabilities of scores, the same to the bit wherever they are shown."""

import numpy as np
from numpy.typing import NDArray


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of scores: exp(s) / Σ exp(s), each row less its maximum so that none overflows.

    Args:
        scores: (N, K).

    Returns:
        (N, K) float32; rows sum to 1.

    >>> softmax(np.array([[1000.0, 1000.0]], np.float32)).tolist()
    [[0.5, 0.5]]
    """
    powers = np.exp(scores - scores.max(1, keepdims=True), dtype=np.float32)
    chances: NDArray[np.float32] = powers / powers.sum(1, keepdims=True)
    return chances
