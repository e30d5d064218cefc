"""What a person sees of a plan in a terminal: what was tried, gained and rejected, and why."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pellucid.inference.plan.record import Plan
from pellucid.inference.plan.step import Step
from pellucid.text import visible

_STYLES = {"kept": "green", "rejected": "red"}
_NOTHING = "–"


def plan_view(plan: Plan, batch: int) -> Group:
    """The steps of a plan and what it chose.

    Args:
        plan: what was found.
        batch: images at once at which it was timed.

    Returns:
        Something that a rich console prints.
    """
    parts: list[RenderableType] = []
    for engine in dict.fromkeys(step.engine for step in plan.steps):
        parts += [_table(engine, [step for step in plan.steps if step.engine == engine]), Text()]
    parts.append(Text(_legend(plan, batch), "dim"))
    parts.append(Text())
    parts += [Text(visible(sentence)) for sentence in _sentences(plan)]
    return Group(*parts)


def _table(engine: str, steps: list[Step]) -> Group:
    """What was tried with one runtime."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(engine, header_style="bold", no_wrap=True)
    for name in ("ms", "gain", "95%", "differs"):
        table.add_column(name, header_style="dim", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for step in steps:
        if step.verdict != "nothing to do":
            table.add_row(Text(step.name), *_figures(step), _verdict(step))
    needless = [step.name for step in steps if step.verdict == "nothing to do"]
    said = f"no place in this network for: {', '.join(needless)}" if needless else ""
    accuracies = [Text(sentence) for step in steps if (sentence := _accuracy(step))]
    return Group(table, *accuracies, *([Text(said, "dim")] if said else []))


def _figures(step: Step) -> tuple[str, ...]:
    difference = _NOTHING if step.difference is None else f"{step.difference:.0e}"
    if step.timing is None:
        return _NOTHING, _NOTHING, _NOTHING, difference
    timing = step.timing
    interval = f"{timing.low:.2f}-{timing.high:.2f}"
    return f"{1e3 * timing.after:,.1f}", f"{timing.gain:.2f}×", interval, difference


def _verdict(step: Step) -> Text:
    said = Text(step.verdict, _STYLES[step.verdict])
    if step.verdict == "rejected" or step.timing is None:
        said.append(f": {visible(step.reason)}", "default")
    return said


def _accuracy(step: Step) -> str:
    if step.accuracy is None:
        return ""
    one = step.accuracy
    return (
        f"{step.name}: accuracy {100 * one.before:.2f}% to {100 * one.after:.2f}% on the same "
        f"{one.images:,} images ({one.lost} lost, {one.won} won)"
    )


def _legend(plan: Plan, batch: int) -> str:
    load = "" if plan.load is None else f", load {plan.load:.1f}"
    return (
        f"ms: a batch of {batch}, median. gain: against the best of the runtime so far, the first\n"
        "line against torch as trained; median of alternated rounds and its 95% interval.\n"
        f"differs: in probability, from torch as trained, at most, on {visible(plan.images)}.\n"
        f"{plan.machine.cpu}, {plan.machine.cores} cores{load}"
    )


def _sentences(plan: Plan) -> list[str]:
    if plan.setup is None:
        chosen = "Nothing faithful is faster than torch as trained: it stays."
    else:
        count = plan.setup.threads
        threads = "its own choice of threads" if count is None else f"{count} threads"
        chosen = (
            f"Chosen: {plan.setup.engine}, {plan.precision}, {threads}: {plan.gain:.2f} times as "
            "fast as torch as trained."
        )
    rates = ", ".join(f"{size}: {rate:,.0f}" for size, rate in plan.rates.items())
    return [chosen, f"Images a second by batch size: {rates}; fastest at {plan.batch}."]
