"""What a person sees on stderr while something long runs: the plan, a bar, a line an epoch."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from pellucid.cli.console import progress, say
from pellucid.launch import place
from pellucid.watch import Watcher

if TYPE_CHECKING:
    from pellucid.data.audit import Audit
    from pellucid.training.planning.plan import Plan
    from pellucid.training.run import Run

#: Rich styles by the severity of an audit's verdict; those not named here are not shown.
SHOWN = {"error": "red", "warning": "yellow"}


class TerminalWatcher(Watcher):
    """Shows a training, an evaluation or an audit to a person. Use it as a context manager.

    >>> with TerminalWatcher() as watch:
    ...     watch.stage("decoding", total=2)
    ...     watch.advance(2)
    """

    def __enter__(self) -> "TerminalWatcher":
        self._stage = ExitStack()
        self._advance: Callable[[int], None] = _ignore
        return self

    def __exit__(self, *_: object) -> None:
        self._stage.close()

    def stage(self, name: str, total: int | None) -> None:
        """The next piece of work begins; ``total`` steps if that is known."""
        self._stage.close()
        self._advance = self._stage.enter_context(progress(total, name))

    def advance(self, count: int) -> None:
        """``count`` more steps of the stage are done."""
        self._advance(count)

    def audit(self, audit: "Audit") -> None:
        """What is wrong with the data."""
        for verdict in audit.verdicts:
            if verdict.severity in SHOWN:
                say(verdict.sentence, style=SHOWN[verdict.severity])

    def plan(self, plan: "Plan") -> None:
        """What will be trained, and how long it will take."""
        for sentence in plan.sentences:
            say(sentence)

    def epoch(self, record: dict[str, Any]) -> None:
        """One epoch is done; ``record`` is its entry in ``run.json``'s history."""
        say(epoch_line(record))

    def message(self, sentence: str) -> None:
        """Anything else worth a line."""
        say(sentence)

    def done(self, run: "Run") -> None:
        """The run folder is complete."""
        self._stage.close()


class WorkerWatcher(Watcher):
    """What is shown of a worker that is not the first: only what no other can know."""

    def __enter__(self) -> "WorkerWatcher":
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to end."""

    def message(self, sentence: str) -> None:
        """Say it with the worker's name."""
        say(f"{place().words}: {sentence}")


def _ignore(count: int) -> None:
    """No stage has begun."""


def epoch_line(record: dict[str, Any]) -> str:
    """An epoch's record as one line; what was not measured is left out.

    >>> epoch_line({"epoch": 3, "seconds": 7.94, "loss": 0.5124, "accuracy": 0.842,
    ...             "val_loss": None, "val_accuracy": None})
    'epoch 3   loss 0.512   accuracy 84.2%   7.9 s'
    """
    parts = [f"epoch {record['epoch']}"]
    for key, name in (("loss", "loss"), ("val_loss", "validation loss")):
        if record[key] is not None:
            parts.append(f"{name} {record[key]:.3f}")
    for key, name in (("accuracy", "accuracy"), ("val_accuracy", "validation accuracy")):
        if record[key] is not None:
            parts.append(f"{name} {record[key]:.1%}")
    parts.append(f"{record['seconds']:.1f} s")
    return "   ".join(parts)
