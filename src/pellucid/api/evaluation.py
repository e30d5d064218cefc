"""Judge a trained network on labels, and labels by trained networks."""

from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.watch import Watcher

if TYPE_CHECKING:
    from pellucid.data.catalogue import Split
    from pellucid.evaluation.result import Evaluation
    from pellucid.training.outcome.suspects import Suspects
    from pellucid.training.run import Run


def evaluate(
    run: str | Path,
    data: str | Path,
    *,
    split: "Split | None" = None,
    watch: Watcher | None = None,
) -> "Evaluation":
    """Judge a trained network on labelled images.

    Args:
        run: a run folder or a bundle folder.
        data: labelled images, as :func:`train` takes them; their classes are among the run's.
        split: which part of them; None takes the test images where the data has a test part of
            its own or is what the run was trained on (there validation images, where it had no
            test images), and all images elsewhere.
        watch: told what happens.

    Raises:
        DataError: the data cannot be used, has classes that the network does not know, or has
            no such part.
    """
    from pellucid.training.outcome.verdict import evaluate_run

    return evaluate_run(Path(run), data, split, watch or Watcher())


def labels(run: "str | Path | Run") -> "Suspects":
    """The labels of a run's images that are most likely wrong, the most suspect first.

    Every image is judged by a network that had not learnt from it, and confident learning
    (Northcutt et al. 2021) tells which labels these answers speak against.

    Args:
        run: trained with ``folds``.

    Raises:
        RunError: there is no run, or it had no cross-validation.
    """
    from pellucid.training.outcome.suspects import suspects_in
    from pellucid.training.run import Run, open_run

    return suspects_in((run if isinstance(run, Run) else open_run(run)).folder)
