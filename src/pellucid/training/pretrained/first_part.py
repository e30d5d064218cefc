"""The first part of a run that begins with weights: kept, gone on with, and judged in the end."""

from collections.abc import Callable
from typing import Any

from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.feed import Images
from pellucid.training.learning.loop import Loop
from pellucid.training.learning.start import Start, load_start, save_start
from pellucid.training.planning.words import kept_sentence, start_sentence
from pellucid.training.pretrained.frozen import fit_head
from pellucid.training.run import Run
from pellucid.watch import Watcher


def begin_with_head(
    run: Run,
    recipe: Recipe,
    images: Images,
    tie: str,
    *,
    watch: Watcher,
    stopped: Callable[[], bool],
) -> Start | None:
    """The head on frozen features, fitted now or before the run was interrupted.

    Args:
        run: its folder keeps the head.
        recipe: has an origin.
        images: to fit it to.
        tie: what the head belongs to.
        watch: told what happens.
        stopped: whether a stop was asked for.

    Returns:
        The start of the loop; None where a stop was asked for.

    Raises:
        CheckpointError: what was kept is damaged, or the weights have changed since.
        PellucidError: the weights are gone or cannot be used.
    """
    start = load_start(run.folder, tie)
    if start is None:
        run.record["status"] = "running"
        start = fit_head(recipe, images, watch, stopped)
        if start is None:
            run.record["status"] = "interrupted"
            run.save()
            watch.done(run)
            return None
        save_start(run.folder, start, tie)
        watch.message(start_sentence(start))
    run.record["start"] = start.facts
    return start


def note_kept(run: Run, loop: Loop, start: Start, watch: Watcher) -> None:
    """Say, and write down, whether fine-tuning was worth it."""
    sentence = kept_sentence(loop, start)
    run.record["plan"]["sentences"].append(sentence)
    watch.message(sentence)


def whole_history(loop: Loop, start: Start | None) -> list[dict[str, Any]]:
    """The loop's rows, after the start's."""
    first = [] if start is None else [start.row]
    return [*first, *loop.position.history]
