"""A network for new classes that begins with another's weights."""

from collections.abc import Mapping

from torch import Tensor, nn

from pellucid.errors import BundleError, UsageError
from pellucid.models.registry import Architecture, channels_last

#: Names told in a sentence.
_SHOWN = 3


def class_tensors(architecture: Architecture) -> frozenset[str]:
    """Names of the tensors whose shape follows from the number of classes.

    Found by building the network's outline twice, with one class more, so that it holds for any
    registered network: these are the weights of the layers that make scores.

    Raises:
        UsageError: the network does not take a number of classes.

    >>> sorted(class_tensors(Architecture("efficientnet_lite0", {"classes": 5, "channels": 3})))
    ['head.scores.bias', 'head.scores.weight']
    """
    if "classes" not in architecture.arguments:
        raise UsageError(
            f"model '{architecture.name}' does not say how many classes it has, so that its "
            "weights cannot be used for others."
        )
    more = architecture.arguments | {"classes": architecture.arguments["classes"] + 1}
    shapes, others = (
        {name: tensor.shape for name, tensor in one.outline().state_dict().items()}
        for one in (architecture, Architecture(architecture.name, more))
    )
    return frozenset(name for name, shape in shapes.items() if others.get(name) != shape)


def check_fit(architecture: Architecture, tensors: Mapping[str, Tensor], where: str) -> None:
    """Make sure that weights are a network's, whatever the number of their classes.

    Args:
        architecture: of the network; only its outline is built.
        tensors: under this network's names.
        where: what they are from, for the sentence.

    Raises:
        BundleError: they lack a tensor of the network, or one has another shape.
    """
    new = class_tensors(architecture)
    own = architecture.outline().state_dict()
    wrong = sorted(
        name
        for name, value in own.items()
        if name not in new and (name not in tensors or tensors[name].shape != value.shape)
    )
    if wrong:
        shown = ", ".join(wrong[:_SHOWN]) + (" …" if len(wrong) > _SHOWN else "")
        raise BundleError(
            f"{where} does not fit {architecture.name}: of its {len(own):,} tensors {len(wrong):,} "
            f"are missing or have another shape ({shown})."
        )


def transplant(
    architecture: Architecture, tensors: Mapping[str, Tensor], where: str, seed: int
) -> nn.Module:
    """A network with all of another's weights but those of the layers that make scores.

    Args:
        architecture: for the new classes.
        tensors: weights of the other, under this network's names; whatever its classes are.
        where: what they are from, for the sentence.
        seed: of what is new.

    Returns:
        The network in evaluation mode.

    Raises:
        BundleError: as :func:`check_fit`.
    """
    check_fit(architecture, tensors, where)
    new = class_tensors(architecture)
    network = architecture.sample(seed)
    own = network.state_dict()
    network.load_state_dict(
        {name: value if name in new else tensors[name] for name, value in own.items()}
    )
    return channels_last(network).eval()
