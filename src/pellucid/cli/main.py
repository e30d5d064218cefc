"""The entry of the command line: ``pellucid COMMAND …``.

A command lies in the module of its name in this package, as a function ``command`` whose
docstring is its help. The module is imported when the command is called, and imports what is
heavy inside the function, so that ``--help`` and ``--version`` answer at once.
"""

import os
import re
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from pellucid._version import __version__
from pellucid.cli.console import complain
from pellucid.errors import PellucidError, UsageError, unknown_name
from pellucid.launch import place

#: In the order of ``pellucid --help``.
COMMANDS = (
    "train", "compare", "evaluate", "labels", "predict", "explain", "verify", "export", "parity",
    "optimize", "serve", "studio", "audit", "shard", "describe", "papers", "filter", "channels",
    "kernel", "series", "demo",
)  # fmt: skip
#: Exit codes beside 0: what cannot be done, a wrong call, Ctrl-C (128 + SIGINT, as in shells).
FAILED, WRONG_CALL, INTERRUPTED = 1, 2, 130
DEBUG = "PELLUCID_DEBUG"
#: Several numbers, the first below 0.
_WEIGHTS = re.compile(r"-[\d.][^\s;,]*[\s;,]")


class _Command(TyperCommand):
    """A command that takes ``"-1 0 1; -2 0 2"`` for what it is: weights, not options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # Weights may be preceded by a space, and then do not look like an option.
        return super().parse_args(ctx, [f" {a}" if _WEIGHTS.match(a) else a for a in args])


class _LazyGroup(TyperGroup):
    """A group whose commands are imported when they are asked for.

    The context is Any: its class is private to Typer.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        if cmd_name not in COMMANDS:
            return None
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cmd_name, cls=_Command)(import_module(f"pellucid.cli.{cmd_name}").command)
        command = typer.main.get_command(alone)
        assert isinstance(command, TyperCommand)
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            raise unknown_name("command", args[0], COMMANDS)
        if place().size > 1 and args[0] != "train":
            raise UsageError(f"only train runs on several workers: start {args[0]} by itself.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # here a reader that has gone away is still met quietly
        except KeyboardInterrupt:
            complain("Stopped by Ctrl-C.")
            raise typer.Exit(INTERRUPTED) from None
        return result


# Plain help: it answers twice as fast as Rich's, and reads the same in a pipe.
app = typer.Typer(
    cls=_LazyGroup,
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pellucid {__version__}")
        raise typer.Exit


def _set_debug(wanted: bool) -> None:
    if wanted:
        os.environ[DEBUG] = "1"


@app.callback()
def root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug",
            callback=_set_debug,
            is_eager=True,
            help=f"Show the traceback of an error (also: {DEBUG}=1).",
        ),
    ] = False,
) -> None:
    """Train CNN image classifiers on plain CPUs, and account for every number in them.

    \b
    Examples:
      pellucid demo                          train on the bundled images
      pellucid audit photos/                 look at a data set before training
      pellucid train photos/ --minutes 5     a folder per class; writes a run folder
      pellucid predict runs/photos-1 new/    classify files and folders
      pellucid compare photos/               several networks, the same budget
      pellucid describe googlenet            every layer's parameters and products
      pellucid filter cat.jpg -k sharpen -o sharp.png
      pellucid COMMAND --help                options and examples of one command
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors become one sentence on stderr.

    Args:
        arguments: what follows ``pellucid``.

    Returns:
        0 if done, 1 if it cannot be done, 2 if the call is wrong, 130 after Ctrl-C.

    >>> run(["--version"])  # doctest: +ELLIPSIS
    pellucid ...
    0
    """
    command = typer.main.get_command(app)
    try:
        status = command.main(list(arguments), prog_name="pellucid", standalone_mode=False)
    except Exception as error:
        if os.environ.get(DEBUG, "0") not in ("", "0"):
            traceback.print_exc()
        if not _said_by_another(error):
            complain(_sentence(error))
        return WRONG_CALL if isinstance(error, UsageError) else getattr(error, "exit_code", FAILED)
    return status if isinstance(status, int) else 0


def _said_by_another(error: Exception) -> bool:
    """Whether the first of several workers says it: a wrong call is wrong for all of them."""
    return isinstance(error, UsageError) and os.environ.get("RANK", "0") != "0"


def _sentence(error: Exception) -> str:
    """What went wrong, for a person."""
    if isinstance(error, PellucidError):
        return str(error)
    if isinstance(error, typer.TyperException):
        return _usage_sentence(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    return (
        f"Unexpected {type(error).__name__}: {error}. "
        f"Set {DEBUG}=1 and run the command again to see where it arose."
    )


def _usage_sentence(error: typer.TyperException) -> str:
    """The parser's message, with the nearest option where one is unknown, and where help is."""
    near = getattr(error, "possibilities", None)
    message = f"{error.message}. Did you mean {near[0]}?" if near else error.format_message()
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "pellucid"
    return f"{message} See '{path} --help'."


def main() -> None:
    """The ``pellucid`` script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Where a character cannot be shown its escape is, instead of an exception.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
