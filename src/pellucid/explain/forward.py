"""A forward pass that can be repeated exactly, and that notices when the network has changed."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from pellucid.capture import Graph, Node, capture
from pellucid.errors import UsageError

Watch = Callable[[Node, Tensor], None]

#: Largest difference between the outputs of two passes, as a part of the largest output: more
#: than a sum in another order makes (threads), far less than other weights.
_SAME = 1e-3


class Forward:
    """One pass of a network on one input, and more of the same on request.

    Attributes:
        network: any torch module.
        given: its input, a copy.
        graph: of the first pass.
    """

    def __init__(self, network: nn.Module, given: Tensor, watch: Watch) -> None:
        """Run the network.

        Args:
            network: any torch module, in any mode.
            given: its input (1, C, H, W), on the network's device.
            watch: sees every node and its result.

        Raises:
            UsageError: the network does not take the input.
        """
        self.network = network
        self.given = given
        self._random = torch.get_rng_state()  # a network may draw random numbers
        self.graph = self._run(watch)
        # Of a network that writes its own buffers, the state after the pass counts.
        stored = [*network.named_parameters(), *network.named_buffers()]
        self._stored = {name: (tensor, _version(tensor)) for name, tensor in stored}

    def again(self, watch: Watch) -> None:
        """Run the network once more.

        Raises:
            UsageError: it does something else now.
        """
        if not _same(self.graph, self._run(watch)):
            raise self._changed("gives other results than when it was traced")

    def stored(self, name: str) -> Tensor:
        """A parameter or a buffer, by its name in the graph.

        Raises:
            UsageError: it was written since the pass.
        """
        tensor, version = self._stored[name]
        if _version(tensor) != version:
            raise self._changed(f"has a new {name} since it was traced")
        return tensor.detach()

    def _run(self, watch: Watch) -> Graph:
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._random)
            # Work in place may write to the input.
            return capture(self.network, self.given.clone(), watch=watch)

    def _changed(self, what: str) -> UsageError:
        return UsageError(f"{type(self.network).__name__} {what}: trace it again.")


def _same(first: Graph, second: Graph) -> bool:
    """Whether two passes called the same functions and returned the same."""
    steps = [[(node.operation, node.shape) for node in graph.nodes] for graph in (first, second)]
    return steps[0] == steps[1] and all(map(_close, first.results, second.results))


def _close(one: Tensor, other: Tensor) -> bool:
    if not one.is_floating_point():
        return torch.equal(one, other)
    size = float(one[one.isfinite()].abs().max()) if one.isfinite().any() else 0.0
    return torch.allclose(one, other, rtol=_SAME, atol=_SAME * size, equal_nan=True)


def _version(tensor: Tensor) -> int:
    """Counts the writes to a tensor; those of inference mode keep no count."""
    return 0 if tensor.is_inference() else tensor._version
