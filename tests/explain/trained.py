"""A network with its preprocessing, as a bundle has them, without a bundle."""

from dataclasses import dataclass

from torch import nn

from pellucid.data.preprocessing import Preprocessing


@dataclass(frozen=True)
class Card:
    preprocessing: Preprocessing


@dataclass(frozen=True)
class Trained:
    network: nn.Module
    card: Card


def trained(network: nn.Module, record: Preprocessing) -> Trained:
    return Trained(network.eval(), Card(record))
