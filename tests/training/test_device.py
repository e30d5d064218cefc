"""Nothing in a step assumes the CPU: checked without a GPU, on torch's meta device.

Its tensors have a shape and a device but no values, and refuse to be mixed with those of the CPU,
as a GPU's would. Speed and values on a GPU are not tested here.
"""

from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch

from pellucid.data.augmentation import Augmentation
from pellucid.data.share import Share
from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.feed import Images
from pellucid.training.learning.steps import Stepper
from pellucid.training.workers.device import autocast, best_device, compile_pays, resident

STRONG = Augmentation(True, 0.2, 0.3, 0.3, 12, 0.1, 0.2, 0.06, 0.3)


@pytest.mark.parametrize("progress", [0.0, 1.0])
@pytest.mark.parametrize("optimiser", ["muon", "adamw"])
def test_a_step_stays_on_its_device(
    recipe: Recipe, optimiser: str, progress: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pellucid.training.learning.steps.autocast", lambda *_: nullcontext())
    meta = torch.device("meta")
    wanted = replace(
        recipe,
        augmentation=STRONG,
        class_weights=(0.5, 1.0, 1.5),
        optimiser=optimiser,  # type: ignore[arg-type]
    )
    network = recipe.architecture.build().to(meta)
    stepper = Stepper(network, wanted)
    images = torch.zeros(6, 16, 16, 1, dtype=torch.uint8)
    labels = torch.zeros(6, dtype=torch.int64, device=meta)
    generator = torch.Generator().manual_seed(0)
    loss, scores = stepper.loss(images, labels, progress, generator, Share.whole(6))
    loss.backward()  # type: ignore[no-untyped-call]
    for each in stepper.optimisers:
        each.step()
    assert loss.device.type == scores.device.type == "meta"
    state = stepper.state()  # AdamW counts its steps on the CPU
    moved = [tensor for name, tensor in state.items() if not name.endswith("/step")]
    assert moved and all(tensor.device.type == "meta" for tensor in moved)


def test_the_same_variations_on_any_device() -> None:
    images = torch.randint(0, 256, (4, 9, 9, 3), dtype=torch.uint8)
    before = torch.Generator().manual_seed(1)
    STRONG(images, before)
    after = torch.Generator().manual_seed(1)
    varied = STRONG(images.to("meta"), after)
    assert varied.device.type == "meta"
    assert torch.equal(before.get_state(), after.get_state()), "the same numbers were drawn"


def test_the_cpu_keeps_what_it_had(images: Images) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    assert best_device() == torch.device("cpu")
    assert resident(images.pixels, best_device()) is None
    assert not compile_pays(1e6, best_device())
    assert compile_pays(1e6, torch.device("cuda")) and not compile_pays(9, torch.device("cuda"))
    with autocast("bfloat16", torch.device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
