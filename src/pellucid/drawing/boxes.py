"""Which calls share a box: small steps join the layer before them, deep modules are folded."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from pellucid.capture import Graph, Node
from pellucid.drawing.layers import Edge
from pellucid.drawing.words import name, title
from pellucid.ledger import Ledger, Row

#: Without a depth, as deep as this many boxes allow.
MOST_BOXES = 150
#: Most boxes in a frame.
MOST_FRAMED = 16
#: Steps value by value, drawn with the layer before them where nothing else reads that one.
_JOINING = {"relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish"}
_JOINING |= {"sigmoid", "tanh", "hardtanh", "hardswish", "hardsigmoid", "softplus", "clamp"}
_JOINING |= {"batch_norm", "layer_norm", "group_norm", "instance_norm", "dropout", "dropout1d"}
_JOINING |= {"dropout2d", "dropout3d", "feature_dropout", "alpha_dropout"}
#: Steps that change no values: they join too, without a word.
_SILENT = {"squeeze", "unsqueeze", "contiguous", "clone", "detach", "to", "float", "half"}
_SILENT |= {"rewritten", "item"}


@dataclass(frozen=True, slots=True)
class Box:
    """One or more calls, drawn as one.

    Attributes:
        path: of the smallest module that makes them all, or the operation.
        title: what they do, in a few words.
        joined: names of the small steps that joined the layer, such as ReLU.
        rows: of the ledger.
        source: whether it is an input of the network.
        folded: whether it is a module of several layers.
    """

    path: str
    title: str
    joined: tuple[str, ...]
    rows: tuple[Row, ...]
    source: bool
    folded: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the result."""
        return self.rows[-1].node.shape

    @property
    def macs(self) -> int:
        """Multiply-adds."""
        return sum(row.work.macs for row in self.rows)

    @property
    def parameters(self) -> int:
        """Weights and biases that are first read here."""
        return sum(row.weights + row.biases for row in self.rows)

    @property
    def receptive(self) -> int:
        """The longest side of the receptive field, in whole pixels of the input; 0 if unknown."""
        return ceil(max((field.size for field in self.rows[-1].fields or ()), default=0))


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes, what reads what, and which boxes one module makes.

    Attributes:
        boxes: in the order of the calls.
        edges: from the box that makes a result to the box that reads it.
        frames: labels of modules with several boxes, and these.
    """

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    frames: tuple[tuple[str, frozenset[int]], ...]


def diagram(account: Ledger, depth: int | None = None) -> Diagram:
    """The boxes of a network.

    Args:
        account: its ledger.
        depth: modules at this depth are one box; None for every layer apart, as far as
            ``MOST_BOXES`` allow.
    """
    parts = _parts(account.graph, depth)
    if depth is None and len(parts) > MOST_BOXES:
        deepest = max(path.count(".") + 1 for path in account.graph.modules)
        for shallower in range(deepest, 0, -1):
            parts = _parts(account.graph, shallower)
            if len(parts) <= MOST_BOXES:
                break
    boxes = tuple(_box(account, part) for part in parts)
    home = {node: number for number, part in enumerate(parts) for node in part}
    edges = dict.fromkeys(
        (home[source], number)
        for number, part in enumerate(parts)
        for node in part
        for source in account.graph.nodes[node].inputs
        if home[source] != number
    )
    return Diagram(boxes, tuple(edges), _frames(account.graph, parts))


def _parts(graph: Graph, depth: int | None) -> list[list[int]]:
    """The nodes of each box.

    Consecutive calls only, or a chain's next link: so boxes form no cycles, whatever is folded.
    """
    parts: list[list[int]] = []
    fold: str | None = None
    users = graph.users()
    home: dict[int, int] = {}
    for node in graph.nodes:
        path = ".".join(node.module.split(".")[:depth]) if depth else ""
        deep = depth is not None and node.module.count(".") + 1 >= depth and bool(node.module)
        if deep and path == fold:
            parts[-1].append(node.index)
        elif (before := _joined(graph, node, users)) is not None:
            home[node.index] = home[before]
            parts[home[before]].append(node.index)
            continue
        else:
            parts.append([node.index])
            fold = path if deep and node.inputs else None
        home[node.index] = len(parts) - 1
    return parts


def _joined(graph: Graph, node: Node, users: Sequence[Sequence[int]]) -> int | None:
    """The node that a small step joins; None where it has a box of its own."""
    if node.operation not in _JOINING | _SILENT or len(set(node.inputs)) != 1:
        return None
    before = node.inputs[0]
    alone = len(users[before]) == 1 and before not in graph.outputs
    return before if alone and graph.nodes[before].operation != "input" else None


def _box(account: Ledger, part: Sequence[int]) -> Box:
    graph = account.graph
    nodes = [graph.nodes[index] for index in part]
    first = nodes[0]
    main = [node for node in nodes if node.operation not in _JOINING | _SILENT] or nodes[:1]
    path = _path(graph, main, part)
    small = [node for node in nodes if node.operation in _JOINING and node not in main]
    joined = tuple(dict.fromkeys(name(node.operation) for node in small))
    folded = len(main) > 1
    if folded:
        words, joined = graph.modules.get(path) or name(first.operation), ()
    else:
        reads = main[0].inputs
        words = title(main[0], graph.nodes[reads[0]].shape if reads else ())
    rows = tuple(account.rows[index] for index in part)
    return Box(path or first.operation, words, joined, rows, first.operation == "input", folded)


def _path(graph: Graph, main: Sequence[Node], part: Sequence[int]) -> str:
    """The largest module that makes the main calls of a box, and none outside the box."""
    path = main[0].module
    while path and not all(_within(node.module, path) for node in main):
        path = path.rpartition(".")[0]
    members = set(part)
    while "." in path:
        above = path.rpartition(".")[0]
        if any(_within(n.module, above) and n.index not in members for n in graph.nodes):
            break
        path = above
    return path


def _within(path: str, module: str) -> bool:
    return path == module or path.startswith(module + ".")


def _frames(graph: Graph, parts: Sequence[Sequence[int]]) -> tuple[tuple[str, frozenset[int]], ...]:
    """The outermost modules that make 2 to ``MOST_FRAMED`` boxes, but no more than half of all."""
    members: dict[str, set[int]] = {}
    for number, part in enumerate(parts):
        names = graph.nodes[part[0]].module.split(".")
        for many in range(1, len(names) + 1):
            members.setdefault(".".join(names[:many]), set()).add(number)
    found: dict[str, frozenset[int]] = {}
    for path in sorted(filter(None, members), key=lambda each: each.count(".")):
        boxes = frozenset(members[path])
        fits = 2 <= len(boxes) <= min(MOST_FRAMED, len(parts) / 2)
        if fits and not any(boxes & other for other in found.values()):
            found[path] = boxes
    return tuple(
        (_label(path, graph.modules.get(path, "")), boxes) for path, boxes in found.items()
    )


def _label(path: str, kind: str) -> str:
    """The last part of a path that is a name; of numbers alone, the class too."""
    tail = path.rpartition(".")[2]
    if not tail.isdigit():
        return tail
    return path if "." in path else f"{kind} {path}"
