"""The stand-ins of these tests and the commands' defaults agree with the Python functions."""

import inspect

import pytest

from pellucid.cli import train as train_command


def test_train_has_the_defaults_of_the_api() -> None:
    api = pytest.importorskip("pellucid.api")
    command = inspect.signature(train_command.command).parameters
    function = inspect.signature(api.train).parameters
    for name, parameter in function.items():
        if name not in ("data", "watch"):
            assert command[name].default == parameter.default, name
    assert set(command) - set(function) == {"context", "resume", "as_json"}
