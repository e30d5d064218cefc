"""The learning rate over a training, as a factor of its peak."""


def one_cycle(progress: float, *, warm_up: float = 0.15, final: float = 0.01) -> float:
    """Linear rise over the first part, then linear fall (Smith 2018; Jordan 2024 for the shape).

    Args:
        progress: share of the training that is done, in [0, 1].
        warm_up: share spent rising, in (0, 1).
        final: factor left at the end.

    Returns:
        The factor, in [0, 1].

    >>> [round(one_cycle(p), 3) for p in (0.0, 0.075, 0.15, 0.575, 1.0)]
    [0.0, 0.5, 1.0, 0.505, 0.01]
    """
    if progress < warm_up:
        return progress / warm_up
    return 1 + (final - 1) * (progress - warm_up) / (1 - warm_up)
