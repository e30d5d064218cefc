"""Rows folded by module: at depth 1 one line a child of the network, and so on."""

from collections.abc import Mapping, Sequence

from pellucid.ledger.row import Group, Row, total_work

#: Without a depth, as deep as this many lines allow.
FITTING_LINES = 30


def fold(rows: Sequence[Row], modules: Mapping[str, str], depth: int | None) -> tuple[Group, ...]:
    """The rows as groups, in the order in which each first appears.

    Calls made by a module at ``depth`` or deeper join the module at that depth; calls that a
    module above makes itself, between its children, stay apart, each by itself.

    Args:
        rows: of the ledger.
        modules: class by path.
        depth: of the module paths, at least 1; None for as deep as ``FITTING_LINES`` allow.
    """
    if depth is not None:
        return _fold(rows, modules, depth)
    deepest = max((path.count(".") + 1 for path in modules if path), default=1)
    found = _fold(rows, modules, 1)
    for deeper in range(2, deepest + 1):
        groups = _fold(rows, modules, deeper)
        if len(groups) > FITTING_LINES:
            break
        found = groups
    return found


def _fold(rows: Sequence[Row], modules: Mapping[str, str], depth: int) -> tuple[Group, ...]:
    parents = {path.rpartition(".")[0] for path in modules if path}
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault(_key(row, parents, depth), []).append(row)
    macs = total_work(rows).macs
    return tuple(
        Group(
            _name(key[0], members),
            _kind(key[0], members, modules),
            tuple(members),
            total_work(members).macs / macs if macs else 0.0,
        )
        for key, members in groups.items()
    )


def _key(row: Row, parents: set[str], depth: int) -> tuple[str, int]:
    """Path of the group, and what tells apart the groups of one path."""
    path = row.node.module
    parts = path.split(".") if path else []
    if path not in parents and 0 < len(parts) <= depth:  # a layer: each call by itself
        return path, row.node.call
    if len(parts) >= depth:
        return ".".join(parts[:depth]), 0
    return path, -1 - row.node.index  # between the children


def _name(path: str, members: Sequence[Row]) -> str:
    node = members[0].node
    alone = len(members) == 1 and node.module == path
    return members[0].name if alone and path else path or node.operation


def _kind(path: str, members: Sequence[Row], modules: Mapping[str, str]) -> str:
    """The operation of one row, the class of a module's rows."""
    return members[0].node.operation if len(members) == 1 else modules.get(path, "")
