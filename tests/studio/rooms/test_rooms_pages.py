"""The rooms about a network by NiceGUI's simulated user: what a choice changes."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing import User

from pellucid.inference.predictor import load_predictor
from pellucid.studio.parts.account import AccountView
from pellucid.studio.parts.matrix import Matrix
from pellucid.studio.parts.netview import NetView
from pellucid.studio.parts.readout import Readout
from pellucid.studio.parts.scores import Bar, Scores
from pellucid.studio.parts.tiles import Tiles
from pellucid.studio.training import Trainer
from pellucid.training.run import Run

from ..simulated import one, trigger, until, visit


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[type, list[Any]]:
    """What the page told each kind of component."""
    heard: dict[type, list[Any]] = {}
    for kind in (NetView, Readout, AccountView, Scores):
        heard[kind] = []

        def show(self: object, *args: Any, kind: type = kind, **more: Any) -> None:
            heard[kind].append(args)

        monkeypatch.setattr(kind, "show", show)
    return heard


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_networks_are_compared_and_a_box_is_explained(
    monkeypatch: pytest.MonkeyPatch, run: Run, told: dict[type, list[Any]]
) -> None:
    parameters = sum(each.numel() for each in load_predictor(run.folder).network.parameters())

    def totals() -> str:
        """The parameters of all of it."""
        shown = [lines for _, lines in told[Readout] if lines[-1].name == "layers with parameters"]
        return str(shown[-1][0].value)

    async def story(user: User) -> None:
        await until(lambda: bool(told[NetView]))
        title, svg, rows, chosen = told[NetView][0]
        assert title == "Your network: compact" and svg.startswith("<svg") and chosen == -1
        assert svg.count("<image") > 3  # its maps of the picture
        assert totals() == f"{parameters:,}"
        title, lines = told[Readout][-1]
        costs = [int(row["macs"].replace(",", "") or 0) for row in rows]
        assert title == f"{rows[costs.index(max(costs))]['name']}, the most costly one"
        user.find(NetView).trigger("choose", 1)
        title, lines = told[Readout][-1]
        assert title == rows[1]["name"]
        assert {line.name: line.value for line in lines}["parameters"] == rows[1]["parameters"]
        user.find("Naive against reduced Inception").click()
        await until(lambda: len(told[NetView]) > 2 and "Inception" in told[NetView][-1][0])
        first, second = (int(each.replace(",", "")) for each in totals().split(" · "))
        assert first > second > 5_000_000

    visit(monkeypatch, "/network?picture=cat", story, run.folder)


def test_one_looks_inside_and_goes_down_and_up(
    monkeypatch: pytest.MonkeyPatch, run: Run, told: dict[type, list[Any]]
) -> None:
    def last() -> dict[str, Any]:
        [record] = told[AccountView][-1]
        assert isinstance(record, dict)
        return record

    async def story(user: User) -> None:
        await until(lambda: bool(told[AccountView]))
        first = last()
        user.find(AccountView).trigger("down", 0)
        await until(lambda: last()["title"] != first["title"])
        assert number(last()["value"]) == pytest.approx(
            number(first["terms"][0]["value"]), rel=1e-4
        )
        assert last()["title"].startswith(first["terms"][0]["from"])
        [step] = [each for each in user.find(ui.button).elements if "step" in each.classes]
        user.find(step.text).click()
        await until(lambda: last()["title"] == first["title"])

    visit(monkeypatch, "/inside?picture=cat", story, run.folder)


def test_an_address_that_names_no_number_is_told(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    async def story(user: User) -> None:
        await user.should_see("expected a position in", retries=200)

    visit(monkeypatch, "/inside?picture=cat&at=99,0,0", story, run.folder)


def test_asking_why_one_and_not_another(
    monkeypatch: pytest.MonkeyPatch, run: Run, told: dict[type, list[Any]]
) -> None:
    def roles() -> list[str]:
        return [bar.role for bar in told[Scores][-1][0]]

    async def story(user: User) -> None:
        await until(lambda: len(told[Scores]) >= 2)
        bars: list[Bar] = told[Scores][0][0]
        assert sum(bar.probability for bar in bars) == pytest.approx(1)
        assert [bar.role for bar in bars] == ["target", "", ""]
        await user.should_see(f"What speaks for {bars[0].name}?")
        trigger(user, one(user, Scores), "compare", 2)
        await until(lambda: roles() == ["target", "", "against"])
        await user.should_see(f"What speaks for {bars[0].name} rather than {bars[2].name}?")

    visit(monkeypatch, "/why?picture=cat", story, run.folder)


def test_a_cell_shows_its_pictures(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    found = run.evaluation
    assert found is not None
    row, column = next((i, j) for i in range(3) for j in range(3) if found.confusion[i][j])

    async def story(user: User) -> None:
        tiles = [
            each for each in user.find(Tiles).elements if each.props["label"].startswith("Pic")
        ]
        user.find(Matrix).trigger("choose", {"truth": row, "answer": column})
        await until(lambda: len(tiles[0].props.get("tiles", [])) == found.confusion[row][column])
        names = [classes.name for classes in found.classes]
        await user.should_see(f"{names[row]}, and the network says {names[column]}.")

    visit(monkeypatch, "/data", story, run.folder)


def test_a_training_is_started_and_stopped(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    orders: list[dict[str, Any]] = []
    monkeypatch.setattr(Trainer, "start", lambda self, order: orders.append(order))

    async def story(user: User) -> None:
        user.find("Start").click()
        await user.should_see("expected a folder from the root on")
        user.find("Folder of images").type(str(run.record["data"]["path"]))
        user.find("Start").click()
        await user.should_not_see("expected a folder")
        [order] = orders
        assert order["data"] == str(Path(run.record["data"]["path"]).resolve())
        assert Path(order["output"]).parent == run.folder.parent
        assert order["wishes"] == {"minutes": 3.0, "model": "compact"}
        user.find("Go on with it").click()
        await user.should_see("no run was stopped")

    visit(monkeypatch, "/data", story, run.folder)


def test_a_damaged_run_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(run.folder, damaged)
    (damaged / "run.json").write_text("{")

    async def story(user: User) -> None:
        await user.should_see(str(damaged / "run.json"))

    visit(monkeypatch, "/data", story, damaged)
