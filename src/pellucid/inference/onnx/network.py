"""A torch network with its normalisation and softmax as an ONNX graph, by torch's own exporter."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.inference.onnx_runtime import IMAGES, MAPS, PROBABILITIES, SCORES
from pellucid.layers import GlobalAverage, GlobalAverageLinear

if TYPE_CHECKING:
    from onnx import ModelProto

#: Of ONNX's standard operators; all that this needs is older, and runtimes know it.
OPSET = 18


def network_model(network: nn.Module, record: Preprocessing, *, cam: bool = False) -> "ModelProto":
    """The graph of a network for a batch at its size.

    Args:
        network: (N, C, H, W) float32 to scores (N, K), in evaluation mode.
        record: its normalisation; the input is what :meth:`Preprocessing.fit` makes.
        cam: whether the class activation maps are a result too.

    Returns:
        A model from ``images`` (N, H, W, C) uint8 to ``probabilities`` and ``scores`` (N, K), and
        ``maps`` (N, K, h, w), all float32.

    Raises:
        UsageError: torch cannot write this network as ONNX, or it has no class activation map.
    """
    whole = (_WithMaps if cam else _Whole)(network, record)
    # Two images, because torch takes an axis of length 1 for fixed.
    example = torch.zeros(2, record.height, record.width, record.channels, dtype=torch.uint8)
    try:
        with _quiet(), torch.no_grad():
            program = torch.onnx.export(
                whole.eval(),
                (example,),
                input_names=[IMAGES],
                output_names=[PROBABILITIES, SCORES, MAPS][: 3 if cam else 2],
                dynamic_shapes=({0: torch.export.Dim("N")},),
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:
        reason = (str(error) or type(error).__name__).strip().splitlines()[0]
        raise UsageError(f"this network cannot be written as ONNX: {reason}") from error
    assert program is not None
    return program.model_proto


class _Whole(nn.Module):
    """(N, H, W, C) uint8 to probabilities and scores; in the same steps as the reference."""

    gain: Tensor
    offset: Tensor

    def __init__(self, network: nn.Module, record: Preprocessing) -> None:
        super().__init__()
        self.network = network
        for name, values in zip(("gain", "offset"), record.affine(), strict=True):
            self.register_buffer(name, torch.from_numpy(values), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        scores = self.network(self.normalised(images))
        return scores.softmax(1), scores

    def normalised(self, images: Tensor) -> Tensor:
        """(N, C, H, W) float32."""
        return (images.to(torch.float32) * self.gain + self.offset).permute(0, 3, 1, 2)


class _WithMaps(_Whole):
    """Class activation maps too (Zhou 2016, section 2).

    M_k = Σ_c w_kc · f_c where a linear layer follows the average of the maps f (score: the mean
    of M_k plus the bias); where the average itself is the score, M_k is the class's own map.
    """

    def __init__(self, network: nn.Module, record: Preprocessing) -> None:
        super().__init__(network, record)
        head = getattr(network, "head", None)
        if not isinstance(head, GlobalAverage | GlobalAverageLinear):
            raise UsageError(
                "a class activation map needs a head that averages maps, and this network ends "
                f"in {type(head or network).__name__}: leave --cam out."
            )
        self.head = head

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        seen: list[Tensor] = []
        handle = self.head.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
        probabilities, scores = super().forward(images)
        handle.remove()
        if isinstance(self.head, GlobalAverage):
            return probabilities, scores, self.head.relu(self.head.maps(seen[0]))
        weight = self.head.scores.weight[:, :, None, None]  # (K, C, 1, 1)
        return probabilities, scores, functional.conv2d(seen[0], weight)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks on packages that are not there."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
