"""The options of ``pellucid train`` and the arguments of ``pellucid.train`` are the same."""

import inspect

from pellucid import api
from pellucid.cli import train as train_command


def test_train_has_the_defaults_of_the_api() -> None:
    command = inspect.signature(train_command.command).parameters
    function = inspect.signature(api.train).parameters
    for name, parameter in function.items():
        if name not in ("data", "watch"):
            assert command[name].default == parameter.default, name
    assert set(command) - set(function) == {"context", "resume", "as_json"}
