"""The rooms' pages by NiceGUI's simulated user: what a change changes."""

import pytest
from nicegui import ui
from nicegui.testing import User

from pellucid.studio.parts.pixels import PixelView
from pellucid.studio.parts.planes import Planes
from pellucid.studio.parts.products import Products

from .simulated import one, until, visit


def test_choosing_an_operator_changes_the_picture_and_shows_its_sliders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(user: User) -> None:
        view = one(user, PixelView)
        await until(lambda: bool(view.props.get("src")))
        before = view.props["src"]
        await user.should_not_see("How much of it")
        operator = one(user, ui.select)
        operator.set_value("add")
        await until(lambda: view.props["src"] != before)
        await user.should_see("How much of it")
        one(user, ui.slider).set_value(0)
        await until(lambda: view.props["src"] == before)

    visit(monkeypatch, "/image", story)


def test_an_address_is_restored_and_its_faults_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(user: User) -> None:
        planes = one(user, Planes)
        await until(lambda: bool(planes.props.get("cards")))
        assert [card["name"] for card in planes.props["cards"]] == ["L*", "a*", "b*"]
        assert planes.props["chosen"] == "a*"
        await user.should_see("expected weight as a number from -2 to 2, found '9': it is 1 here.")

    visit(monkeypatch, "/image?model=lab&plane=a*&weight=9", story)


def test_the_game_tells_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from pellucid.studio.rooms.image.puzzle import question

    asked = question(3)

    async def story(user: User) -> None:
        await user.should_see(asked.answer.name)
        user.find(asked.answer.name).click()
        await user.should_see(f"Yes: {asked.answer.name}")
        user.find("Another one").click()
        await user.should_see(question(4).answer.name)
        await user.should_not_see("Yes:")

    visit(monkeypatch, "/image?round=3", story)


def test_a_kernel_that_is_none_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(user: User) -> None:
        view = one(user, PixelView, 1)
        await until(lambda: bool(view.props.get("src")))
        before = view.props["src"]
        typed = user.find("By name, or typed")
        typed.clear().type("sobel_q").trigger("blur")
        await user.should_see("did you mean 'sobel", retries=50)
        assert view.props["src"] == before
        typed.clear().type("1/9 0 0").trigger("blur")
        await until(lambda: view.props["src"] != before)
        await user.should_not_see("did you mean")

    visit(monkeypatch, "/convolution", story)


def test_stepping_writes_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(Products, "show", lambda self, title, *rest: told.append(title))

    async def story(user: User) -> None:
        view = one(user, PixelView, 1)
        await until(lambda: bool(view.props.get("src")))
        user.find("Step ▶").click()
        user.find("Step ▶").click()
        assert told[-2:] == ["Output at row 0, column 0", "Output at row 0, column 1"]
        user.find("◀ Step").click()
        assert told[-1] == told[-3]

    visit(monkeypatch, "/pooling", story)


def test_pasting_a_series(monkeypatch: pytest.MonkeyPatch) -> None:
    from pellucid.studio.parts.chart import Chart

    async def story(user: User) -> None:
        chart = one(user, Chart)
        await until(lambda: chart.props.get("name") == "price")
        user.find("Paste CSV here").type("temperature\n1\n2\nNA\n4\n").trigger("blur")
        await until(lambda: chart.props["name"] == "temperature")
        assert chart.props["values"] == [1, 2, None, 4]
        user.find("Paste CSV here").clear().type("x\nhello\n").trigger("blur")
        await user.should_see("expected a column of numbers", retries=50)

    visit(monkeypatch, "/series", story)


def test_pausing_before_the_first_step_stays_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from pellucid.studio.parts.player import Player

    async def story(user: User) -> None:
        stayed: list[tuple[int, int]] = []
        with user:
            player = Player(lambda y, x: None, lambda y, x: stayed.append((y, x)))
            player.over((4, 6), (-1, -1))
            player._toggle()
            player._toggle()
        assert stayed == []

    visit(monkeypatch, "/series", story)
