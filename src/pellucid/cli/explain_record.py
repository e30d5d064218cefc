"""An account in plain values, for ``pellucid explain --json``."""

from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pellucid.explain.account import Account


def account_record(account: "Account") -> dict[str, Any]:
    """Everything of an account, its terms in their order.

    JSON has no infinity and no NaN: where a number is none, its name stands (``"inf"``, ``"nan"``).
    """
    arithmetic = account.arithmetic
    names = account.trace.names
    record = {
        "layer": account.name,
        "at": dict(zip(arithmetic.names, arithmetic.at, strict=True)),
        "operation": arithmetic.operation,
        "rule": arithmetic.rule,
        "formula": account.formula,
        "bias": arithmetic.bias,
        "recomputed": account.total,
        "network": account.found,
        "difference": account.difference,
        "tolerance": account.tolerance,
        "agrees": account.agrees,
        "terms_for_90_percent": account.share(0.9),
        "terms": [
            {
                "source": names[source] if isinstance(source, int) else source,
                "at": None if term.at is None else list(term.at),
                "tap": list(term.tap),
                "value": term.value,
                "weight": term.weight,
                "product": term.product,
                "role": term.role,
            }
            for term, source in zip(account.terms, account.sources, strict=True)
        ],
    }
    found: dict[str, Any] = _plain(record)
    return found


def _plain(value: Any) -> Any:
    """The same with what JSON cannot have as words.

    >>> _plain({"a": [1.5, float("inf")]})
    {'a': [1.5, 'inf']}
    """
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value
