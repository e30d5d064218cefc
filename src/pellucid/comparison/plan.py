"""What a comparison is going to train, and for how long."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from pellucid.comparison.lineup import Asked, Entry
from pellucid.comparison.sizing import SIZED, Sizing, parameters_of, size_all
from pellucid.errors import PellucidError
from pellucid.models import Architecture
from pellucid.text import counted, duration
from pellucid.training.choices.recipe import Recipe
from pellucid.training.planning.common import Common, common_choices
from pellucid.training.planning.plan import Counts, Plan, draft_for, fit_epochs
from pellucid.training.planning.prepare import Prepared
from pellucid.training.planning.words import data_sentences, plan_sentences
from pellucid.watch import Watcher

#: Seconds for a process of its own to start, and to write what it made.
_PROCESS = 5.0


@dataclass(frozen=True)
class Planned:
    """One network of the line-up.

    Attributes:
        entry: what was asked for.
        plan: of its training, for the first seed; None where it cannot be trained.
        why: that cannot be, as a sentence.
    """

    entry: Entry
    plan: Plan | None
    why: str | None = None


@dataclass(frozen=True)
class ComparisonPlan:
    """All trainings of a comparison.

    Attributes:
        networks: in the order of the line-up.
        target: parameters that networks were sized to; None where none was.
        seconds: all should take.
        sentences: the plan in words.
    """

    networks: tuple[Planned, ...]
    target: int | None
    seconds: float
    sentences: tuple[str, ...]


def plan_comparison(prepared: Prepared, asked: Asked, watch: Watcher) -> ComparisonPlan:
    """Size the networks, and fit their trainings into the budget.

    All share the preprocessing, the class weights and the random variations: the latter are those
    of the median number of epochs. Batch size, optimiser and learning rate suit each network.
    """
    common = common_choices(prepared, asked.wishes)
    classes = len(prepared.catalogue.classes)
    sizing = size_all(asked.entries, classes, common.preprocessing, asked.parameters)
    watch.stage("measuring this machine", len(asked.entries))
    networks = []
    for entry in asked.entries:
        networks.append(_planned(entry, sizing, prepared, common, asked))
        watch.advance(1)
    plans = [planned.plan for planned in networks if planned.plan is not None]
    if plans:
        epochs = median(plan.recipe.epochs for plan in plans)
        varied = common.augmentation(asked.wishes, epochs)
        networks = [
            _with_words(_with(planned, augmentation=varied), prepared, common, asked)
            for planned in networks
        ]
    seconds = sum(_whole_seconds(plan, prepared) for plan in plans) * asked.seeds
    shared = next((planned.plan.recipe for planned in networks if planned.plan is not None), None)
    about = data_sentences(shared, prepared, common.mirror, asked.wishes) if shared else ()
    budget = _budget(len(plans), seconds, asked)
    each = (_network(planned, sizing) for planned in networks)
    sentences = (*about, budget, *_target(sizing), *each)
    return ComparisonPlan(tuple(networks), sizing.target, seconds, sentences)


def with_seed(recipe: Recipe, seed: int) -> Recipe:
    """The same training from another start: initial weights, order, variations, dropout."""
    return replace(recipe, seed=seed)


def _planned(
    entry: Entry, sizing: Sizing, prepared: Prepared, common: Common, asked: Asked
) -> Planned:
    if entry.name in sizing.refused:
        return Planned(entry, None, sizing.refused[entry.name])
    splits, wishes = prepared.splits, asked.wishes
    counts = Counts(len(splits.train), len(splits.val), len(splits.test))
    try:
        recipe = draft_for(
            sizing.architectures[entry.name], wishes, common.preprocessing, counts.train
        )
        # All begin alike, with random weights and images of full size.
        recipe = replace(
            recipe, class_weights=common.class_weights, whitening=False, progressive=None
        )
        plan = fit_epochs(wishes, recipe, counts, wishes.budget)
    except (PellucidError, RuntimeError, ValueError) as error:  # torch's refusals are the latter
        return Planned(entry, None, str(error).splitlines()[0])
    return Planned(entry, plan)


def _with(planned: Planned, **changes: object) -> Planned:
    """Other choices in the recipe of a network that has one."""
    if planned.plan is None:
        return planned
    recipe = replace(planned.plan.recipe, **changes)  # type: ignore[arg-type]
    return replace(planned, plan=replace(planned.plan, recipe=recipe))


def _with_words(planned: Planned, prepared: Prepared, common: Common, asked: Asked) -> Planned:
    """The plan with the sentences of its run's report."""
    if planned.plan is None:
        return planned
    words = plan_sentences(planned.plan, prepared, common.mirror, asked.wishes)
    return replace(planned, plan=replace(planned.plan, sentences=words))


def _whole_seconds(plan: Plan, prepared: Prepared) -> float:
    """One training, its test, and its turn in the end."""
    tested = len(prepared.splits.test) or len(prepared.splits.val)
    assert plan.throughput is not None
    return plan.seconds + 2 * tested * plan.throughput.answer + _PROCESS


def _budget(networks: int, seconds: float, asked: Asked) -> str:
    wishes = asked.wishes
    each = duration(wishes.budget) if wishes.epochs is None else counted(wishes.epochs, "epoch")
    seeds = f" with each of {asked.seeds} seeds" if asked.seeds > 1 else ""
    end = datetime.now() + timedelta(seconds=seconds)
    return (
        f"{counted(networks, 'network')}, {each} of training "
        f"each{seeds}, one after the other: about {duration(seconds)} in all, until {end:%H:%M:%S}."
    )


def _target(sizing: Sizing) -> tuple[str, ...]:
    if sizing.target is None:
        return ()
    if not sizing.fixed:
        return (f"Widths are chosen so that parameters come nearest to {sizing.target:,}.",)
    whose = "the size of" if len(sizing.fixed) == 1 else "the geometric mean of"
    return (
        f"Widths are chosen so that parameters come nearest to {sizing.target:,}, {whose} "
        f"{' and '.join(sizing.fixed)}, whose widths are fixed.",
    )


def _network(planned: Planned, sizing: Sizing) -> str:
    name, plan = planned.entry.name, planned.plan
    if plan is None:
        return f"{name} is passed over: {planned.why}"
    recipe = plan.recipe
    late = plan.allowed is not None and plan.seconds > plan.allowed
    epochs = counted(recipe.epochs, "epoch")
    return (
        f"{name}{_width(recipe.architecture, sizing)}: "
        f"{parameters_of(recipe.architecture):,} parameters, {plan.macs / 1e6:,.2f} million "
        f"multiply-adds, {epochs}, {recipe.optimiser}."
        f"{f' One pass does not fit the budget: about {duration(plan.seconds)}.' if late else ''}"
    )


def _width(architecture: Architecture, sizing: Sizing) -> str:
    """The widths that were chosen, in brackets."""
    if sizing.target is None or architecture.name not in SIZED:
        return ""
    chosen = next(architecture.arguments[key] for key in ("hidden", "widths")
                  if key in architecture.arguments)  # fmt: skip
    return f" ({'-'.join(map(str, chosen))})"
