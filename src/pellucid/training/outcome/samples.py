"""Images of a run's own data that it has not learnt from, to try its network on."""

from pathlib import Path

from pellucid.errors import PellucidError
from pellucid.inference.bundle import read_card
from pellucid.inference.cases import Case, demo_cases, spread
from pellucid.training.planning.prepare import prepare_again
from pellucid.training.run import RECORD, open_run
from pellucid.watch import Watcher


class _ProgressOnly(Watcher):
    """Passes on how far the reading is, and not what is to be said of the data."""

    def __init__(self, watch: Watcher) -> None:
        self.stage, self.advance = watch.stage, watch.advance  # type: ignore[method-assign]


def sample_cases(path: Path, most: int, watch: Watcher) -> list[Case]:
    """Validation images of a run, or the demo's where its data is gone or there is no run.

    Args:
        path: a run folder or a bundle.
        most: how many at most, evenly spread.
        watch: told what happens.
    """
    if not (path / RECORD).is_file():
        watch.message("A bundle without its run has no images of its own: the demo's are taken.")
        return demo_cases(most)
    try:
        return _validation_cases(path, most, watch)
    except (PellucidError, KeyError, TypeError) as error:
        watch.message(f"The run's own images cannot be used, the demo's are taken: {error}")
        return demo_cases(most)


def _validation_cases(path: Path, most: int, watch: Watcher) -> list[Case]:
    run = open_run(path)
    catalogue = run.open_data()
    fitting = read_card(path).preprocessing
    prepared = prepare_again(catalogue, run.record, fitting, _ProgressOnly(watch))
    # A cross-validated run keeps no validation images.
    indices = prepared.splits.val if len(prepared.splits.val) else prepared.splits.test
    try:
        return [
            Case(catalogue.samples[index].name, catalogue.source.load(index).pixels)
            for index in (int(indices[place]) for place in spread(len(indices), most))
        ]
    finally:
        prepared.pixels.close()
        catalogue.source.close()
