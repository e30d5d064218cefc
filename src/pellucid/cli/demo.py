"""``pellucid demo``."""

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.calls import quoted
from pellucid.cli.console import say, tell
from pellucid.cli.train import show

#: Known to suit these images, and fixed: the same accuracy on a busy machine, only later. On two
#: quiet cores they take under a minute.
EPOCHS, WIDTH = 16, 32


def command(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="RUN", help="Run folder to write.")
    ] = Path("demo"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the run folder if it exists.")
    ] = False,
) -> None:
    """Train on the bundled images, in about a minute.

    6,000 small pictures of clothes in ten classes, and 1,000 to test on.

    \b
    Examples:
      pellucid demo
      pellucid demo -o /tmp/clothes
    """
    from pellucid import api
    from pellucid.cli.watching import TerminalWatcher
    from pellucid.demo import demo_data

    data = demo_data()
    say("Training on a tenth of Fashion-MNIST: ten kinds of clothes, 28×28 pixels, gray.")
    with TerminalWatcher() as watch:
        run = api.train(data, output, epochs=EPOCHS, width=WIDTH, overwrite=overwrite, watch=watch)
    show(run, as_json=False)
    _say_what_next(run.folder, data)


def _say_what_next(run: Path, data: Path) -> None:
    tell()
    tell("Try next:")
    tell(f"  open {quoted(run / 'report.html')} in a browser")
    tell(f"  pellucid evaluate {quoted(run)} {quoted(data)} --split test")
    tell("  pellucid audit YOUR_FOLDER     a folder with one sub-folder of images per class")
    tell("  pellucid train YOUR_FOLDER --minutes 5")
