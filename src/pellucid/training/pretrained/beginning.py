"""Whether a training begins with weights that have learnt before, and with which."""

from pathlib import Path

from pellucid.data.catalogue import Catalogue
from pellucid.data.probe import probe
from pellucid.errors import UsageError
from pellucid.models import check_fit
from pellucid.models.efficientnet_lite0 import has_pretrained
from pellucid.training.choices.origin import PRETRAINED, Beginning, beginning, pretrained
from pellucid.training.choices.wishes import Wishes
from pellucid.training.rehearsal.programme import Rehearsal

#: Images whose shorter side is smaller are not what the pretrained weights have learnt from.
LEAST_SIDE = 64


def choose_beginning(catalogue: Catalogue, wishes: Wishes) -> tuple[Beginning | None, str]:
    """The weights to begin with, or None for random ones; and why, where it needs to be said.

    Raises:
        UsageError: the wishes do not go together with the weights that they name.
        BundleError: these are damaged.
    """
    named = None if wishes.model == "auto" else wishes.model
    if wishes.weights is not None:
        _refuse(catalogue, wishes)
        found = beginning(Path(wishes.weights), named)
        check_fit(found.architecture(2), found.tensors, wishes.weights)
        return found, ""
    if not wishes.pretrained or named not in (None, PRETRAINED) or wishes.width is not None:
        return None, ""
    why = _objection(catalogue, wishes)
    return (None, f"It begins with random weights: {why}.") if why else (pretrained(), "")


def _objection(catalogue: Catalogue, wishes: Wishes) -> str:
    """What speaks against the pretrained weights; empty where nothing does."""
    if wishes.color == "gray":
        return "the pretrained ones are for colour, and gray was asked for"
    if catalogue.stream is not None:
        return "a new head is fitted to all images at once, and these are streamed"
    if _rehearses(wishes):
        return "cross-validation, learning curve and search train from scratch"
    look = probe(catalogue)
    if wishes.model == "auto" and min(look.height, look.width) < LEAST_SIDE:
        return (
            f"the pretrained ones are for photographs, and these images have {look.width}×"
            f"{look.height} pixels in the median"
        )
    if not has_pretrained():
        return "pip install 'pellucid[pretrained]' for some that know photographs already"
    return ""


def _rehearses(wishes: Wishes) -> bool:
    """Other trainings were asked for before the training proper."""
    return Rehearsal.of(wishes, search=wishes.augment == "search").needed


def _refuse(catalogue: Catalogue, wishes: Wishes) -> None:
    """Wishes that do not go with weights of one's own.

    Raises:
        UsageError: there is one.
    """
    for what, asked in (
        ("--width", wishes.width is not None),
        ("--color", wishes.color != "auto"),
        ("--folds, --learning-curve and --augment search", _rehearses(wishes)),
    ):
        if asked:
            raise UsageError(f"--weights brings its own network and input: leave {what} out.")
    if catalogue.stream is not None:
        raise UsageError(
            f"--weights fits a new head to all images at once, and those of {catalogue.place} are "
            "streamed: take shards on this machine, without --stream, or leave --weights out."
        )
