"""A diagram as an SVG: text stays text, no scripts, nothing loaded, light and dark."""

from collections.abc import Mapping, Sequence

from pellucid.drawing.boxes import Box, Diagram
from pellucid.drawing.layout import FULL_WIDTH, Rect, lay_out
from pellucid.drawing.routes import Point, Route
from pellucid.drawing.scale import DARK, LIGHT, PLAIN_DARK, PLAIN_LIGHT, Scale
from pellucid.drawing.text import FONT, clean, clipped, width
from pellucid.drawing.words import short, sizes

#: Font sizes and the distance of lines, in pixels.
TITLE, NAME, LABEL, LINE = 24.0, 14.0, 12.5, 15.5
MARGIN, TOP = 28.0, 96.0
#: Room in a box beside and above its text.
_SIDE, _ABOVE = 9.0, 7.0
_MOST_LETTERS = 28
#: Radius where lines around the ends of rows turn, and of boxes.
_TURN, _ROUND = 8.0, 5.0
_SWATCH = (58.0, 14.0)
#: Straight end of a curve, as long as its arrow.
_HEAD = 7.0
#: Side of a picture in a box, and the room below it.
_PICTURE, _UNDER = 64.0, 4.0

#: Everything else: on a light page and on a dark one.
_PAGE = {
    "page": ("#ffffff", "#0f1418"),
    "ink": ("#13212e", "#e6edf3"),
    "soft": ("#53616d", "#a7b4bf"),
    "line": ("#64727e", "#8a98a4"),
    "rim": ("#8d9aa5", "#5c6a76"),
    "frame": ("#f5f6f7", "#171e24"),
    "frame-rim": ("#cfd6dc", "#37434d"),
}
_LINE, _RIM = _PAGE["line"][0], _PAGE["rim"][0]


def measured(box: Box, lines: Sequence[str], pictured: bool = False) -> tuple[float, float]:
    """Width and height of a box with these lines, and perhaps a picture, in pixels."""
    wide = max(
        width(line, NAME if place == 0 else LABEL, bold=place == 0)
        for place, line in enumerate(lines)
    )
    picture = _PICTURE + _UNDER if pictured else 0.0
    return max(wide, picture) + 2 * _SIDE, len(lines) * LINE + 2 * _ABOVE + picture


def lines_of(box: Box, count: int) -> tuple[str, ...]:
    """What is written in a box, from top to bottom."""
    name = [clipped(box.path.rpartition(".")[2], _MOST_LETTERS)] if box.folded else []
    cost = [short(count)] if count else []
    return (clipped(box.title, _MOST_LETTERS), *name, sizes(box.shape), *cost)


def svg(
    shown: Diagram,
    counts: Sequence[int],
    scale: Scale,
    headline: Sequence[str],
    unit: str,
    *,
    pictures: Mapping[int, str],
) -> str:
    """The drawing.

    Args:
        shown: boxes and edges.
        counts: what the colour stands for, one a box.
        scale: from counts to colours.
        headline: name of the network, and a line below it.
        unit: what is counted, for the legend.
        pictures: addresses of pictures by the number of their box.
    """
    lines = [lines_of(box, count) for box, count in zip(shown.boxes, counts, strict=True)]
    extents = [
        measured(box, each, number in pictures)
        for number, (box, each) in enumerate(zip(shown.boxes, lines, strict=True))
    ]
    places = lay_out(extents, shown.edges, [members for _, members in shown.frames])
    legend = _legend_width(scale, unit)
    head = max(width(headline[0], TITLE, bold=True), width(headline[1], NAME))
    beside = head + legend + 3 * MARGIN <= max(places.width, FULL_WIDTH / 2)
    inner = max(places.width, head + legend + 2 * MARGIN if beside else max(head, legend))
    left = MARGIN - min([0.0, *(x for r in places.routes.values() for _, (x, _) in r)])
    top = TOP if beside else TOP + 52.0
    full = inner + left + MARGIN, places.height + top + MARGIN
    parts = [
        _opening(full, headline),
        _rect(Rect(0, 0, *full), "page", 0),
        _writing(MARGIN, 42, headline[0], TITLE, "ink", bold=True),
        _writing(MARGIN, 66, headline[1], NAME, "soft"),
        _legend(scale, unit, (full[0] - MARGIN - legend, 26.0) if beside else (MARGIN, 84.0)),
        f'<g transform="translate({left:.1f} {top:.1f})">',
        *(_frame(rect, shown.frames[number][0]) for number, rect in places.frames.items()),
        *(_edge(edge, route) for edge, route in places.routes.items()),
        *(
            _box(number, box, rect, each, scale.step(count), picture=pictures.get(number))
            for number, (box, rect, each, count) in enumerate(
                zip(shown.boxes, places.boxes, lines, counts, strict=True)
            )
        ),
        "</g></svg>\n",
    ]
    return "\n".join(parts)


def _opening(size: tuple[float, float], headline: Sequence[str]) -> str:
    wide, high = (f"{each:.0f}" for each in size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}" class="pellucid-network" role="img" font-family="{FONT}">\n'
        f"<title>{clean(headline[0])}</title>\n<desc>{clean(headline[1])}</desc>\n"
        f"<style>{_dark_rules()}</style>\n"
        '<defs><marker id="pellucid-arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0,0.8 L8,4 L0,7.2 z" '
        f'fill="{_LINE}" class="f-line"/></marker></defs>'
    )


def _dark_rules() -> str:
    """What changes on a dark page. The light colours are attributes, which every viewer knows."""
    rules = [
        f".f-{name}{{fill:{dark}}}.s-{name}{{stroke:{dark}}}" for name, (_, dark) in _PAGE.items()
    ]
    steps = [*enumerate(DARK), ("none", PLAIN_DARK)]
    rules += [f".f-{step}{{fill:{fill}}}.t-{step}{{fill:{ink}}}" for step, (fill, ink) in steps]
    scoped = "".join(rules).replace("}.", "}.pellucid-network .")
    return f"@media (prefers-color-scheme:dark){{.pellucid-network {scoped}}}"


def _frame(rect: Rect, label: str) -> str:
    return _rect(rect, "frame", 8, rim="frame-rim") + _writing(
        rect.x + 9, rect.y + 13, clipped(label, _MOST_LETTERS), LABEL - 0.5, "soft"
    )


def _edge(edge: tuple[int, int], route: Route) -> str:
    return (
        f'<path id="edge-{edge[0]}-{edge[1]}" d="{_path(route)}" fill="none" '
        f'stroke="{_LINE}" stroke-width="1.4" class="s-line" '
        'marker-end="url(#pellucid-arrow)"/>'
    )


def _path(route: Route) -> str:
    found = []
    for place, (kind, (x, y)) in enumerate(route):
        before = route[place - 1][1]
        if kind == "C" and abs(before[1] - y) > 0.05:
            last = _HEAD if place + 1 == len(route) else 0.0
            half, end = (before[0] + x) / 2, x - last
            found.append(f"C{half:.1f},{before[1]:.1f} {half:.1f},{y:.1f} {end:.1f},{y:.1f}")
            found += [f"L{x:.1f},{y:.1f}"] if last else []
        elif kind == "L" and place + 1 < len(route) and route[place + 1][0] == "L":
            found.append(_turn(before, (x, y), route[place + 1][1]))
        else:
            found.append(f"{'M' if kind == 'M' else 'L'}{x:.1f},{y:.1f}")
    return " ".join(found)


def _turn(before: Point, corner: Point, after: Point) -> str:
    """A straight line to a corner, rounded."""
    near, far = _towards(corner, before), _towards(corner, after)
    return (
        f"L{near[0]:.1f},{near[1]:.1f} Q{corner[0]:.1f},{corner[1]:.1f} {far[0]:.1f},{far[1]:.1f}"
    )


def _towards(corner: Point, other: Point) -> Point:
    across, down = other[0] - corner[0], other[1] - corner[1]
    length = max(abs(across), abs(down))
    part = min(_TURN, length / 2) / length if length else 0.0
    return corner[0] + across * part, corner[1] + down * part


def _box(
    number: int,
    box: Box,
    rect: Rect,
    lines: Sequence[str],
    step: int | None,
    *,
    picture: str | None,
) -> str:
    fill, ink = PLAIN_LIGHT if step is None else LIGHT[step]
    named = "none" if step is None else str(step)
    middle = rect.x + rect.width / 2
    below = rect.y + (0.0 if picture is None else _PICTURE + _UNDER)
    looks = [f'font-size="{NAME}" font-weight="bold"', *[f'font-size="{LABEL}"'] * len(lines)]
    written = "".join(
        f'<text x="{middle:.1f}" y="{below + _ABOVE + 12 + place * LINE:.1f}" {look}>'
        f"{clean(line)}</text>"
        for place, (line, look) in enumerate(zip(lines, looks, strict=False))
    )
    return (
        f'<g id="box-{number}"><title>{clean(told(box))}</title>'
        f'<rect x="{rect.x:.1f}" y="{rect.y:.1f}" width="{rect.width:.1f}" '
        f'height="{rect.height:.1f}" rx="{_ROUND}" fill="{fill}" stroke="{_RIM}" '
        f'class="f-{named} s-rim"/>{_image(picture, middle, rect.y)}'
        f'<g fill="{ink}" class="t-{named}" text-anchor="middle">{written}</g></g>'
    )


def _image(picture: str | None, middle: float, top: float) -> str:
    """A picture in a box; its pixels stay squares."""
    if picture is None:
        return ""
    return (
        f'<image href="{clean(picture)}" x="{middle - _PICTURE / 2:.1f}" y="{top + _ABOVE:.1f}" '
        f'width="{_PICTURE}" height="{_PICTURE}" style="image-rendering:pixelated"/>'
    )


def told(box: Box) -> str:
    """All about a box, for the pointer that rests on it."""
    joined = f" + {', '.join(box.joined)}" if box.joined else ""
    told = [f"{box.path}: {box.title}{joined}", f"output {sizes(box.shape)}"]
    told += [row.work.formula for row in box.rows if row.work.formula and not box.folded]
    told.append(f"{box.macs:,} MACs, {box.parameters:,} parameters")
    if box.receptive:
        told.append(f"receptive field {box.receptive}")
    return " · ".join(told)


def _legend_width(scale: Scale, unit: str) -> float:
    steps = len(scale.bounds) + 1 if scale.bounds else 0
    return max(steps * _SWATCH[0], width(unit, LABEL))


def _legend(scale: Scale, unit: str, corner: Point) -> str:
    """The steps of the scale, each with the count at which it begins."""
    x, y = corner
    parts = [_writing(x, y + 9, unit, LABEL, "soft")]
    first = len(LIGHT) - 1 - len(scale.bounds)
    for place in range(len(scale.bounds) + 1 if scale.bounds else 0):
        step = first + place
        at = x + place * _SWATCH[0]
        sign, bound = ("≥", scale.bounds[place - 1]) if place else ("<", scale.bounds[0])
        parts.append(
            f'<rect x="{at:.1f}" y="{y + 15:.1f}" width="{_SWATCH[0]}" height="{_SWATCH[1]}" '
            f'fill="{LIGHT[step][0]}" stroke="{_RIM}" class="f-{step} s-rim"/>'
        )
        parts.append(_writing(at + 4, y + 43, f"{sign} {short(bound)}", LABEL - 1, "soft"))
    return "".join(parts)


def _rect(rect: Rect, fill: str, round_: float, rim: str = "") -> str:
    stroke = f' stroke="{_PAGE[rim][0]}"' if rim else ""
    also = f" s-{rim}" if rim else ""
    return (
        f'<rect x="{rect.x:.1f}" y="{rect.y:.1f}" width="{rect.width:.1f}" '
        f'height="{rect.height:.1f}" rx="{round_}" fill="{_PAGE[fill][0]}"{stroke} '
        f'class="f-{fill}{also}"/>'
    )


def _writing(x: float, y: float, text: str, size: float, ink: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{weight} fill="{_PAGE[ink][0]}" '
        f'class="f-{ink}">{clean(text)}</text>'
    )
