"""The guessing game: what is the convolution here?

A round's number decides its question, so that a link is a question, and a second link its answer.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pellucid.images import Pixels, plane_of
from pellucid.images.colour import gray_to_rgb
from pellucid.operators import add, read_kernel, swap, turn_hue
from pellucid.operators.kernels.apply import apply_kernel
from pellucid.operators.kernels.exact import common_factor

CHOICES = 4


@dataclass(frozen=True)
class Riddle:
    """Something that may have been done to the picture.

    Attributes:
        name: among the answers.
        change: does it.
        told: what it is, once it has been guessed.
        kernel: its text where it is a kernel, see ``read_kernel``; else empty.
    """

    name: str
    change: Callable[[Pixels], Pixels]
    told: str
    kernel: str = ""


@dataclass(frozen=True)
class Question:
    """One round.

    Attributes:
        answers: that are offered.
        right: place of the one that was done, from 0.
    """

    answers: tuple[Riddle, ...]
    right: int

    @property
    def answer(self) -> Riddle:
        """The one that was done."""
        return self.answers[self.right]


def _of_kernel(name: str, text: str) -> Riddle:
    kernel = read_kernel(text)

    def change(pixels: Pixels) -> Pixels:
        return apply_kernel(pixels, kernel).pixels

    found = common_factor(kernel.weights)
    rows, columns = kernel.shape
    if found is not None and max(rows, columns) <= 5:
        factor, whole = found
        body = "; ".join(" ".join(map(str, row)) for row in whole.tolist())
        numbers = f"{body}" if factor == 1 else f"{factor} × ({body})"
    else:
        numbers = kernel.formula
    return Riddle(name, change, f"{kernel.effect} The kernel, {rows}×{columns}: {numbers}.", text)


def _saturation(pixels: Pixels) -> Pixels:
    return plane_of(pixels, "saturation").picture()


#: All that may be asked.
RIDDLES: tuple[Riddle, ...] = (
    _of_kernel("an average of 7×7", "box:7"),
    _of_kernel("a Gaussian blur", "gaussian:2"),
    _of_kernel("motion along a line", "motion:15"),
    _of_kernel("sharpening", "sharpen:2"),
    _of_kernel("the horizontal derivative (Sobel)", "sobel_x"),
    _of_kernel("the vertical derivative (Sobel)", "sobel_y"),
    _of_kernel("the Laplacian", "laplacian8"),
    _of_kernel("embossing", "emboss"),
    _of_kernel("a shift to the right", "shift:0,12"),
    Riddle(
        "green added to red and blue",
        partial(add, channel="g"),
        "A 1×1 convolution that mixes channels: 1 1 0; 0 1 0; 0 1 1. What exceeds 255 is cut off.",
    ),
    Riddle(
        "red and blue exchanged",
        partial(swap, first="r", second="b"),
        "A 1×1 convolution that mixes channels: 0 0 1; 0 1 0; 1 0 0.",
    ),
    Riddle(
        "only the saturation",
        _saturation,
        "No convolution at all: the saturation, 1 − min / max of a pixel's numbers, is not linear.",
    ),
    Riddle(
        "the hue turned by 120°",
        partial(turn_hue, degrees=120),
        "No kernel, but the same village: every hue turned by 120°, saturation and value kept.",
    ),
)


def question(round: int) -> Question:
    """The question of a round.

    >>> question(1) == question(1), len(question(5).answers)
    (True, 4)
    """
    dice = random.Random(round)
    answers = tuple(dice.sample(RIDDLES, CHOICES))
    return Question(answers, dice.randrange(CHOICES))


def changed(pixels: Pixels, riddle: Riddle) -> Pixels:
    """A picture after what was done to it."""
    return riddle.change(gray_to_rgb(pixels) if pixels.shape[2] == 1 else pixels)
