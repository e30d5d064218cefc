"""Networks with torchvision's names and shapes, in plain torch, to check our key maps by.

torchvision's operators cannot be built on every machine, so these stand in for it: the names of
the tensors are torchvision's, the computation is written out here with functions.
"""

import torch
from torch import Tensor
from torch.nn import functional as f

#: 1×1; 3×3 reduce, 3×3; "5×5" reduce, "5×5"; projection; and inputs, of each module.
MODULES = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}


def alexnet_state(classes: int, seed: int = 0) -> dict[str, Tensor]:
    """Random weights under the names of torchvision's ``alexnet``."""
    shapes = {
        "features.0": (64, 3, 11, 11),
        "features.3": (192, 64, 5, 5),
        "features.6": (384, 192, 3, 3),
        "features.8": (256, 384, 3, 3),
        "features.10": (256, 256, 3, 3),
        "classifier.1": (4096, 9216),
        "classifier.4": (4096, 4096),
        "classifier.6": (classes, 4096),
    }
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, shape in shapes.items():
        scale = (2 / torch.Size(shape[1:]).numel()) ** 0.5
        state[f"{name}.weight"] = torch.randn(shape, generator=generator) * scale
        state[f"{name}.bias"] = torch.randn(shape[0], generator=generator) * 0.1
    return state


def alexnet_scores(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """What torchvision's ``alexnet`` computes in evaluation: (N, 3, H, W) to (N, K)."""

    def conv(name: str, x: Tensor, stride: int, padding: int) -> Tensor:
        own = state[f"features.{name}.weight"], state[f"features.{name}.bias"]
        return f.relu(f.conv2d(x, *own, stride=stride, padding=padding))

    x = f.max_pool2d(conv("0", x, 4, 2), 3, 2)
    x = f.max_pool2d(conv("3", x, 1, 2), 3, 2)
    x = conv("10", conv("8", conv("6", x, 1, 1), 1, 1), 1, 1)
    x = f.adaptive_avg_pool2d(f.max_pool2d(x, 3, 2), 6).flatten(1)
    for name in ("1", "4"):
        x = f.relu(x @ state[f"classifier.{name}.weight"].T + state[f"classifier.{name}.bias"])
    return x @ state["classifier.6.weight"].T + state["classifier.6.bias"]


def googlenet_state(classes: int, seed: int = 0) -> dict[str, Tensor]:
    """Random weights under the names of torchvision's ``googlenet``, auxiliary heads included."""
    generator = torch.Generator().manual_seed(seed)
    state: dict[str, Tensor] = {}

    def random(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    def unit(name: str, outputs: int, inputs: int, kernel: int) -> None:
        scale = (2 / (inputs * kernel * kernel)) ** 0.5
        state[f"{name}.conv.weight"] = random(outputs, inputs, kernel, kernel) * scale
        state[f"{name}.bn.weight"] = 1 + 0.1 * random(outputs)
        state[f"{name}.bn.bias"] = 0.1 * random(outputs)
        state[f"{name}.bn.running_mean"] = 0.1 * random(outputs)
        state[f"{name}.bn.running_var"] = torch.rand(outputs, generator=generator) + 0.5
        state[f"{name}.bn.num_batches_tracked"] = torch.tensor(7)

    def linear(name: str, outputs: int, inputs: int) -> None:
        state[f"{name}.weight"] = random(outputs, inputs) / inputs**0.5
        state[f"{name}.bias"] = random(outputs)

    unit("conv1", 64, 3, 7)
    unit("conv2", 64, 64, 1)
    unit("conv3", 192, 64, 3)
    for name, (inputs, one, reduce3, three, reduce5, five, project) in MODULES.items():
        base = f"inception{name}"
        unit(f"{base}.branch1", one, inputs, 1)
        unit(f"{base}.branch2.0", reduce3, inputs, 1)
        unit(f"{base}.branch2.1", three, reduce3, 3)
        unit(f"{base}.branch3.0", reduce5, inputs, 1)
        unit(f"{base}.branch3.1", five, reduce5, 3)  # 3×3 where the paper has 5×5
        unit(f"{base}.branch4.1", project, inputs, 1)
    for name, inputs in (("aux1", 512), ("aux2", 528)):
        unit(f"{name}.conv", 128, inputs, 1)
        linear(f"{name}.fc1", 1024, 2048)
        linear(f"{name}.fc2", classes, 1024)
    linear("fc", classes, 1024)
    return state


class GoogLeNetLike:
    """What torchvision's ``googlenet`` computes with batch norm's running statistics.

    Args:
        state: as :func:`googlenet_state` makes it.
    """

    def __init__(self, state: dict[str, Tensor]) -> None:
        self.state = state

    def __call__(self, x: Tensor) -> dict[str, Tensor]:
        """Scores ``main``, ``aux1`` and ``aux2`` of a batch normalised by ImageNet's figures."""
        mean, std = ([[0.485], [0.456], [0.406]], [[0.229], [0.224], [0.225]])
        pixels = x * torch.tensor(std)[..., None] + torch.tensor(mean)[..., None]
        x = self.unit("conv1", (pixels - 0.5) / 0.5, stride=2, padding=3)
        x = self.unit("conv2", self.pool(x, 3))
        x = self.pool(self.unit("conv3", x, padding=1), 3)
        scores = {}
        for name in MODULES:
            if name in ("4a", "5a"):
                x = self.pool(x, 3 if name == "4a" else 2)
            x = self.module(f"inception{name}", x)
            if name in ("4a", "4d"):
                which = "aux1" if name == "4a" else "aux2"
                scores[which] = self.auxiliary(which, x)
        return {"main": self.linear("fc", x.mean((2, 3))), **scores}

    def unit(self, name: str, x: Tensor, *, stride: int = 1, padding: int = 0) -> Tensor:
        own = {key: self.state[f"{name}.{key}"] for key in ("conv.weight", "bn.weight", "bn.bias")}
        mean, var = self.state[f"{name}.bn.running_mean"], self.state[f"{name}.bn.running_var"]
        x = f.conv2d(x, own["conv.weight"], stride=stride, padding=padding)
        gain = own["bn.weight"] / (var + 0.001).sqrt()
        return f.relu(x * gain[:, None, None] + (own["bn.bias"] - mean * gain)[:, None, None])

    def module(self, name: str, x: Tensor) -> Tensor:
        parts = [
            self.unit(f"{name}.branch1", x),
            self.unit(f"{name}.branch2.1", self.unit(f"{name}.branch2.0", x), padding=1),
            self.unit(f"{name}.branch3.1", self.unit(f"{name}.branch3.0", x), padding=1),
            self.unit(f"{name}.branch4.1", f.max_pool2d(x, 3, 1, 1)),
        ]
        return torch.cat(parts, 1)

    def auxiliary(self, name: str, x: Tensor) -> Tensor:
        x = self.unit(f"{name}.conv", f.adaptive_avg_pool2d(x, 4)).flatten(1)
        return self.linear(f"{name}.fc2", f.relu(self.linear(f"{name}.fc1", x)))

    def linear(self, name: str, x: Tensor) -> Tensor:
        return x @ self.state[f"{name}.weight"].T + self.state[f"{name}.bias"]

    @staticmethod
    def pool(x: Tensor, kernel: int) -> Tensor:
        return f.max_pool2d(x, kernel, 2, ceil_mode=True)
