"""Fine-tuning: a network that has learnt before learns on, its upper layers first and fastest.

Howard and Ruder 2018, Universal language model fine-tuning, section 3.2: discriminative learning
rates (lower layers, whose features are general, change less) and gradual unfreezing. Batch norms
keep the mean and spread that they have: those of small batches of few images are noise, and the
features that the new head was fitted to rest on the old ones.
"""

from torch import nn
from torch.optim import AdamW

from pellucid.training.choices.recipe import Tuning

#: The layers are divided into so many bands, each with one learning rate.
BANDS = 8
_WEIGHT_DECAY, _BETAS = 0.05, (0.9, 0.95)


class Tuner:
    """What is special about fine-tuning a network.

    Args:
        network: its parameters are in the order of its layers.
        tuning: how.
    """

    def __init__(self, network: nn.Module, tuning: Tuning) -> None:
        self._tuning = tuning
        self._bands = bands(network)
        self._norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]

    def optimiser(self, rate: float) -> AdamW:
        """AdamW at its peak rates: ``rate`` for the last band, a share ``lowest`` for the first."""
        top = max(len(self._bands) - 1, 1)
        groups = [
            {"params": band, "lr": rate * self._tuning.lowest ** (1 - place / top)}
            for place, band in enumerate(self._bands)
        ]
        return AdamW(groups, lr=rate, weight_decay=_WEIGHT_DECAY, betas=_BETAS)

    def prepare(self, progress: float) -> None:
        """Before a step, with the network in training mode: what learns, and what does not.

        Args:
            progress: share of the training done, in [0, 1].
        """
        for norm in self._norms:
            norm.eval()
        everything = progress >= self._tuning.upper_first
        for place, band in enumerate(self._bands):
            for parameter in band:
                parameter.requires_grad_(everything or 2 * place >= len(self._bands))


def bands(network: nn.Module) -> list[list[nn.Parameter]]:
    """The parameters in at most eight bands of about as many layers, from the input up.

    >>> network = nn.Sequential(*(nn.Linear(1, 1) for _ in range(16)))
    >>> [len(band) for band in bands(network)]
    [4, 4, 4, 4, 4, 4, 4, 4]
    """
    layers = [list(module.parameters(recurse=False)) for module in network.modules()]
    layers = [layer for layer in layers if layer]
    count = min(BANDS, len(layers))
    found: list[list[nn.Parameter]] = [[] for _ in range(count)]
    for place, layer in enumerate(layers):
        found[place * count // len(layers)] += layer
    return found
