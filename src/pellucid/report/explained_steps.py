"""Accounts, one below the other, as plain values for an explanation's page."""

from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError
from pellucid.report.pictures import photo_uri

if TYPE_CHECKING:
    from pellucid.explain.account import Account
    from pellucid.explain.steps import Step

#: Side of the small pictures with a step's receptive field, in pixels.
_SIDE = 112


def step_sections(steps: "tuple[Step, ...]") -> list[dict[str, Any]]:
    """The steps of a way down: heading, terms, what they make, what the number sees."""
    return [_section(step) for step in steps]


def _section(step: "Step") -> dict[str, Any]:
    from pellucid.explain.account_view import HEAD, rows

    account = step.account
    arithmetic = account.arithmetic
    pairs = zip(arithmetic.names, arithmetic.at, strict=True)
    return {
        "name": account.name,
        "at": ", ".join(f"{name} {index}" for name, index in pairs),
        "operation": arithmetic.operation,
        "formula": account.formula,
        "recomputed": f"{account.total:.7g}",
        "network": f"{account.found:.7g}",
        "difference": f"{account.difference:.2g}",
        "tolerance": f"{account.tolerance:.2g}",
        "agrees": account.agrees,
        "sentence": account.sentence,
        "head": HEAD,
        "terms": rows(account),
        "count": len(account.terms),
        "followed": step.followed,
        "picture": _seen(account),
    }


def _seen(account: "Account") -> str | None:
    """The number's receptive field as a small picture; None where it cannot be told."""
    from pellucid.explain import receptive_field

    try:
        field = receptive_field(account.trace, account.node.index, account.at[1:])
    except UsageError:  # an operation whose terms are known, but not its index map
        return None
    return photo_uri(field.picture(_SIDE), _SIDE)
