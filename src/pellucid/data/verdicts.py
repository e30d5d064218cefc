"""What an audit's figures mean for the person who has the data: a few short sentences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pellucid.data.audit import Audit

Severity = Literal["error", "warning", "info"]

#: Names given in one sentence; the rest are counted.
NAMED = 3
#: With fewer images a class can hardly be learned, and not be judged.
FEW = 5
#: Largest class over smallest: worth knowing, worth doing something about.
UNEVEN, LOPSIDED = 3.0, 10.0
#: Left out on purpose by everyone: no reason to stop.
HARMLESS = ("hidden", "system")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing to know or to do.

    Attributes:
        severity: ``error``: no training is possible; ``warning``: something is lost or will
            mislead; ``info``: good to know.
        sentence: for people.
    """

    severity: Severity
    sentence: str


def judge(audit: "Audit") -> tuple[Verdict, ...]:
    """The verdicts on an audit, the gravest first."""
    found = [
        *_hopeless(audit),
        *_unseen(audit),
        *_left_out(audit),
        *_copies(audit),
        *_classes(audit),
        *_pictures(audit),
    ]
    rank = ("error", "warning", "info")
    return tuple(sorted(found, key=lambda verdict: rank.index(verdict.severity)))


def some(names: Iterable[str], most: int = NAMED) -> str:
    """A few names, and how many more there are.

    >>> some(["a", "b"]), some(["a", "b", "c", "d", "e"], most=2)
    ('a, b', 'a, b and 3 more')
    """
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def number(count: int, one: str, many: str = "") -> str:
    """A count with its noun.

    >>> number(1, "image"), number(8677, "image"), number(2, "class", "classes")
    ('1 image', '8,677 images', '2 classes')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _hopeless(audit: "Audit") -> Iterator[Verdict]:
    learnable = [each for each in audit.classes if each.train]
    if not audit.images:
        yield Verdict("error", "No image can be used.")
    elif len(learnable) < 2:
        yield Verdict(
            "error",
            "At least two classes need images to train on; here: "
            f"{some(each.name for each in learnable) or 'none'}.",
        )


def _unseen(audit: "Audit") -> Iterator[Verdict]:
    if audit.unseen:
        yield Verdict(
            "info",
            f"{number(audit.unseen, 'streamed training image')} not looked at: the figures are of "
            "the first ones, and of the images that judge.",
        )


def _left_out(audit: "Audit") -> Iterator[Verdict]:
    bad = [entry for entry in (*audit.faults, *audit.left_out) if entry.why not in HARMLESS]
    if bad:
        names = some(f"{entry.name} ({entry.why})" for entry in bad)
        yield Verdict("warning", f"{number(len(bad), 'entry', 'entries')} left out: {names}.")
    harmless = len(audit.left_out) + len(audit.faults) - len(bad)
    if harmless:
        yield Verdict("info", f"{number(harmless, 'hidden or system file')} passed over.")


def _copies(audit: "Audit") -> Iterator[Verdict]:
    if audit.leaks:
        yield Verdict(
            "warning",
            f"{number(len(audit.leaks), 'image')} left out, with a copy in a part of the data "
            f"that judges the training: {some(audit.leaks)}.",
        )
    if audit.conflicts:
        yield Verdict(
            "warning",
            f"{number(len(audit.conflicts), 'image')} left out of training, with a copy in "
            f"another class: {some(audit.conflicts)}. Give each picture one label.",
        )
    straddling = [copy for copy in audit.copies if copy.straddles]
    if straddling:
        pairs = some(f"{copy.first} = {copy.second}" for copy in straddling)
        yield Verdict(
            "warning", f"{number(len(straddling), 'pair')} of copies in two parts: {pairs}."
        )
    if audit.copies:
        counts = audit.count_copies()
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts["kind"].items())
        yield Verdict("info", f"{number(len(audit.copies), 'pair')} of copies: {kinds}.")


def _classes(audit: "Audit") -> Iterator[Verdict]:
    few = [each for each in audit.classes if each.images < FEW]
    if few:
        names = some(f"{each.name} ({each.images})" for each in few)
        yield Verdict(
            "warning",
            f"{number(len(few), 'class has', 'classes have')} fewer than {FEW} images: {names}. "
            "Add images or merge classes.",
        )
    for part in ("train", "val", "test"):
        empty = [each.name for each in audit.classes if each.images and not getattr(each, part)]
        if empty and len(empty) < len(audit.classes):
            noun = number(len(empty), "class has", "classes have")
            yield Verdict("warning", f"{noun} no image in {part}: {some(empty)}.")
    if audit.imbalance is not None and audit.imbalance >= UNEVEN:
        yield Verdict(
            "warning" if audit.imbalance >= LOPSIDED else "info",
            f"The largest class has {audit.imbalance:.1f} times the images of the smallest; "
            "training gives rare classes more weight, unless told not to (--balance none).",
        )


def _pictures(audit: "Audit") -> Iterator[Verdict]:
    gray = audit.images - audit.colored
    if audit.colored and gray:
        yield Verdict("info", f"{number(gray, 'image is', 'images are')} gray among coloured ones.")
    for note, count in audit.notes.items():
        yield Verdict("info", f"{number(count, 'image')}: {note}.")
