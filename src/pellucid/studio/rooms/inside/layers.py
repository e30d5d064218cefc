"""The network's layers on the page: a strip of pictures of the main ones, a list of all."""

from collections.abc import Callable

from nicegui import ui

from pellucid.studio.parts import controls
from pellucid.studio.parts.tiles import Tile, Tiles
from pellucid.studio.rooms.inside.sight import Sight, small
from pellucid.studio.rooms.inside.state import InsideState
from pellucid.studio.visit import Visit


class Strip:
    """Main layers with their strongest map, and a list of every layer.

    Args:
        visit: of the room.
        choose: called with the name of a layer.
    """

    def __init__(self, visit: Visit[InsideState], choose: Callable[[str], None]) -> None:
        self._visit, self._choose, self._worker = visit, choose, visit.worker()
        self._shown: object = None
        self._names: list[str] = []
        self._current = ""
        self._tiles = Tiles("Main layers", self._chosen, row=True)
        with ui.element("div").classes("layer-choice"):
            self._list = controls.choose("All layers", [""], "", self._listed)
            self._list.props("use-input input-debounce=0 fill-input hide-selected")

    def show(self, sight: Sight) -> None:
        """Mark the layer of a number; the pictures are made once for each forward pass."""
        trace, layer = sight.trace, sight.spot.layer
        self._current = layer
        if self._shown is not trace:
            self._shown = trace
            self._list.set_options(list(trace.names), value=layer)
            self._worker.ask(lambda: self._made(sight), self._ready)
        elif self._list.value != layer:
            self._list.set_value(layer)
        self._mark()

    def _made(self, sight: Sight) -> list[Tile]:
        from pellucid.explain import feature_maps
        from pellucid.report.explained_layers import main_layers

        tiles = []
        for node in main_layers(sight.trace):
            maps = feature_maps(sight.trace, node.index, order="largest", most=1)
            src = self._visit.publish(small(maps.map(maps.channels[0])))
            shape = "×".join(map(str, node.shape[1:]))
            tiles.append(Tile(sight.trace.names[node.index], shape, src))
        return tiles

    def _ready(self, tiles: list[Tile]) -> None:
        self._names = [tile.name for tile in tiles]
        short = _shortened(self._names)
        self._tiles.show(
            [tile._replace(name=name) for tile, name in zip(tiles, short, strict=True)]
        )
        self._mark()

    def _mark(self) -> None:
        self._tiles.point(self._names.index(self._current) if self._current in self._names else -1)

    def _chosen(self, place: int) -> None:
        self._choose(self._names[place])

    def _listed(self, name: str | None) -> None:
        if name and name != self._current:
            self._choose(name)


def _shortened(names: list[str]) -> list[str]:
    """Without what all of them begin with.

    >>> _shortened(["trunk.conv1", "trunk.conv2"]), _shortened(["a"])
    (['conv1', 'conv2'], ['a'])
    """
    first = names[0].split(".") if names else []
    common = 0
    while common < len(first) - 1 and all(
        name.split(".")[: common + 1] == first[: common + 1] and name.count(".") > common
        for name in names
    ):
        common += 1
    return [".".join(name.split(".")[common:]) for name in names]
