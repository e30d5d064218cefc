"""How a training tells what it does: a watcher is called, and shows it or not."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pellucid.data.audit import Audit
    from pellucid.training.planning.plan import Plan
    from pellucid.training.run import Run


class Watcher:
    """Does nothing; override what you want to hear. Methods are called from the training thread."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins; ``total`` units are expected (None: unknown)."""

    def advance(self, count: int) -> None:
        """So many more units of the stage are done."""

    def audit(self, audit: "Audit") -> None:
        """The data set's audit, before anything is trained."""

    def plan(self, plan: "Plan") -> None:
        """What is going to be trained and for how long."""

    def epoch(self, record: dict[str, Any]) -> None:
        """An epoch ended; the record is a row of the run's history."""

    def message(self, sentence: str) -> None:
        """Something worth knowing."""

    def done(self, run: "Run") -> None:
        """The run is complete, report and all, or was interrupted."""
