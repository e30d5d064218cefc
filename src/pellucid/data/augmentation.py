"""Random variations of whole batches, in one resampling.

Flip, shift, zoom, stretch and rotation are one affine map of each image, so the batch is
resampled once (torch ``grid_sample``, bilinear, mirrored beyond the border); colour and cutout
follow as element-wise steps. A variation is drawn from the generator given, so a seed fixes it:
on any device, and whatever part of the batch this is.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pellucid.data.share import Share


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far the images of a batch are varied; every image draws its own values uniformly.

    Attributes:
        flip: mirror left-right with probability 1/2.
        shift: up to this share of height and of width, in whole pixels.
        zoom: scale factor between 1 − zoom and 1 + zoom / 2.
        stretch: log of the aspect ratio's change, at most, either way.
        rotate: degrees, at most, either way.
        brightness: added, at most, in units of the full range, either way.
        contrast: relative change, at most, either way.
        tint: added to each colour channel on its own, at most, in units of the full range.
        cutout: side of a square set to mid-gray, as a share of the image's shorter side.
    """

    flip: bool = False
    shift: float = 0.0
    zoom: float = 0.0
    stretch: float = 0.0
    rotate: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    tint: float = 0.0
    cutout: float = 0.0

    def __call__(
        self, images: Tensor, generator: torch.Generator, share: Share | None = None
    ) -> Tensor:
        """Vary a batch.

        Args:
            images: (N, H, W, C) uint8, on any device.
            generator: source of the random values, on the CPU.
            share: which images of a larger batch these are; None: they are all.

        Returns:
            (N, C, H, W) in [0, 255], of torch's default dtype (float32), channels-last in memory.

        >>> images = torch.arange(4, dtype=torch.uint8).reshape(1, 1, 4, 1)
        >>> Augmentation()(images, torch.Generator()).flatten().tolist()
        [0.0, 1.0, 2.0, 3.0]
        """
        batch = images.permute(0, 3, 1, 2).to(torch.get_default_dtype())
        draw = _Draw(generator, share or Share.whole(len(images)), batch.device)
        if self.flip or self.shift or self.zoom or self.stretch or self.rotate:
            batch = self._move(batch, draw)
        if self.brightness or self.contrast or self.tint:
            batch = self._recolor(batch, draw)
        if self.cutout:
            batch = self._cut(batch, draw)
        return batch.contiguous(memory_format=torch.channels_last)

    def _move(self, batch: Tensor, draw: "_Draw") -> Tensor:
        count, _, height, width = batch.shape
        zoom = 1 + self.zoom * (0.75 * draw.uniform() - 0.25)
        stretch = (self.stretch * draw.uniform() / 2).exp()
        angle = torch.deg2rad(self.rotate * draw.uniform())
        mirror = torch.where(draw.uniform() < 0, -1.0, 1.0) if self.flip else 1.0
        across, down = zoom * stretch, zoom / stretch
        ratio = height / width
        theta = batch.new_zeros(count, 2, 3)
        # Rows map output to input coordinates, both in [-1, 1]; the ratio keeps angles true.
        theta[:, 0, 0] = mirror * angle.cos() / across
        theta[:, 0, 1] = -ratio * mirror * angle.sin() / across
        theta[:, 1, 0] = angle.sin() / ratio / down
        theta[:, 1, 1] = angle.cos() / down
        theta[:, 0, 2] = draw.whole_pixels(self.shift, width)
        theta[:, 1, 2] = draw.whole_pixels(self.shift, height)
        grid = functional.affine_grid(theta, list(batch.shape), align_corners=False)
        return functional.grid_sample(
            batch, grid, mode="bilinear", padding_mode="reflection", align_corners=False
        )

    def _recolor(self, batch: Tensor, draw: "_Draw") -> Tensor:
        channels = batch.shape[1]
        gain = 1 + self.contrast * draw.uniform().view(-1, 1, 1, 1)
        added = self.brightness * draw.uniform().view(-1, 1, 1, 1)
        if channels > 1:
            tint = draw.uniform(channels)[:, :, None, None]
            added = added + self.tint * tint
        return batch.sub_(127.5).mul_(gain).add_(127.5 + 255 * added).clamp_(0, 255)

    def _cut(self, batch: Tensor, draw: "_Draw") -> Tensor:
        _, _, height, width = batch.shape
        half = self.cutout * min(height, width) / 2
        centre_y = (draw.uniform() + 1) * height / 2
        centre_x = (draw.uniform() + 1) * width / 2
        rows = (torch.arange(height, device=batch.device) + 0.5 - centre_y[:, None]).abs() < half
        columns = (torch.arange(width, device=batch.device) + 0.5 - centre_x[:, None]).abs() < half
        return batch.masked_fill_((rows[:, :, None] & columns[:, None, :])[:, None], 127.5)


@dataclass(frozen=True, slots=True)
class _Draw:
    """Random values for a share of a batch: drawn for the whole of it, on the CPU."""

    generator: torch.Generator
    share: Share
    device: torch.device

    def uniform(self, *each: int) -> Tensor:
        """Values in [-1, 1), shape (n, *each), n being the share's images."""
        values = torch.rand(self.share.total, *each, generator=self.generator, dtype=torch.float32)
        return (values[self.share.slice] * 2 - 1).to(self.device, torch.get_default_dtype())

    def whole_pixels(self, part: float, side: int) -> Tensor:
        """Shifts (n,) by whole pixels up to a part of the side, in units of half a side."""
        reach = round(part * side)
        pixels = torch.randint(-reach, reach + 1, (self.share.total,), generator=self.generator)
        return pixels[self.share.slice].to(self.device, torch.get_default_dtype()) * (2 / side)
