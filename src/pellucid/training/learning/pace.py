"""Keeping to the time: as many steps are made as fit, at the pace of the last epochs."""

from pellucid.training.choices.recipe import Progressive
from pellucid.training.learning.position import Position

#: Epochs before the one under way from which the pace is taken.
_RECENT = 2
#: So many times an epoch the steps that fit are counted anew.
_TIMES = 8


def is_due(position: Position, steps_per_epoch: int) -> bool:
    """Whether the steps that fit are to be counted anew after this one."""
    return position.step % max(1, steps_per_epoch // _TIMES) == 0


def keep_to_the_time(
    position: Position,
    allowed: float,
    steps_per_epoch: int,
    progressive: Progressive | None = None,
) -> None:
    """Plan fewer steps where those left do not fit, more where more fit.

    The schedule runs on from where it is, so that a last epoch need not be whole.

    Args:
        position: after a step of the epoch under way, whose row is not in the history yet; its
            total is changed.
        allowed: seconds for the whole training.
        steps_per_epoch: steps in each epoch.
        progressive: the first steps cost less.

    Ten epochs of two seconds each are planned, the first is over, and there are nine seconds:

    >>> position = Position(step=4, total=40, seconds=2.0, epoch_seconds=2.0)
    >>> keep_to_the_time(position, allowed=9.0, steps_per_epoch=4)
    >>> position.total
    18
    """
    if position.finished:
        return
    recent = [row["seconds"] for row in position.history[-_RECENT:]]
    first = (len(position.history) - len(recent)) * steps_per_epoch
    progressive = progressive or Progressive()
    small = max(position.small - first, 0)
    work = position.step - first - small * (1 - progressive.cost)
    pace = (sum(recent) + position.epoch_seconds) / work
    ahead = pace * progressive.mean_cost(position.progress)
    fitting = max(1, int((allowed - position.seconds) / ahead))
    if position.step + fitting != position.total:
        position.end_after(position.step + fitting)
