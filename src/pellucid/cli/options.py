"""Options that more than one command takes, each said once."""

from typing import Annotated, Literal

import typer

Size = Annotated[
    int | None, typer.Option(metavar="S", help="Side of the network's input in pixels.")
]
Color = Annotated[Literal["auto", "gray", "rgb"], typer.Option(help="Channels of the input.")]
Flip = Annotated[
    Literal["auto", "none", "horizontal"], typer.Option(help="Mirror images while training.")
]
Augment = Annotated[
    Literal["auto", "none", "light", "strong"],
    typer.Option(help="Strength of the random variations of an image."),
]
Balance = Annotated[
    Literal["auto", "none", "weights"], typer.Option(help="Weigh rare classes up in the loss.")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Stop at a bad image instead of leaving it out.")
]
