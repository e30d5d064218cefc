"""``pellucid papers``."""

from typing import Annotated

import typer

from pellucid.cli.console import stdout, tell_json


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PAPER]...",
            help="alexnet, nin, googlenet, inception or lecture; all without one.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every figure as JSON on stdout.")
    ] = False,
) -> None:
    """Check the papers' printed figures against a recount of the networks here.

    Row by row what is printed, what the ledger counts, and where the two differ, why.

    \b
    Examples:
      pellucid papers                all of them
      pellucid papers googlenet      table 1, row by row
      pellucid papers alexnet nin --json
    """
    from pellucid.papers import PAPERS, recount

    papers = [recount(name) for name in dict.fromkeys(names or PAPERS)]
    if as_json:
        tell_json([paper.to_json() for paper in papers])
        return
    from pellucid.cli.papers_view import papers_view

    stdout().print(papers_view(papers))
