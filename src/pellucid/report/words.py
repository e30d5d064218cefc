"""Numbers and dates as people read them: the filters of the page."""

from datetime import datetime
from typing import Any

from pellucid import text

#: Where there is nothing to say.
NOTHING = "–"

#: Fields whose name does not read well as it is.
_LABELS = {"cpu": "CPU", "exif": "EXIF", "memory_gib": "memory, GiB", "std": "standard deviation"}


def percent(share: float | None, digits: int = 1) -> str:
    """A share of one as a percentage.

    >>> percent(0.9137), percent(1.0, 0), percent(None)
    ('91.4%', '100%', '–')
    """
    return NOTHING if share is None else f"{100 * share:.{digits}f}%"


def decimal(value: float | None, digits: int = 3) -> str:
    """A number with a fixed number of digits after the point.

    >>> decimal(0.25137), decimal(None)
    ('0.251', '–')
    """
    return NOTHING if value is None else f"{value:.{digits}f}"


def signed(value: float, digits: int = 3) -> str:
    """A number with a fixed number of digits after the point and a real minus.

    >>> signed(0.25137), signed(-2.0, 1)
    ('0.251', '−2.0')
    """
    return f"{value:.{digits}f}".replace("-", "−")


def count(number: float | None) -> str:
    """A whole number with its thousands apart; above a million, in words.

    >>> count(60000), count(5_184_322), count(1_250_000_000), count(None)
    ('60,000', '5.2 million', '1.25 billion', '–')
    """
    if number is None:
        return NOTHING
    if number >= 1e9:
        return f"{number / 1e9:.2f} billion"
    if number >= 1e6:
        return f"{number / 1e6:.1f} million"
    return f"{number:,.0f}"


def whole(number: float) -> str:
    """A whole number in full, with its thousands apart.

    >>> whole(5_184_322)
    '5,184,322'
    """
    return f"{number:,.0f}"


def duration(seconds: float | None) -> str:
    """A time as its two largest units.

    >>> duration(185), duration(None)
    ('3 min 5 s', '–')
    """
    return NOTHING if seconds is None else text.duration(seconds)


def moment(iso: str) -> str:
    """An ISO 8601 time as a date and a time of day.

    >>> moment("2031-08-02T14:05:09+00:00"), moment("2031-08-02T14:05:09")
    ('2 August 2031, 14:05 UTC', '2 August 2031, 14:05')
    """
    when = datetime.fromisoformat(iso)
    zone = f" {when.tzname()}" if when.tzinfo else ""
    return f"{when.day} {when:%B %Y}, {when:%H:%M}{zone}"


def label(name: str) -> str:
    """A field of a record as a label.

    >>> label("learning_rate"), label("memory_gib")
    ('learning rate', 'memory, GiB')
    """
    return _LABELS.get(name, name.replace("_", " "))


def setting(value: Any) -> str:
    """A value of a recipe, of arguments or of a record.

    >>> setting(None), setting(True), setting([0.5, 0.25]), setting(0.001), setting("rgb")
    ('–', 'yes', '0.5, 0.25', '0.001', 'rgb')
    """
    if value is None or value == []:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(setting(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {setting(item)}" for key, item in value.items())
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def short(number: float) -> str:
    """A round number in few characters.

    >>> short(200_000), short(5e6), short(1e9), short(50)
    ('200 k', '5 M', '1 G', '50')
    """
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size * (1 - 1e-9):
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"
