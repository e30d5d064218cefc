"""The sections of an explanation's page about a class, a field and a layer, as plain values."""

from typing import TYPE_CHECKING, Any

from pellucid.images.scale import number
from pellucid.report.explained_layers import reach
from pellucid.report.pictures import drawing_uri, photo_uri

if TYPE_CHECKING:
    from pellucid.explain import FeatureMaps, Field, Trace
    from pellucid.explain.maps import ClassMap
    from pellucid.explain.sight import EffectiveField

#: Classes in the table of scores: all where they are few, else the best.
_ALL_CLASSES, _BEST_CLASSES = 20, 10
#: Pictures whose longer side has no more pixels than this are shown pixel by pixel.
_SMALL = 128


def class_section(found: "ClassMap") -> dict[str, Any]:
    """The picture, the overlay, the sum and the strongest places of a class map.

    Args:
        found: of a trace that began with a picture.
    """
    from pellucid.explain.maps.strongest import strongest
    from pellucid.explain.maps.words import digits

    assert found.picture is not None
    against = "" if found.against is None else f" and not {found.against}"
    spots = strongest(found)
    return {
        "target": found.target,
        "title": f"{found.target}{against}",
        "words": found.words,
        "picture": photo_uri(found.picture),
        "size": "×".join(map(str, found.picture.shape[:2])),
        "small": max(found.picture.shape[:2]) <= _SMALL,
        "overlay": photo_uri(found.overlay()),
        "scale": _scale(found),
        "sums": [(name, digits(value, 7)) for name, value in found.sums],
        "explained": None if found.explained is None else digits(found.explained, 7),
        "score": digits(found.score, 7),
        "difference": None if found.difference is None else digits(found.difference, 2),
        "map": "×".join(map(str, found.values.shape)),
        "adding": any(spot.adds is not None for spot in spots),
        "spots": [
            {
                "at": f"{spot.y}, {spot.x}",
                "box": str(spot.box),
                "value": number(spot.value),
                "adds": "" if spot.adds is None else number(spot.adds),
            }
            for spot in spots
        ],
    }


def _scale(found: "ClassMap") -> str:
    """What the colours stand for."""
    told = str(found.scale).replace("0 white", "0 clear")
    beyond = float(abs(found.values).max()) > found.scale.high
    return f"{told}; stronger values have the colours of the ends" if beyond else told


def score_rows(trace: "Trace", found: "ClassMap") -> dict[str, Any]:
    """The classes by their scores, the best first; of many only the best and those asked about."""
    ranked = sorted(trace.scores, key=lambda each: -each.score)
    most = _ALL_CLASSES if len(ranked) <= _ALL_CLASSES else _BEST_CLASSES
    asked = (found.target, found.against)
    rows = [
        {
            "name": score.name,
            "score": number(score.score),
            "probability": score.probability,
            "asked": score.name == found.target,
        }
        for place, score in enumerate(ranked)
        if place < most or score.name in asked
    ]
    return {
        "rows": rows,
        "count": len(ranked),
        "target": next(row for row in rows if row["asked"]),
    }


def maps_section(maps: "FeatureMaps") -> dict[str, Any]:
    """The maps of a layer, each with its figures."""
    figures = {row["channel"]: row for row in maps.figures()}
    return {
        "layer": maps.layer,
        "count": len(maps.values),
        "size": "×".join(map(str, maps.values.shape[1:])),
        "tiles": [
            {
                "channel": channel,
                "picture": drawing_uri(maps.map(channel)),
                "reach": reach(maps, channel),
                "least": number(figures[channel]["least"]),
                "mean": number(figures[channel]["mean"]),
                "largest": number(figures[channel]["largest"]),
                "at": f"{figures[channel]['y']}, {figures[channel]['x']}",
                "above": figures[channel]["above_0"],
            }
            for channel in maps.channels
        ],
    }


def field_section(field: "Field", effective: "EffectiveField | None") -> dict[str, Any]:
    """What one place sees: exactly, and how much each pixel counts."""
    return {
        "title": f"{field.layer} at {field.place}",
        "picture": photo_uri(field.picture()),
        "input": str(field.input),
        "input_share": field.input.share,
        "original": None if field.original is None else str(field.original),
        "effective": None if effective is None else str(effective),
        "gradient": None if effective is None else photo_uri(effective.picture(480)),
    }
