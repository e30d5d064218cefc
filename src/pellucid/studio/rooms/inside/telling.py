"""An account in words and numbers for the page."""

from math import inf
from typing import TYPE_CHECKING, Any

from pellucid.operators.arithmetic.result import exact_sum
from pellucid.operators.arithmetic.show import number
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.explain import Account
    from pellucid.operators.arithmetic import Term

#: Terms that are shown; the others are added up in one line.
SHOWN = 16


def told(account: "Account") -> dict[str, Any]:
    """What ``web/account.js`` shows.

    Args:
        account: with its largest terms first, as :meth:`Account.sorted` has them.

    >>> from torch import nn, ones
    >>> from pellucid.explain import account, trace_network
    >>> layer = nn.Conv2d(1, 1, 2, bias=False)
    >>> _ = layer.weight.data.fill_(0.5)
    >>> found = told(account(trace_network(layer, ones(1, 1, 2, 2)), "conv2d", (0, 0, 0)).sorted())
    >>> found["value"], found["check"]
    ('2', 'Recomputed in float64: 2. The network has 2: no difference.')
    """
    arithmetic = account.arithmetic
    terms, rest = account.terms[:SHOWN], account.terms[SHOWN:]
    most = max((abs(term.product) for term in terms), default=0.0)
    places = zip(arithmetic.names, arithmetic.at, strict=True)
    return {
        "title": f"{visible(account.name)} at {', '.join(f'{name} {at}' for name, at in places)}",
        "value": _number(account.found),
        "operation": arithmetic.operation,
        "formula": _signs(account.formula),
        "sentence": _first_upper(account.sentence),
        "weighted": any(term.weight != 1 for term in account.terms),
        "terms": [_term(account, place, most) for place in range(len(terms))],
        "rest": _rest(rest),
        "bias": _number(arithmetic.bias) if arithmetic.bias and terms else "",
        "check": _check(account),
        "agrees": account.agrees,
    }


def _term(account: "Account", place: int, most: float) -> dict[str, Any]:
    term, source = account.terms[place], account.sources[place]
    names = account.trace.names
    share = abs(term.product) / most if 0 < most < inf else 0.0
    return {
        "from": _origin(source, names, term),
        "at": "" if term.at is None else ", ".join(map(str, term.at)),
        "value": _number(term.value),
        "weight": _number(term.weight),
        "product": _number(term.product),
        "share": share if share <= 1 else 0.0,
        "sign": -1 if term.product < 0 else 1,
        "down": isinstance(source, int) and term.at is not None,
    }


def _origin(source: int | str | None, names: tuple[str, ...], term: "Term") -> str:
    if source is None:
        return "padding" if term.role == "padding" else "constant"
    kept = " (taken)" if term.role == "kept" else ""
    return visible(names[source] if isinstance(source, int) else source) + kept


def _rest(rest: "tuple[Term, ...]") -> dict[str, str] | None:
    if not rest:
        return None
    total = exact_sum([term.product for term in rest])
    return {"name": f"{len(rest):,} smaller terms", "product": _number(total)}


def _check(account: "Account") -> str:
    if not account.terms:
        return "It is given: nothing is computed here."
    beginning = f"Recomputed in float64: {_number(account.total)}."
    if account.difference == 0:
        return f"{beginning} The network has {_number(account.found)}: no difference."
    verdict = "less" if account.agrees else "MORE"
    compared = f"{verdict} than the {account.tolerance:.2g} that rounding allows"
    return _signs(
        f"{beginning} The network has {_number(account.found)}: differs by "
        f"{account.difference:.2g}, {compared}."
    )


def _number(value: float) -> str:
    return _signs(number(value))


def _signs(text: str) -> str:
    """With the minus sign of print, but where it belongs to a name or an exponent's digits."""
    return text.replace("-", "−")


def _first_upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
