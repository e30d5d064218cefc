"""Lin, Chen and Yan 2013, Network in Network, and the authors' published definitions."""

from torch import nn

from pellucid.ledger import Ledger, ledger
from pellucid.models import Architecture
from pellucid.papers.alexnet import alexnet_parameters
from pellucid.papers.figure import Figure, Paper, figure, printed
from pellucid.papers.part import Part, filters

TITLE = "Lin et al. 2013, Network in Network"
_DEFINITION = "definition"
#: Filters of each mlpconv in the definitions: its k×k convolution, then its 1×1 convolutions.
CIFAR = ((192, 160, 96), (192, 192, 192), (192, 192, 10))
IMAGENET = ((96, 96, 96), (256, 256, 256), (384, 384, 384), (1024, 1024, 1000))
#: Bytes in the megabytes of file listings.
_MEGABYTE = 2**20


def nin_paper(cifar: nn.Module | None = None, imagenet: nn.Module | None = None) -> Paper:
    """The figures of the paper and of the authors' definitions beside a recount.

    Args:
        cifar: the network for 10 classes of 3×32×32 images; ours by default.
        imagenet: the one for 1,000 classes of 3×224×224 images; ours by default.
    """
    cifar = _network("cifar", 32, 10) if cifar is None else cifar
    imagenet = _network("imagenet", 224, 1000) if imagenet is None else imagenet
    small, large = ledger(cifar, (1, 3, 32, 32)), ledger(imagenet, (1, 3, 224, 224))
    bytes_ = large.totals.weight_bytes / _MEGABYTE
    figures = [
        *_figures("CIFAR-10", small, CIFAR, "3", "section 4.1"),
        figure("CIFAR-10", "class maps", "section 3.2", printed("10"), _class_maps(small)),
        *(
            figure("CIFAR-10", f"pool{number} shrinks by", "section 4.1", printed("2"), factor)
            for number, factor in enumerate(_shrinking(small), 1)
        ),
        *_figures("ImageNet", large, IMAGENET, "4", _DEFINITION),
        figure("ImageNet", "snapshot, MB", _DEFINITION, printed("29"), bytes_),
        figure(
            "ImageNet",
            "AlexNet's, MB",
            _DEFINITION,
            printed("230", unit=10),
            4 * alexnet_parameters() / _MEGABYTE,
        ),
        *(_counts("CIFAR-10", small) + _counts("ImageNet", large)),
    ]
    return Paper(
        "NiN",
        TITLE,
        tuple(figures),
        (
            "The paper prints neither widths nor counts; the definition with its widths, and the "
            "size of a snapshot, are what its authors published with the trained networks. "
            "A snapshot has four bytes a parameter, 1 MB = 1,048,576 bytes.",
        ),
    )


def _network(form: str, side: int, classes: int) -> nn.Module:
    arguments = {"classes": classes, "channels": 3, "height": side, "width": side, "form": form}
    return Architecture("nin", arguments).outline()


def _figures(
    row: str, account: Ledger, widths: tuple[tuple[int, ...], ...], blocks: str, where: str
) -> list[Figure]:
    found = _widths(account)
    figures = [figure(row, "mlpconv layers", where, printed(blocks), len(found))]
    for number, published in enumerate(widths, 1):
        text = printed(", ".join(map(str, published)), value=published)
        own = found[number - 1] if number <= len(found) else ()
        figures.append(figure(row, f"mlpconv{number} filters", _DEFINITION, text, own))
    return figures


def _widths(account: Ledger) -> list[tuple[int, ...]]:
    """Filters by mlpconv: one begins at each convolution that is larger than 1×1."""
    found: list[tuple[int, ...]] = []
    for row in Part(account.rows).weighted:
        many, _, *kernel = filters(row)
        if set(kernel) != {1}:
            found.append(())
        if found:
            found[-1] += (many,)
    return found


def _class_maps(account: Ledger) -> int:
    """Maps of the last convolution, each of which is averaged into a score."""
    return filters(Part(account.rows).weighted[-1])[0]


def _shrinking(account: Ledger) -> list[float]:
    """How many times smaller each pooling layer makes the side of the maps."""
    nodes = account.graph.nodes
    return [
        nodes[row.node.inputs[0]].shape[-1] / row.node.shape[-1]
        for row in account.rows
        if row.node.operation == "max_pool2d"
    ]


def _counts(row: str, account: Ledger) -> list[Figure]:
    totals = account.totals
    return [
        figure(row, "parameters", "", None, totals.parameters),
        figure(row, "multiply-adds", "", None, totals.macs),
    ]
