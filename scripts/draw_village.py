"""Draw the studio's village: ``python scripts/draw_village.py`` writes ``village.png``.

Hills, a church and houses under an evening sky: saturated roofs for channel operators, straight
edges for edge detectors, texture for blurs, flat walls where nothing happens.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

TARGET = Path(__file__).parents[1] / "src/pellucid/studio/pictures/village.png"
WIDTH, HEIGHT, FINE = 480, 320, 4
SEED = 7
Colour = tuple[int, int, int]
Point = tuple[float, float]


class Canvas:
    """Draws in units of the final picture, four times as fine."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(SEED)
        self.image = Image.fromarray(_sky(self.random))
        self.draw = ImageDraw.Draw(self.image)

    def shape(self, points: list[Point], colour: Colour) -> None:
        self.draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=colour)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self.shape([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        corners = (x - radius, y - radius, x + radius, y + radius)
        self.draw.ellipse([value * FINE for value in corners], fill=colour)

    def line(self, start: Point, end: Point, width: float, colour: Colour) -> None:
        ends = [(x * FINE, y * FINE) for x, y in (start, end)]
        self.draw.line(ends, fill=colour, width=round(width * FINE))

    def varied(self, colour: Colour, spread: float) -> Colour:
        shift = self.random.normal(0, spread, 3) + self.random.normal(0, spread)
        red, green, blue = np.clip(np.array(colour) + shift, 0, 255).astype(int).tolist()
        return red, green, blue


def _sky(random: np.random.Generator) -> np.ndarray:
    """A sky from blue to peach, with soft clouds."""
    height, width = HEIGHT * FINE, WIDTH * FINE
    down = np.repeat(np.linspace(0, 1, height)[:, None, None], width, axis=1)
    top, low = np.array([72, 132, 196]), np.array([250, 216, 176])
    sky = top + (low - top) * np.clip(down * 1.9, 0, 1)
    clouds = np.zeros((height, width))
    for cells, strength in ((6, 0.55), (14, 0.3), (34, 0.15)):
        coarse = Image.fromarray(random.random((cells, cells * 2)).astype(np.float32))
        clouds += strength * np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
    cover = np.clip((clouds - 0.52) * 4, 0, 1) * np.clip(1.1 - down[..., 0] * 2.2, 0, 1)
    sky += (np.array([255, 248, 240]) - sky) * cover[..., None] * 0.85
    return np.clip(sky, 0, 255).astype(np.uint8)


def hill(canvas: Canvas, heights: list[float], colour: Colour) -> None:
    """A ridge through heights that are spread over the width."""
    places = np.linspace(0, WIDTH, len(heights))
    across = np.linspace(0, WIDTH, 160)
    smooth = np.interp(across, places, heights)
    for _ in range(3):
        smooth = np.convolve(np.pad(smooth, 9, "edge"), np.ones(19) / 19, "valid")
    ridge = [(float(x), float(y)) for x, y in zip(across, smooth, strict=True)]
    canvas.shape([*ridge, (WIDTH, HEIGHT), (0, HEIGHT)], colour)


def tree(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    canvas.box(x - size * 0.07, y - size * 0.5, size * 0.14, size * 0.5, (86, 60, 44))
    for _ in range(70):
        angle, far = canvas.random.uniform(0, 2 * np.pi), canvas.random.random() ** 0.5
        dx, dy = far * np.cos(angle) * size * 0.42, far * np.sin(angle) * size * 0.5
        light = 26 * (-dx - dy) / size
        shade = (colour[0] + light, colour[1] + light, colour[2] + light * 0.5)
        canvas.disc(
            x + dx, y - size * 0.85 + dy, size * 0.11, canvas.varied(tuple(map(int, shade)), 7)
        )


def house(
    canvas: Canvas, at: Point, width: float, wall: Colour, roof: Colour, *, lit: bool = True
) -> None:
    """A front wall and a roof of tiles; ``at`` is its lower left corner."""
    x, y = at
    height, eave = width * 0.62, width * 0.07
    top, rise = y - height, width * 0.5
    canvas.box(x, top, width, height, wall)
    canvas.box(x + width * 0.82, top, width * 0.18, height, _darker(wall, 0.9))
    rows = 7
    for row in range(rows):
        low, high = row / rows, (row + 1) / rows
        y0, y1 = top - rise * low, top - rise * high
        inset0, inset1 = width * 0.3 * low - eave, width * 0.3 * high - eave
        tiles = 12
        for tile in range(tiles):
            a, b = tile / tiles, (tile + 1) / tiles
            points = [
                (x + inset + (width - 2 * inset) * share, level)
                for inset, share, level in (
                    (inset0, a, y0), (inset0, b, y0), (inset1, b, y1), (inset1, a, y1)
                )
            ]  # fmt: skip
            canvas.shape(points, canvas.varied(roof, 9))
    canvas.box(x - eave, top - 1, width + 2 * eave, 2, _darker(roof, 0.6))
    pane = width * 0.15
    for place, share in enumerate((0.12, 0.42, 0.72)):
        if place == 1:
            canvas.box(x + width * 0.41, y - height * 0.52, pane * 1.2, height * 0.52, (92, 58, 40))
            continue
        left, upper = x + width * share, top + height * 0.25
        canvas.box(left - 1, upper - 1, pane + 2, pane * 1.3 + 2, (250, 246, 236))
        glass = (255, 214, 120) if lit else (70, 96, 124)
        canvas.box(left, upper, pane, pane * 1.3, glass)
        canvas.box(left + pane * 0.45, upper, pane * 0.1, pane * 1.3, (250, 246, 236))
        canvas.box(left, upper + pane * 0.6, pane, pane * 0.1, (250, 246, 236))
    canvas.box(x + width * 0.68, top - rise * 0.95, width * 0.09, rise * 0.55, (142, 84, 70))


def church(canvas: Canvas, x: float, y: float) -> None:
    house(canvas, (x, y), 74, (240, 232, 216), (126, 68, 58), lit=False)
    canvas.box(x - 26, y - 104, 26, 104, (246, 238, 222))
    canvas.box(x - 6, y - 104, 6, 104, (220, 206, 186))
    canvas.shape([(x - 29, y - 104), (x + 3, y - 104), (x - 13, y - 160)], (98, 112, 128))
    canvas.shape([(x - 13, y - 160), (x + 3, y - 104), (x - 7, y - 104)], (74, 86, 102))
    canvas.box(x - 13.7, y - 172, 1.4, 14, (206, 164, 66))
    canvas.box(x - 17, y - 168, 8, 1.4, (206, 164, 66))
    canvas.disc(x - 13, y - 84, 7, (250, 248, 240))
    canvas.disc(x - 13, y - 84, 5.8, (52, 60, 74))
    canvas.line((x - 13, y - 84), (x - 13, y - 88.5), 1, (255, 230, 150))
    canvas.line((x - 13, y - 84), (x - 9.8, y - 82.5), 1, (255, 230, 150))
    for level in (62, 40):
        canvas.box(x - 16, y - level, 6, 12, (70, 84, 104))


def _darker(colour: Colour, factor: float) -> Colour:
    red, green, blue = (int(value * factor) for value in colour)
    return red, green, blue


def meadow(canvas: Canvas) -> None:
    """Grass, flowers and a winding path in front."""
    hill(canvas, [236, 232, 238, 244, 240, 236], (112, 156, 74))
    for _ in range(2600):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(244, HEIGHT)
        tall = 2 + 5 * (y - 240) / 80
        shade = canvas.varied((98, 146, 62), 15)
        canvas.line((x, y), (x + canvas.random.normal(0, 1.2), y - tall), 0.6, shade)
    for y in np.linspace(HEIGHT, 236, 180):
        near = (y - 236) / (HEIGHT - 236)
        x = 236 + 40 * np.sin(near * 3.2) * (0.3 + near)
        canvas.box(x - 4 - 26 * near, y, 8 + 52 * near, 0.8, canvas.varied((216, 190, 150), 5))
    for _ in range(150):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(256, HEIGHT - 2)
        if abs(x - 250) > 44:
            colours = [(226, 60, 58), (250, 214, 64), (248, 246, 240), (150, 92, 190)]
            canvas.disc(x, y, 0.8 + 1.6 * (y - 240) / 80, colours[canvas.random.integers(4)])


def fence(canvas: Canvas, start: float, end: float, y: float) -> None:
    for x in np.arange(start, end, 7.0):
        canvas.box(x, y - 15, 3, 15, (246, 240, 228))
    for rail in (11, 5):
        canvas.box(start - 2, y - rail, end - start, 1.6, (234, 226, 210))


def village() -> Image.Image:
    """The picture, 480×320."""
    canvas = Canvas()
    canvas.disc(392, 78, 21, (255, 244, 206))
    hill(canvas, [128, 96, 122, 148, 118, 86, 104, 132, 112], (142, 164, 190))
    hill(canvas, [158, 146, 166, 172, 150, 138, 152, 164], (112, 148, 146))
    hill(canvas, [186, 192, 180, 190, 196, 184, 176, 186], (104, 152, 96))
    for x, y, size in (
        (22, 196, 26),
        (52, 198, 20),
        (438, 190, 28),
        (466, 194, 22),
        (352, 192, 20),
    ):
        tree(canvas, x, y, size, (64, 118, 70))
    church(canvas, 196, 222)
    house(canvas, (58, 226), 62, (246, 222, 176), (196, 72, 46))
    house(canvas, (292, 224), 60, (226, 232, 236), (178, 60, 52))
    house(canvas, (120, 240), 52, (236, 200, 172), (214, 104, 52))
    house(canvas, (372, 232), 70, (250, 236, 196), (204, 82, 44), lit=False)
    meadow(canvas)
    for x, y, size in ((24, 250, 62), (282, 246, 34), (456, 256, 76), (352, 242, 28)):
        tree(canvas, x, y, size, (72, 130, 58))
    fence(canvas, 62, 176, 258)
    fence(canvas, 322, 430, 262)
    small = canvas.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    grain = canvas.random.normal(0, 2.2, (HEIGHT, WIDTH, 1))
    soft = np.asarray(small.filter(ImageFilter.UnsharpMask(1, 40))) + grain
    return Image.fromarray(np.clip(np.rint(soft), 0, 255).astype(np.uint8))


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    village().save(TARGET, optimize=True)
