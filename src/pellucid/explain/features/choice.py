"""Which channels of a layer a user means."""

from collections.abc import Sequence

import numpy as np

from pellucid.errors import UsageError


def chosen_channels(
    asked: Sequence[int] | None, ordered: Sequence[int], most: int, *, kind: str = "channel"
) -> tuple[int, ...]:
    """The channels that were asked for, checked; by default the first of all.

    Args:
        asked: their numbers; None for the first ``most`` of ``ordered``.
        ordered: all there are.
        most: how many there may be.
        kind: what the message calls them.

    Raises:
        UsageError: none, too many, or one that there is not.

    >>> chosen_channels(None, range(100), 3), chosen_channels([5, 1], range(8), 64)
    ((0, 1, 2), (5, 1))
    """
    if most < 1:
        raise UsageError(f"expected at least 1 {kind} to show, found {most}.")
    if asked is None:
        return tuple(ordered[:most])
    for channel in asked:
        whole = isinstance(channel, int | np.integer) and not isinstance(channel, bool)
        if not whole or not 0 <= channel < len(ordered):
            raise UsageError(f"expected {kind}s from 0 to {len(ordered) - 1}, found {channel!r}.")
    if not 1 <= len(asked) <= most:
        raise UsageError(f"expected 1 to {most} {kind}s, found {len(asked)}.")
    return tuple(int(channel) for channel in asked)
