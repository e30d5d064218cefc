"""The ledger as plain values: for JSON, CSV and pandas."""

from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError
from pellucid.ledger.row import Fields, Group, Row

if TYPE_CHECKING:
    from pandas import DataFrame

    from pellucid.ledger.book import Ledger, Totals


def ledger_record(ledger: "Ledger") -> dict[str, Any]:
    """Everything as plain values that JSON knows."""
    graph, head = ledger.graph, ledger.head
    return {
        "network": graph.network,
        "inputs": [list(graph.nodes[index].shape) for index in graph.inputs],
        "outputs": [list(graph.nodes[index].shape) for index in graph.outputs],
        "totals": totals_record(ledger.totals),
        "rows": [row_record(row, ledger.totals.macs) for row in ledger.rows],
        "reductions": [
            {
                "name": one.name,
                "larger": one.larger,
                "channels": list(one.channels),
                "macs": one.macs,
                "macs_without": one.macs_without,
                "parameters": one.parameters,
                "parameters_without": one.parameters_without,
                "factor": one.factor,
            }
            for one in ledger.reductions
        ],
        "head": None
        if head is None
        else {
            "trunk": list(head.trunk),
            "classes": head.classes,
            "actual": head.actual,
            "flatten": head.flatten,
            "pooled": head.pooled,
            "factor": head.factor,
        },
        "unknown": [{"name": row.name, "operation": row.node.operation} for row in ledger.unknown],
        "unused": [stored.name for stored in ledger.unused],
        "conventions": list(ledger.conventions),
    }


def totals_record(totals: "Totals") -> dict[str, int]:
    """The totals by name."""
    return {
        "parameters": totals.parameters,
        "weights": totals.weights,
        "biases": totals.biases,
        "unused": totals.unused,
        "macs": totals.macs,
        "flops": totals.flops,
        "products": totals.work.products,
        "additions": totals.work.additions,
        "pooling": totals.work.pooling,
        "operations": totals.work.operations,
        "activation_bytes": totals.activation_bytes,
        "weight_bytes": totals.weight_bytes,
        "buffer_bytes": totals.buffer_bytes,
        "neurons": totals.neurons,
    }


def row_record(row: Row, macs: int) -> dict[str, Any]:
    """A row by name.

    Args:
        row: of the ledger.
        macs: of the whole network.
    """
    node, sharing = row.node, row.sharing
    record = {
        "node": node.index,
        "name": row.name,
        "operation": node.operation,
        "module": node.module,
        "call": node.call,
        "inputs": list(node.inputs),
        "output": list(node.shape),
        "known": row.known,
        "weights": row.weights,
        "biases": row.biases,
        "reused": list(row.reused),
        **_work(row, macs),
        "activation_bytes": node.fresh,
        "weight_bytes": row.weight_bytes,
        **_fields(row.fields),
        "unshared": None,
        "connected": None,
        "factor": None,
    }
    if sharing is not None:
        record |= {
            "unshared": sharing.local,
            "connected": sharing.connected,
            "factor": sharing.factor,
        }
    return record


def group_record(group: Group, macs: int) -> dict[str, Any]:
    """A folded line by name.

    Args:
        group: of the ledger.
        macs: of the whole network.
    """
    return {
        "name": group.name,
        "kind": group.kind,
        "output": "x".join(map(str, group.output)),
        "calls": len(group.rows),
        "parameters": group.parameters,
        "weights": group.weights,
        "biases": group.biases,
        **_work(group, macs),
        "activation_bytes": group.activation_bytes,
        "weight_bytes": group.weight_bytes,
        **{name: _words(value) for name, value in _fields(group.fields).items()},
        "unknown": " ".join(group.unknown),
    }


def ledger_frame(ledger: "Ledger") -> "DataFrame":
    """A pandas table with a row a call."""
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise UsageError(
            "to_frame makes a pandas table, but pandas is not installed: install "
            "'pellucid[series]', or use to_json."
        ) from error
    return DataFrame([row_record(row, ledger.totals.macs) for row in ledger.rows])


def _work(counted: Row | Group, macs: int) -> dict[str, Any]:
    work = counted.work
    return {
        "macs": work.macs,
        "flops": 2 * work.macs,
        "share": work.macs / macs if macs else 0.0,
        "formula": work.formula,
        "products": work.products,
        "additions": work.additions,
        "pooling": work.pooling,
        "operations": work.operations,
    }


def _fields(fields: Fields | None) -> dict[str, Any]:
    """Size, jump and offset, each a list with a number an axis; fractions as floats."""
    names = ("size", "jump", "offset")
    return {
        f"field_{name}": None
        if fields is None
        else [_number(getattr(field, name)) for field in fields]
        for name in names
    }


def _number(value: Any) -> int | float:
    return value if isinstance(value, int) else float(value)


def _words(values: list[int | float] | None) -> str:
    return "" if values is None else "x".join(f"{value:g}" for value in values)
