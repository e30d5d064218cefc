"""Whether a card and the weights beside it are of one network, before memory is taken for it."""

from collections.abc import Mapping

from pellucid.capture import capture
from pellucid.errors import BundleError
from pellucid.inference.card import Card


def refuse_other_weights(card: Card, found: Mapping[str, tuple[int, ...]], where: str) -> None:
    """Make sure that the network of a card has tensors of these shapes and scores all classes.

    Args:
        card: names the network; only its outline is built.
        found: shapes of the weights by name.
        where: what the card is called in a sentence.

    Raises:
        BundleError: a tensor is missing, too many or of another shape, or there are not as many
            scores as classes.
    """
    network, record = card.architecture.outline(), card.preprocessing
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    differing = sorted(
        name for name in expected | dict(found) if expected.get(name) != found.get(name)
    )
    if differing:
        name = differing[0]
        raise BundleError(
            f"{where}: the weights do not fit the network that the card names: {name} is "
            f"{_shape(found.get(name))} in the weights and {_shape(expected.get(name))} in the "
            "network."
        )
    graph = capture(network, (1, record.channels, record.height, record.width))
    scores = graph.nodes[graph.outputs[0]].shape
    if scores != (1, len(card.classes)):
        raise BundleError(
            f"{where}: the network makes {_shape(scores[1:])} scores for {len(card.classes)} "
            "classes."
        )


def _shape(shape: tuple[int, ...] | None) -> str:
    return "missing" if shape is None else "×".join(map(str, shape)) or "one number"
