"""Table 1 of Szegedy et al. 2015, Going deeper with convolutions, as it is printed."""

from dataclasses import dataclass

from pellucid.papers.figure import Printed, number, printed

#: The columns of filters, in the table's order.
COLUMNS = ("#1×1", "#3×3 reduce", "#3×3", "#5×5 reduce", "#5×5", "pool proj")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row.

    Attributes:
        name: its type; with the module's name where it is one of several.
        output: output size, H×W×C.
        depth: layers with weights; None where the table is empty.
        filters: by column; those that the row has.
        params: parameters.
        ops: multiply-adds.
        paths: of our network's modules that make it; none where it is no module of its own.
    """

    name: str
    output: str
    depth: int | None
    filters: tuple[int | None, ...] = ()
    params: str = ""
    ops: str = ""
    paths: tuple[str, ...] = ()

    @property
    def positions(self) -> int:
        """H·W of the output."""
        height, width, _ = _size(self.output)
        return height * width

    @property
    def maps(self) -> int:
        """C of the output."""
        return _size(self.output)[-1]

    @property
    def printed_params(self) -> Printed:
        """The params column."""
        return printed(self.params)

    @property
    def printed_ops(self) -> Printed:
        """The ops column."""
        return printed(self.ops)

    def implied_weights(self, inputs: int) -> int:
        """Weights that the row's own filters have, on so many input channels.

        >>> TABLE[4].implied_weights(192)  # inception (3a)
        163328
        """
        if self.name == "convolution 1":
            return inputs * self.maps * 7 * 7
        if self.name == "linear":
            return inputs * self.maps
        if self.name == "convolution 2":
            reduce = self.filters[1]
            assert reduce is not None
            return inputs * reduce + reduce * self.maps * 3 * 3
        one, reduce3, three, reduce5, five, project = (each or 0 for each in self.filters)
        narrow = inputs * (one + reduce3 + reduce5 + project)
        return narrow + reduce3 * three * 9 + reduce5 * five * 25


def _size(text: str) -> tuple[int, int, int]:
    height, width, maps = (int(each) for each in text.split("×"))
    return height, width, maps


def _module(
    name: str, output: str, filters: tuple[int | None, ...], params: str, ops: str
) -> TableRow:
    path = f"trunk.inception_{name}"
    return TableRow(f"inception ({name})", output, 2, filters, params, ops, (path,))


TABLE = (
    TableRow("convolution 1", "112×112×64", 1, (), "2.7K", "34M", ("trunk.conv1",)),
    TableRow("max pool 1", "56×56×64", 0, paths=("trunk.pool1",)),
    TableRow(
        "convolution 2",
        "56×56×192",
        2,
        (None, 64, 192, None, None, None),
        "112K",
        "360M",
        ("trunk.reduce2", "trunk.conv2"),
    ),
    TableRow("max pool 2", "28×28×192", 0, paths=("trunk.pool2",)),
    _module("3a", "28×28×256", (64, 96, 128, 16, 32, 32), "159K", "128M"),
    _module("3b", "28×28×480", (128, 128, 192, 32, 96, 64), "380K", "304M"),
    TableRow("max pool 3", "14×14×480", 0, paths=("trunk.pool3",)),
    _module("4a", "14×14×512", (192, 96, 208, 16, 48, 64), "364K", "73M"),
    _module("4b", "14×14×512", (160, 112, 224, 24, 64, 64), "437K", "88M"),
    _module("4c", "14×14×512", (128, 128, 256, 24, 64, 64), "463K", "100M"),
    _module("4d", "14×14×528", (112, 144, 288, 32, 64, 64), "580K", "119M"),
    _module("4e", "14×14×832", (256, 160, 320, 32, 128, 128), "840K", "170M"),
    TableRow("max pool 4", "7×7×832", 0, paths=("trunk.pool4",)),
    _module("5a", "7×7×832", (256, 160, 320, 32, 128, 128), "1072K", "54M"),
    _module("5b", "7×7×1024", (384, 192, 384, 48, 128, 128), "1388K", "71M"),
    TableRow("avg pool", "1×1×1024", 0),
    TableRow("dropout (40%)", "1×1×1024", 0, paths=("head.dropout",)),
    TableRow("linear", "1×1×1000", 1, (), "1000K", "1M", ("head.scores",)),
    TableRow("softmax", "1×1×1000", 0),
)


def printed_total(column: str) -> int:
    """The sum of the params or the ops column.

    >>> printed_total("params"), printed_total("ops")
    (6797700, 1502000000)
    """
    texts = (getattr(row, column) for row in TABLE)
    return sum(number(printed(text)) for text in texts if text)
