"""One training in a process of its own: ``python -m pellucid.studio.trainee ORDER``.

ORDER is JSON: ``{"data": …, "output": …, "wishes": {…}}``, or ``{"resume": RUN}``. It tells what it
does on its standard output, a JSON object a line, and trains until its standard input is closed:
whether the studio asks for a stop or is gone, it saves and ends.
"""

import json
import os
import shlex
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from pellucid.comparison.messages import END, Sender
from pellucid.errors import PellucidError
from pellucid.report.page import write_report
from pellucid.training.choices.wishes import Wishes
from pellucid.training.run import Run
from pellucid.training.train import Call, resume_run, train_run

if TYPE_CHECKING:
    from pellucid.data.audit import Audit
    from pellucid.training.planning.plan import Plan


class Telling(Sender):
    """Tells the audit's verdicts and the plan too."""

    def audit(self, audit: "Audit") -> None:
        for verdict in audit.verdicts:
            self.message(verdict.sentence)

    def plan(self, plan: "Plan") -> None:
        for sentence in plan.sentences:
            self.message(sentence)


def carry_out(order: dict[str, Any], watch: Telling, begin: float) -> Run:
    """Train, or go on, and write the report.

    Raises:
        PellucidError: it cannot be done.
    """
    if "resume" in order:
        run = resume_run(order["resume"], watch)
    else:
        words = [f"--{name}={value}" for name, value in order["wishes"].items()]
        command = ["pellucid", "train", order["data"], "-o", order["output"], *words]
        wishes = Wishes(**order["wishes"])
        call = Call(order["data"], order["output"], wishes, shlex.join(command), begin)
        run = train_run(call, watch)
    if run.status == "finished":
        write_report(run.folder)
    return run


def _stop_when_closed() -> None:
    """Ask the main thread to stop, as Ctrl-C does, once standard input ends."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Read the order, train, tell the end."""
    begin = time.monotonic()
    # Messages have the standard output to themselves: what a library prints goes to stderr.
    watch = Telling(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    threading.Thread(target=_stop_when_closed, daemon=True).start()
    try:
        run = carry_out(json.loads(sys.argv[1]), watch, begin)
        end = {"status": run.status, "folder": str(run.folder)}
    except PellucidError as error:
        end = {"status": "failed", "error": str(error)}
    except KeyboardInterrupt:  # asked to stop before anything was trained
        end = {"status": "stopped"}
    watch.send(END, end)


if __name__ == "__main__":
    main()
