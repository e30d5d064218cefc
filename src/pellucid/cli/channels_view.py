"""What ``pellucid channels`` makes of a photo: planes, numbers or histograms, and one picture."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError

if TYPE_CHECKING:
    from pellucid.cli.channel_steps import Step
    from pellucid.images.check import Image
    from pellucid.images.crop import Crop
    from pellucid.images.grid import Grid
    from pellucid.images.planes import Plane
    from pellucid.images.raw import Pixels

#: Caption of what no operation has touched.
PHOTO = "the photo"


class Form(Enum):
    """What is shown of each plane."""

    PLANES = "planes"
    GRID = "grid"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Result:
    """A photo after one operation, or as it is.

    Attributes:
        title: of the operation; empty for the photo itself.
        pixels: (H, W, 1 or 3) uint8.
        planes: the channels that were asked for.
    """

    title: str
    pixels: "Image"
    planes: tuple["Plane", ...]


@dataclass(frozen=True, slots=True)
class View:
    """What was asked for.

    Attributes:
        form: table of planes, numbers, or histograms.
        steps: operations, each of which starts from the photo.
        model: of colour; None: rgb, or gray for a gray picture.
        only: names of the channels that are wanted; all where empty.
        at: the place of the numbers.
        size: how many of them.

    Raises:
        UsageError: an unknown model or channel, or things that do not go together.
    """

    form: Form
    steps: tuple["Step", ...] = ()
    model: str | None = None
    only: tuple[str, ...] = ()
    at: str = ""
    size: int = 8

    def __post_init__(self) -> None:
        from pellucid.images.colour.models import model_named
        from pellucid.images.planes import find_channel

        if self.model is not None:
            model_named(self.model)
        for name in self.only:
            find_channel(name, self.model)
        if len(self.steps) > 1 and (self.only or self.form is not Form.PLANES):
            raise UsageError("--only, --at and --histogram take one operation at a time.")
        if self.form is Form.GRID and len(self.only) > 1:
            raise UsageError("--at takes one --only; without it every cell has all channels.")

    def of(self, pixels: "Pixels") -> list[Result]:
        """The photo as it is, or after one operation; before several, also as it is.

        Args:
            pixels: (H, W, 1 or 3) uint8.
        """
        colour = pixels.repeat(3, axis=2) if pixels.shape[2] == 1 else pixels
        made = [(step.title, step.apply(colour)) for step in self.steps]
        if len(made) != 1:
            made.insert(0, ("", pixels))
        return [Result(title, result, self._planes(result)) for title, result in made]

    def picture(self, results: list[Result]) -> "Pixels":
        """The one picture that -o writes.

        Raises:
            UsageError: the place of the numbers is not in the picture.
        """
        from pellucid.images.histogram import histogram_of_plane, histogram_picture
        from pellucid.images.sheet import contact_sheet

        if self.form is Form.GRID:
            return self.grid(results[0]).picture()
        if self.form is Form.HISTOGRAM:
            return histogram_picture(histogram_of_plane(plane) for plane in results[0].planes)
        pictures = self.pictures(results)
        return pictures[0][1] if len(pictures) == 1 else contact_sheet(pictures)

    def crop(self, result: Result) -> "Crop":
        """Where the numbers are.

        Raises:
            UsageError: not in the picture.
        """
        from pellucid.images.crop import crop_of

        height, width = result.pixels.shape[:2]
        return crop_of(self.at, self.size, height, width)

    def grid(self, result: Result) -> "Grid":
        """The numbers of one plane, or of all channels.

        Raises:
            UsageError: the place is not in the picture.
        """
        from pellucid.images.grid import grid_of, grid_of_plane

        crop = self.crop(result)
        if self.only:
            return grid_of_plane(result.planes[0], crop)
        return grid_of(result.pixels, crop, self.model)

    def _planes(self, pixels: "Image") -> tuple["Plane", ...]:
        from pellucid.images.planes import plane_of, planes_of

        if self.only:
            return tuple(plane_of(pixels, name, self.model) for name in self.only)
        return planes_of(pixels, self.model or ("gray" if pixels.shape[2] == 1 else "rgb"))

    def pictures(self, results: list[Result]) -> list[tuple[str, Any]]:
        """What is drawn, each with its caption: results of operations, or planes."""
        if len(results) > 1 or (results[0].title and not self.only):
            return [(result.title or PHOTO, result.pixels) for result in results]
        [result] = results
        planes = [
            (f"{plane.model} {plane.channel.name}: {plane.key}", plane.picture())
            for plane in result.planes
        ]
        return planes if self.only else [(PHOTO, result.pixels), *planes]
