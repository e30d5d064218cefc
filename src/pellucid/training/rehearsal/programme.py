"""What a run trains before the training proper, and how much work that is.

The strengths of augmentation that are to be chosen from, the folds of a cross-validation, and the
smaller trainings of a learning curve: each a :class:`~pellucid.training.rehearsal.trial.Trial` with
the run's own recipe on other images.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pellucid.data.folds import make_folds, nested_subsets
from pellucid.errors import UsageError
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.rules import SCARCITY, batch_size, usual_strength, wanted_epochs
from pellucid.training.choices.wishes import Wishes
from pellucid.training.planning.plan import SMALL_DATA
from pellucid.training.planning.prepare import Prepared, is_posed
from pellucid.training.rehearsal.strength import strength_trials
from pellucid.training.rehearsal.trial import Indices, Trial

#: Name of a fold's training, and of the first.
FOLD = "fold-{}"
FIRST_FOLD = FOLD.format(1)
#: The epochs of a training of so many seconds are enough to compare strengths by.
WANTED_SECONDS = 180
#: Parts of the training images that a learning curve has, beside all of them …
SHARES = (1 / 8, 1 / 4, 1 / 2)
#: … each drawn so many times.
DRAWS = 2
#: A part has so many images a class on average, at least.
LEAST_A_CLASS = 3


@dataclass(frozen=True)
class Rehearsal:
    """The trainings before the training proper.

    Attributes:
        search: choose the strength of the augmentation.
        folds: of a cross-validation; None for none.
        curve: train on parts of the images.
        seed: of the folds and parts.
    """

    search: bool
    folds: int | None
    curve: bool
    seed: int

    @classmethod
    def of(cls, wishes: Wishes, *, search: bool) -> "Rehearsal":
        """What was asked for."""
        return cls(search, wishes.folds, wishes.learning_curve, wishes.seed)

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> "Rehearsal":
        """What an interrupted run was to do.

        Raises:
            KeyError: the record is damaged.
        """
        wishes = record["wishes"]
        search = bool(record["plan"].get("search", False))
        curve = bool(wishes.get("learning_curve", False))
        return cls(search, wishes.get("folds"), curve, wishes["seed"])

    @property
    def needed(self) -> bool:
        """There are such trainings."""
        return self.search or self.folds is not None or self.curve

    def refuse_unless_possible(self, workers: int, *, streamed: bool) -> None:
        """Make sure that one worker has all images to divide.

        Args:
            workers: that were started.
            streamed: training images are read anew each epoch, and not kept.

        Raises:
            UsageError: there are such trainings, and they cannot be made.
        """
        if self.needed and (workers > 1 or streamed):
            what = (
                "these are streamed: take shards on this machine, without --stream"
                if streamed
                else f"{workers} workers train one network: start it without torchrun"
            )
            raise UsageError(
                "cross-validation, learning curve and the search for an augmentation train several "
                f"networks on parts of the images, and {what}."
            )

    def search_trials(self, prepared: Prepared, recipe: Recipe) -> list[Trial]:
        """Candidates for the augmentation; one of them may become the run's own training."""
        if not self.search:
            return []
        splits, usual = prepared.splits, usual_of(prepared, recipe)
        if len(splits.val):
            own = Trial("strength", recipe, splits.train, splits.val, keep=self.folds is None)
            return strength_trials(own, usual)
        first = replace(self.fold_trials(prepared, recipe)[0], name="strength")
        return strength_trials(first, usual)

    def reuses_first(self, prepared: Prepared) -> bool:
        """The search's best answers are those of the first fold."""
        return self.search and self.folds is not None and not len(prepared.splits.val)

    @property
    def reuses_last(self) -> bool:
        """The search's best network is the run's own."""
        return self.search and self.folds is None

    def fold_trials(self, prepared: Prepared, recipe: Recipe) -> list[Trial]:
        """One training without each fold, asked about it."""
        if self.folds is None:
            return []
        train = prepared.splits.train
        numbers = make_folds(
            prepared.labels[train], prepared.groups[train], self.folds, seed=self.seed
        )
        return [
            Trial(FOLD.format(fold + 1), recipe, train[numbers != fold], train[numbers == fold])
            for fold in range(self.folds)
        ]

    def curve_trials(self, prepared: Prepared, recipe: Recipe) -> list[Trial]:
        """Trainings on parts of the images, asked about those that judge the run."""
        return list(self._curve_trials(prepared, recipe)) if self.curve else []

    def _curve_trials(self, prepared: Prepared, recipe: Recipe) -> Iterator[Trial]:
        train, judged = prepared.splits.train, judged_images(prepared)
        least = LEAST_A_CLASS * len(prepared.catalogue.classes)
        shares = [share for share in SHARES if round(share * len(train)) >= least]
        if not shares or not len(judged):
            raise UsageError(
                f"{prepared.catalogue.root} has {len(train):,} images to learn from and "
                f"{len(judged):,} to judge by: a learning curve needs {round(least / SHARES[-1])} "
                "of the former and some of the latter."
            )
        for draw in range(DRAWS):
            # Apart from the seeds of the folds, which are drawn from the same images.
            seed = self.seed + (draw + 1) * 1_000_003
            parts = nested_subsets(
                prepared.labels[train], prepared.groups[train], shares, seed=seed
            )
            for share, part in zip(shares, parts, strict=True):
                name = f"part-{round(1 / share)}-{draw + 1}"
                shorter = replace(suited(recipe, len(train), len(part)), seed=recipe.seed + draw)
                yield Trial(name, shorter, train[part], judged, give_up=False)

    def works(self, prepared: Prepared, recipe: Recipe) -> tuple[int, int, int, int]:
        """Images seen by the search, the folds, the curve and the training proper."""
        search = [trial.work for trial in self.search_trials(prepared, recipe)]
        folds = [trial.work for trial in self.fold_trials(prepared, recipe)]
        curve = [trial.work for trial in self.curve_trials(prepared, recipe)]
        if self.reuses_first(prepared):
            folds = folds[1:]
        own = 0 if self.reuses_last else recipe.epochs * len(prepared.splits.train)
        return sum(search), sum(folds), sum(curve), own

    def cost(self, prepared: Prepared, recipe: Recipe) -> float:
        """The work of all trainings, in units of one on all training images."""
        return sum(self.works(prepared, recipe)) / (recipe.epochs * len(prepared.splits.train))


def judged_images(prepared: Prepared) -> Indices:
    """The images that judge the run: test, or validation where there is no test."""
    return prepared.splits.test if len(prepared.splits.test) else prepared.splits.val


def usual_of(prepared: Prepared, recipe: Recipe) -> float:
    """The strength that the rule of thumb gives."""
    return usual_strength(recipe.epochs, posed=is_posed(prepared.scan))


def may_search(wishes: Wishes, prepared: Prepared, workers: int) -> bool:
    """Whether to look if there is time to choose the augmentation's strength by validation.

    With few images it matters most, and trainings are short. Only in minutes that were asked for:
    nobody else waits three times as long unasked.
    """
    asked = wishes.augment == "auto" and wishes.minutes is not None
    possible = workers == 1 and prepared.catalogue.stream is None
    return asked and possible and prepared.train_count < SMALL_DATA


def is_ample(shorter: Recipe, whole: Recipe, prepared: Prepared) -> bool:
    """A search would take nothing from the network: as wide, and as many epochs as it wants.

    Args:
        shorter: the recipe where the search takes its part of the time.
        whole: the recipe where it does not.
        prepared: the images.
    """
    wanted = wanted_epochs(len(prepared.splits.train), WANTED_SECONDS)
    return shorter.architecture == whole.architecture and shorter.epochs >= wanted


def suited(recipe: Recipe, images: int, fewer: int) -> Recipe:
    """The recipe for fewer images: smaller batches, and more epochs, as the planner gives them.

    That is the rule of :func:`~pellucid.training.choices.rules.wanted_epochs` without its bounds:
    with as many epochs, small parts would take too few steps, and the curve would be too steep.
    """
    return replace(
        recipe,
        epochs=round(recipe.epochs * (images / fewer) ** SCARCITY),
        batch_size=min(recipe.batch_size, batch_size(fewer)),
    )
