"""The data room's page: audit, confusions, mistakes, runs, a training."""

from pellucid.studio.parts import controls
from pellucid.studio.parts.look import add_look
from pellucid.studio.rooms.data.audit import Findings
from pellucid.studio.rooms.data.confusion import Confusions
from pellucid.studio.rooms.data.live import Live
from pellucid.studio.rooms.data.local import is_local
from pellucid.studio.rooms.data.mistakes import Mistakes
from pellucid.studio.rooms.data.runs import Runs
from pellucid.studio.rooms.data.state import DataState
from pellucid.studio.traces import bench_of
from pellucid.studio.visit import Visit
from pellucid.training.run import RECORD, open_run


def build(visit: Visit[DataState]) -> None:
    """The whole page; what names folders of the server is for those who sit at it."""
    add_look()
    bench = bench_of(visit.network)
    run = open_run(bench.path) if (bench.path / RECORD).is_file() else None
    if run is not None:
        with controls.part("What it was trained on"):
            Findings(visit, bench).show(run.record["data"]["audit"])
        evaluation = run.evaluation
        if evaluation is not None:
            Confusions(visit, bench, evaluation)
            Mistakes(visit, bench, run, evaluation)
    else:
        visit.say(
            "A bundle without its run does not say what it was trained on: open the studio with "
            "the run folder to see its data and its mistakes."
        )
    if is_local():
        Live(visit, bench, Runs(bench.path).show)
