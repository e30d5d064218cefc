"""Compare networks, and go on with a comparison."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.api.command import compare_command
from pellucid.watch import Watcher

if TYPE_CHECKING:
    from pellucid.comparison.folder import Comparison
    from pellucid.training.choices.wishes import Augment, Balance, Color, Flip

#: Minutes of training for each network where nothing was asked for.
DEFAULT_COMPARE_MINUTES = 1.0


def compare(
    data: str | Path,
    output: str | Path | None = None,
    *,
    models: Sequence[str] = (),
    heads: bool = False,
    minutes: float | None = None,
    epochs: int | None = None,
    seeds: int = 1,
    parameters: int | None = None,
    size: int | None = None,
    seed: int = 0,
    color: "Color" = "auto",
    flip: "Flip" = "auto",
    augment: "Augment" = "auto",
    balance: "Balance" = "auto",
    strict: bool = False,
    overwrite: bool = False,
    watch: Watcher | None = None,
) -> "Comparison":
    """Train several networks on the same data under the same budget, and see how they stand.

    The data is read, audited and decoded once. All networks get the same images for training,
    validation and test, the same preprocessing and the same random variations. Each training is
    an ordinary run folder inside the comparison folder, and runs in a process of its own.

    Args:
        data: as :func:`train` takes it.
        output: the comparison folder to write; None takes ``comparisons/NAME-N``.
        models: names of networks, in the order of the tables; by default fully connected, locally
            connected, convolutional, Network in Network and Inception.
        heads: compare heads on one trunk instead: flatten and fully connected against global
            average pooling, on ``compact`` or the models named.
        minutes: of training, for each network. Without minutes and epochs: one.
        epochs: passes over the training images, for each network, instead of minutes.
        seeds: trainings of each network, with the seeds ``seed``, ``seed`` + 1, …
        parameters: about as many as each network that comes in any width shall have; None takes
            the geometric mean of the networks that do not.
        size: side of the networks' input in pixels; None lets the plan decide.
        seed: of the split, and of the first training of each network.
        color: channels of the input; ``auto`` is gray where no image has colour.
        flip: whether images are mirrored at random; ``auto`` asks the data.
        augment: strength of the random variations; ``auto`` follows the number of epochs.
        balance: whether rare classes weigh more.
        strict: stop at a file that cannot be used, instead of leaving it out.
        overwrite: replace the comparison folder if it exists.
        watch: told what happens; None works silently.

    Returns:
        The comparison. Networks that failed are among its ``failures``; its status is
        ``interrupted`` where Ctrl-C stopped it.

    Raises:
        UsageError: an argument is wrong.
        DataError: the data set cannot be used.
        StorageError: the folder cannot be written.
    """
    from pellucid.comparison.compare import compare_networks
    from pellucid.comparison.lineup import Asked
    from pellucid.training.choices.wishes import Wishes

    wishes = Wishes(
        minutes=DEFAULT_COMPARE_MINUTES if minutes is None and epochs is None else minutes,
        epochs=epochs,
        size=size,
        color=color,
        augment=augment,
        flip=flip,
        balance=balance,
        seed=seed,
    )
    asked = Asked(tuple(models), heads, seeds, parameters, wishes)
    comparison = compare_networks(
        data,
        output,
        asked,
        strict=strict,
        overwrite=overwrite,
        command=compare_command(data, output, asked),
        watch=watch or Watcher(),
    )
    return _shown(comparison)


def resume_comparison(folder: str | Path, *, watch: Watcher | None = None) -> "Comparison":
    """Go on with an interrupted comparison: finished networks are kept, the others go on.

    Networks that failed are tried again, for the reason may be gone.

    Args:
        folder: of the comparison; data and options are its own.
        watch: told what happens.

    Raises:
        RunError: the folder holds no comparison, another process is at work in it, or the images
            have changed since.
    """
    from pellucid.comparison import compare

    return _shown(compare.resume_comparison(folder, watch or Watcher()))


def _shown(comparison: "Comparison") -> "Comparison":
    """Write the pages of a finished comparison: its own, and those of its runs."""
    if comparison.status == "finished" and comparison.standings:
        from pellucid.report.comparison import write_comparison
        from pellucid.report.page import write_report

        for member in comparison.members:
            if member["status"] == "finished":
                write_report(comparison.folder / member["folder"])
        write_comparison(comparison)
    return comparison
