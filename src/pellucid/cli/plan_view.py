"""What a person sees of a plan in a terminal: what was tried, gained and rejected, and why."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pellucid.inference.plan.record import Plan
from pellucid.inference.plan.step import Step
from pellucid.text import visible

_STYLES = {"kept": "green", "rejected": "red", "nothing to do": "dim"}
_NOTHING = "–"


def plan_view(plan: Plan, batch: int) -> Group:
    """The steps of a plan and what it chose.

    Args:
        plan: what was found.
        batch: images at once at which it was timed.

    Returns:
        Something that a rich console prints.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("runtime", "tried"):
        table.add_column(name, header_style="dim", overflow="fold")
    for name in ("ms", "gain", "95%", "differs"):
        table.add_column(name, header_style="dim", justify="right", no_wrap=True)
    table.add_column("verdict", header_style="dim", overflow="fold")
    engine = ""
    for step in plan.steps:
        label = "" if step.engine == engine else step.engine
        engine = step.engine
        table.add_row(label, Text(step.name), *_figures(step), _verdict(step))
    parts: list[RenderableType] = [table, Text(_legend(plan, batch), "dim"), Text()]
    parts += [Text(visible(sentence)) for sentence in _sentences(plan)]
    return Group(*parts)


def _figures(step: Step) -> tuple[str, ...]:
    difference = _NOTHING if step.difference is None else f"{step.difference:.0e}"
    if step.timing is None:
        return _NOTHING, _NOTHING, _NOTHING, difference
    timing = step.timing
    interval = f"{timing.low:.2f}-{timing.high:.2f}"
    return f"{1e3 * timing.after:,.1f}", f"{timing.gain:.2f}×", interval, difference


def _verdict(step: Step) -> Text:
    said = Text(step.verdict, _STYLES[step.verdict])
    if step.verdict != "nothing to do":
        said.append(f": {visible(step.reason)}", "default")
    if step.accuracy is not None:
        one = step.accuracy
        said.append(
            f"; accuracy {100 * one.before:.1f}% to {100 * one.after:.1f}% on {one.images:,} "
            f"images, {one.lost} lost, {one.won} won",
            "default",
        )
    return said


def _legend(plan: Plan, batch: int) -> str:
    load = "" if plan.load is None else f", load {plan.load:.1f}"
    return (
        f"ms: a batch of {batch} · gain: against the best of the runtime so far (its first line and "
        "its last: against what is named), median of alternated rounds with its 95% interval\n"
        f"differs: largest difference in probability from torch as trained, on {plan.images}\n"
        f"{plan.machine.cpu}, {plan.machine.cores} cores{load}"
    )


def _sentences(plan: Plan) -> list[str]:
    if plan.setup is None:
        chosen = "Nothing faithful is faster than torch as trained: it stays."
    else:
        threads = "its own threads" if plan.setup.threads is None else f"{plan.setup.threads} threads"
        chosen = (
            f"Chosen: {plan.setup.engine}, {plan.precision}, {threads}: {plan.gain:.2f} times as "
            "fast as torch as trained."
        )
    rates = ", ".join(f"{size}: {rate:,.0f}" for size, rate in plan.rates.items())
    return [chosen, f"Images a second by batch size: {rates}; fastest at {plan.batch}."]
