"""Keeping to the time: as many epochs are made as fit, at the pace of the last few."""

from pellucid.training.position import Position

#: Epochs before the last from which the pace is taken.
_RECENT = 2
#: So many times the epochs left must fit before more are made: small gains are not worth a
#: schedule that wavers.
_SLACK = 1.15


def keep_to_the_time(position: Position, allowed: float, steps_per_epoch: int) -> None:
    """Plan fewer epochs where those left do not fit, more where clearly more fit.

    Args:
        position: at the end of an epoch, before its row is in the history; its total is changed.
        allowed: seconds for the whole training.
        steps_per_epoch: steps in each epoch.

    Ten epochs of two seconds each are planned, the first is over, and there are eight seconds:

    >>> position = Position(step=5, total=50, seconds=2.0, epoch_seconds=2.0)
    >>> keep_to_the_time(position, allowed=8.0, steps_per_epoch=5)
    >>> position.total // 5
    4
    """
    if position.finished:
        return
    recent = [row["seconds"] for row in position.history[-_RECENT:]] + [position.epoch_seconds]
    pace = sum(recent) / len(recent)
    done = position.step // steps_per_epoch
    left = position.total // steps_per_epoch - done
    fitting = max(1, int((allowed - position.seconds) / pace))
    if not left <= fitting <= left * _SLACK:
        position.end_after((done + fitting) * steps_per_epoch)
