"""``pellucid papers``."""

import json

import pytest

from pellucid.cli.main import run


def test_the_tables_fit_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["papers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    for words in (
        ("AlexNet", "Krizhevsky"),
        ("60 million", "60,965,224 ="),
        ("650,000", "659,272 ≠"),
        ("convolution 1", "2.7K", "9,408", "34M", "118.0M ≠"),
        ("inception (4c)", "463K", "509.4K", "497.5K ≠", "99.9M ="),
        ("snapshot", "29"),
        ("naive", "28×28×416"),
        ("2×3×3×3", "54"),
    ):
        assert any(all(word in line for word in words) for line in lines), words


def test_one_paper_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["papers", "lecture"]) == 0
    out = capsys.readouterr().out
    assert "1 of 1 printed figures agree" in out and "AlexNet" not in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["papers", "googlenet", "alexnet", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["name"], second["name"]) == ("GoogLeNet", "AlexNet")
    assert (second["agree"], second["of"]) == (20, 23)
    assert all(each["why"] for each in first["figures"] if each["agrees"] is False)
    [three_a] = [
        each
        for each in first["figures"]
        if (each["row"], each["column"]) == ("inception (3a)", "params")
    ]
    assert (three_a["printed"], three_a["recount"]) == ("159K", 163328)
    assert three_a["where"] == "table 1"


def test_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["papers", "googlnet"]) == 2
    assert "did you mean 'googlenet'" in capsys.readouterr().err
