"""Krizhevsky, Sutskever and Hinton 2012: the figures of AlexNet."""

from torch import nn

from pellucid.ledger import ledger
from pellucid.models import Architecture
from pellucid.papers.figure import Figure, Paper, because, figure, printed, size
from pellucid.papers.part import Part, filters, part

TITLE = "Krizhevsky et al. 2012, ImageNet classification with deep convolutional neural networks"
#: Layer, kernels (section 3.5: how many, of what size), neurons (caption of figure 2), and the
#: size of what each of the two towers makes (figure 2).
LAYERS = (
    ("conv1", "trunk.conv1", (96, 11, 11, 3), "253,440", "55×55×48"),
    ("conv2", "trunk.conv2", (256, 5, 5, 48), "186,624", "27×27×128"),
    ("conv3", "trunk.conv3", (384, 3, 3, 256), "64,896", "13×13×192"),
    ("conv4", "trunk.conv4", (384, 3, 3, 192), "64,896", "13×13×192"),
    ("conv5", "trunk.conv5", (256, 3, 3, 192), "43,264", "13×13×128"),
    ("fc6", "head.hidden.linear1", None, "4096", "1×1×2048"),
    ("fc7", "head.hidden.linear2", None, "4096", "1×1×2048"),
    ("fc8", "head.scores", None, "1000", None),
)
_INPUT_SHAPE = (1, 3, 227, 227)
#: What the reasons are about.
_NEURONS, _INPUT, _CONV1 = 659_272, 154_587, 290_400


def alexnet_paper(network: nn.Module | None = None) -> Paper:
    """The paper's figures beside a recount.

    Args:
        network: AlexNet in two towers for 1,000 classes of 3×227×227 images, its layers named
            as in :mod:`pellucid.models.alexnet`; ours by default.

    Raises:
        UsageError: it has no layer of such a name.
    """
    account = ledger(_outline() if network is None else network, _INPUT_SHAPE)
    figures = _whole(account.totals.parameters, account.totals.neurons)
    values = account.rows[0].node.count
    reason = (
        "224·224·3 = 150,528, but (224 − 11) / 4 + 1 = 54.25: without padding 55×55 maps come of "
        "227 pixels, 227·227·3 = 154,587."
    )
    why = because(values, _INPUT, reason)
    figures.append(figure("input", "values", "figure 2", printed("150,528"), values, why=why))
    for name, path, kernels, neurons, tower in LAYERS:
        found = part(account, [path])
        figures += _layer(name, found, kernels, neurons, tower)
    figures.append(
        figure("whole network", "multiply-adds", "", None, account.totals.macs),
    )
    return Paper(
        "AlexNet",
        TITLE,
        tuple(figures),
        (
            "Neurons: outputs of the eight layers with weights; the input, pooled and normalised "
            "values are not counted again.",
            "The two towers are convolutions in two groups here, so a tower makes half the maps.",
        ),
    )


def alexnet_parameters() -> int:
    """Parameters of our AlexNet, by the ledger; other papers compare with it."""
    return ledger(_outline(), _INPUT_SHAPE).totals.parameters


def _outline() -> nn.Module:
    arguments = {"classes": 1000, "channels": 3, "height": 227, "width": 227}
    return Architecture("alexnet", arguments).outline()


def _whole(parameters: int, neurons: int) -> list[Figure]:
    summed = sum(int(neuron.replace(",", "")) for _, _, _, neuron, _ in LAYERS)
    reason = (
        f"659,272 is 650,000 if it is cut after two digits, 660,000 if it is rounded; the layers' "
        f"figures in figure 2 add up to {summed:,}."
    )
    return [
        figure(
            "whole network",
            "parameters",
            "abstract",
            printed("60 million", value=60_000_000, unit=10_000_000),
            parameters,
        ),
        figure(
            "whole network",
            "neurons",
            "abstract",
            printed("650,000", unit=10_000),
            neurons,
            why=because(neurons, _NEURONS, reason),
        ),
    ]


def _layer(
    name: str, found: Part, kernels: tuple[int, ...] | None, neurons: str, tower: str | None
) -> list[Figure]:
    figures = []
    row = found.weighted[0]
    if kernels is not None:
        many, channels, high, wide = filters(row)
        text = f"{kernels[0]} of {'×'.join(map(str, kernels[1:]))}"
        published = printed(text, value=kernels)
        own = (many, high, wide, channels)
        figures.append(figure(name, "kernels", "section 3.5", published, own))
    if tower is not None:
        high, wide, maps = size(row.node.shape)
        half = (high, wide, maps // 2)
        figures.append(figure(name, "output of a tower", "figure 2", printed(tower), half))
    count = row.node.count
    reason = "55·55·96 = 290,400; 253,440 is 55·48·96, with a tower's 48 maps in place of a side."
    why = because(count, _CONV1, reason) if name == "conv1" else ""
    figures.append(figure(name, "neurons", "figure 2", printed(neurons), count, why=why))
    return figures
