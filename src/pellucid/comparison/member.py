"""One training of a comparison, in a process of its own: ``python -m pellucid.comparison.member``.

So its memory and its time are its own, and what goes wrong in it goes wrong there. It gets what
:class:`Task` holds through its standard input, and trains until that is closed: whether the one
that started it asks for a stop or is gone, it saves and ends.
"""

import importlib
import os
import pickle
import signal
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pellucid.comparison.memory import PeakMemory
from pellucid.comparison.messages import END, Sender
from pellucid.data.open import open_catalogue
from pellucid.errors import DataError, PellucidError
from pellucid.storage import write_json
from pellucid.training.choices.recipe import Recipe
from pellucid.training.fit import fit_run
from pellucid.training.planning.prepare import Prepared
from pellucid.training.run import open_run

#: What was measured, in the run's folder.
MEASURED = "measured.json"


@dataclass(frozen=True)
class Task:
    """What to train, and on what.

    Attributes:
        folder: of the run; its record exists.
        prepared: the data, with pixels in a file; its catalogue has no source.
        modules: to import first: they register the network.
    """

    folder: Path
    prepared: Prepared
    modules: tuple[str, ...]


def train_member(task: Task, watch: Sender) -> dict[str, Any]:
    """Train, or go on, and write what was measured.

    Returns:
        ``status`` of the run.
    """
    for module in task.modules:
        importlib.import_module(module)
    run = open_run(task.folder)
    if run.status != "finished":
        prepared = _with_source(task.prepared)
        recipe = Recipe.from_json(run.record["recipe"])
        peak = PeakMemory()
        run = fit_run(run, prepared, recipe, run.record["plan"]["allowed"], watch)
        memory = peak.growth()
    else:
        memory = None  # ended between the run's last word and the figure
    if run.status == "finished":
        write_json(task.folder / MEASURED, {"memory_bytes": memory})
    return {"status": run.status}


def _with_source(prepared: Prepared) -> Prepared:
    """The data with its files within reach again: a report shows pictures of them."""
    catalogue = open_catalogue(prepared.catalogue.place)
    if catalogue.samples != prepared.catalogue.samples:
        raise DataError(f"the images in {catalogue.root} have changed since they were read.")
    return replace(prepared, catalogue=catalogue)


def _stop_when_closed() -> None:
    """Ask the main thread to stop, as Ctrl-C does, once standard input ends."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Read the task, train, tell the end."""
    # Messages have the standard output to themselves: what a library prints goes to stderr.
    sender = Sender(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    with os.fdopen(0, "rb", closefd=False) as stream:
        task: Task = pickle.load(stream)  # from the process that started this one
    threading.Thread(target=_stop_when_closed, daemon=True).start()
    try:
        end = train_member(task, sender)
    except PellucidError as error:
        end = {"status": "failed", "error": str(error)}
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        end = {"status": "failed", "error": f"{type(error).__name__}: {first}."}
    except KeyboardInterrupt:  # asked to stop outside the loop: the last checkpoint is kept
        end = {"status": "interrupted"}
    sender.send(END, end)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
