"""What was written on the command line, and what is printed for another one."""

from pathlib import Path

import typer

from pellucid.errors import UsageError


def given(context: typer.Context) -> list[str]:
    """The parameters that were written, not left at their defaults."""
    sources = ((name, context.get_parameter_source(name)) for name in context.params)
    return [name for name, source in sources if source is not None and source.name == "COMMANDLINE"]


def resumes(context: typer.Context, whose: str) -> bool:
    """Whether ``--resume`` was written, which then stands alone (beside ``--json``).

    Raises:
        UsageError: it does not; ``whose`` says what has data and options of its own.
    """
    names = given(context)
    if "resume" not in names:
        return False
    for name in names:
        if name not in ("resume", "as_json"):
            what = "DATA" if name == "data" else f"--{name}"
            raise UsageError(
                f"--resume goes on with the {whose}'s own data and options: leave {what} out."
            )
    return True


def named_data(text: str) -> Path | str:
    """A data set's name: a path, unless it is a list, a pipe or a URL."""
    from pellucid.data.shards.names import is_path

    return Path(text) if is_path(text) else text


def quoted(path: Path) -> str:
    """``path`` as one word of a shell's command line."""
    from shlex import quote

    return quote(str(path))
