"""A picture in the terminal: two pixels a character where there is colour, shades where not."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.images.check import checked, to_bytes
from pellucid.images.colour.gray import rgb_to_gray
from pellucid.images.fit import fit
from pellucid.images.raw import Pixels

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.measure import Measurement

#: From dark to light, on a dark terminal; the second for terminals without such characters.
SHADES = (" ░▒▓█", " .:-=+*#%@")


@dataclass(frozen=True, slots=True)
class TerminalPicture:
    """A picture that a rich console prints, never wider than the console.

    Attributes:
        pixels: (H, W, 3) uint8.
        width: at most so many characters.
    """

    pixels: Pixels
    width: int

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        columns = min(self.width, options.max_width)
        # A character is about twice as high as wide: two pixels, one above the other.
        small = fit(self.pixels, 2**31 - 1, columns)
        if console.color_system is None:
            yield from _shades(small, SHADES[1 if options.ascii_only else 0])
        else:
            yield from _half_blocks(small)

    def __rich_measure__(self, console: "Console", options: "ConsoleOptions") -> "Measurement":
        from rich.measure import Measurement

        columns = min(self.width, options.max_width)
        return Measurement(columns, columns)


def terminal_picture(pixels: Any, width: int = 80) -> TerminalPicture:
    """A picture for the terminal, to be printed by a rich console.

    Half blocks (▀) carry two pixels each. Where the console has no colour, characters of growing
    ink stand for the brightness (BT.601 luma).

    Args:
        pixels: H×W, H×W×1 or H×W×3; uint8, or floats from 0 to 1.
        width: at most so many characters, and never more than the console has. Small pictures
            grow by a whole factor.

    Raises:
        UsageError: no image.

    >>> from rich.console import Console
    >>> Console(color_system=None, width=4).print(terminal_picture([[0.0, 1.0]]))
      ██
    """
    image = to_bytes(checked(pixels))
    return TerminalPicture(image.repeat(3, axis=2) if image.shape[2] == 1 else image, max(1, width))


def _half_blocks(pixels: Pixels) -> "RenderResult":
    from rich.color import Color
    from rich.segment import Segment
    from rich.style import Style

    for y in range(0, pixels.shape[0], 2):
        upper = pixels[y]
        lower = pixels[y + 1] if y + 1 < pixels.shape[0] else None
        for x, above in enumerate(upper.tolist()):
            below = None if lower is None else Color.from_rgb(*lower[x].tolist())
            yield Segment("▀", Style(color=Color.from_rgb(*above), bgcolor=below))
        yield Segment.line()


def _shades(pixels: Pixels, shades: str) -> "RenderResult":
    from rich.segment import Segment

    brightness = rgb_to_gray(pixels)[..., 0] / 255
    odd = pixels.shape[0] % 2
    pairs = np.concatenate([brightness, brightness[-odd:]]) if odd else brightness
    rows = pairs.reshape(-1, 2, pixels.shape[1]).mean(axis=1)
    for row in np.minimum(rows * len(shades), len(shades) - 1).astype(int):
        yield Segment("".join(shades[level] for level in row))
        yield Segment.line()
