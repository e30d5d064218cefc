"""Whether a training learns nothing, so that its time is better spent on its data."""

import math

from pellucid.errors import TrainingError
from pellucid.training.learning.feed import Feed
from pellucid.training.learning.position import Position

#: Share of the training after which accuracy must have left chance behind.
HOPELESS_AFTER = 0.4
#: Steps before which nobody can tell.
FEWEST_STEPS = 100


def refuse_to_go_on(position: Position, feed: Feed) -> None:
    """Stop once it is plain that the labels cannot be told from the images.

    Args:
        position: of the training, at the end of an epoch.
        feed: of its images.

    Raises:
        TrainingError: no accuracy so far is above that of always naming the most frequent class,
            by 2.5 standard errors.
    """
    chance = float(feed.class_counts.max()) / feed.count
    noise = 2.5 * math.sqrt(chance * (1 - chance) / feed.count)
    last = position.history[-1]["accuracy"]
    scores = [last, *(row["val_accuracy"] or 0.0 for row in position.history)]
    late = position.progress >= HOPELESS_AFTER and position.step >= FEWEST_STEPS
    if late and max(scores) <= chance + noise:
        raise TrainingError(
            f"after {position.progress:.0%} of the training the accuracy is {last:.1%}, no better "
            f"than always naming the most frequent class ({chance:.1%}): the labels seem to have "
            "nothing to do with the images. Look at `pellucid audit`."
        )
