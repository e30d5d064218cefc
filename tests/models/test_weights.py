"""Weights from files: key maps against independent stand-ins, and what is refused."""

import pickle
import re

import pytest
import torch
from safetensors.torch import save_file
from tests.references.torchvision_like import (
    GoogLeNetLike,
    alexnet_scores,
    alexnet_state,
    googlenet_state,
)
from torch import nn

from pellucid.errors import BundleError, UsageError
from pellucid.models import (
    TORCHVISION_ALEXNET,
    TORCHVISION_GOOGLENET,
    alexnet,
    googlenet,
    load_weights,
)


def test_torchvisions_alexnet_gives_the_same_scores(tmp_path):
    state = alexnet_state(classes=7)
    torch.save(state, tmp_path / "alexnet.pth")
    network = alexnet(classes=7, channels=3, height=224, width=224, variant="single").eval()
    load_weights(network, tmp_path / "alexnet.pth", TORCHVISION_ALEXNET)
    x = torch.randn(1, 3, 224, 224)
    expected = alexnet_scores(state, x)
    with torch.inference_mode():
        assert torch.allclose(network(x), expected, rtol=1e-4, atol=1e-4 * expected.abs().max())


def test_torchvisions_googlenet_gives_the_same_scores_and_auxiliary_scores(tmp_path):
    state = googlenet_state(classes=5)
    save_file(state, tmp_path / "googlenet.safetensors")
    network = googlenet(
        classes=5, channels=3, height=96, width=96, variant="torchvision", transform_input=True
    ).eval()
    load_weights(network, tmp_path / "googlenet.safetensors", TORCHVISION_GOOGLENET)
    x = torch.randn(2, 3, 96, 96)
    expected = GoogLeNetLike(state)(x)
    with torch.inference_mode():
        scores, auxiliary = network.auxiliary_scores(x)
        assert torch.equal(scores, network(x))
    found = {
        "main": scores,
        "aux1": auxiliary["inception_4a"],
        "aux2": auxiliary["inception_4d"],
    }
    for name, value in expected.items():
        close = torch.allclose(found[name], value, rtol=1e-3, atol=1e-3 * value.abs().max())
        assert close, name
    assert not torch.allclose(found["aux1"], expected["aux2"], rtol=0.1)


def test_the_papers_googlenet_does_not_take_them(tmp_path):
    save_file(googlenet_state(classes=5), tmp_path / "w.safetensors")
    network = googlenet(classes=5, channels=3, height=96, width=96)
    with pytest.raises(BundleError, match=r"lacks .*conv1\.conv\.bias.* and has .*norm") as error:
        load_weights(network, tmp_path / "w.safetensors", TORCHVISION_GOOGLENET)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


@pytest.fixture
def layer():
    return nn.ModuleDict({"score": nn.Linear(2, 3)})


def test_missing_and_unknown_names_are_told(layer, tmp_path):
    torch.save({"score.weight": torch.zeros(3, 2), "more": torch.zeros(1)}, tmp_path / "w.pth")
    before = layer["score"].weight.clone()
    with pytest.raises(BundleError, match=r"lacks score\.bias and has more, which"):
        load_weights(layer, tmp_path / "w.pth")
    assert torch.equal(layer["score"].weight, before)


def test_other_shapes_are_told(layer, tmp_path):
    torch.save({"score.weight": torch.zeros(4, 2), "score.bias": torch.zeros(3)}, tmp_path / "w.pt")
    with pytest.raises(BundleError, match=re.escape("score.weight 4×2 for 3×2.")):
        load_weights(layer, tmp_path / "w.pt")


class Trap:
    def __reduce__(self):
        return (print, ("run by loading",))


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
@pytest.mark.parametrize(
    "content", [b"", b"nonsense", pickle.dumps({"score.weight": Trap()}, protocol=2)]
)
def test_damaged_and_dangerous_files_are_refused(layer, tmp_path, capsys, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BundleError, match="cannot be read as a file of weights"):
        load_weights(layer, tmp_path / name)
    assert capsys.readouterr().out == ""


def test_a_whole_network_in_a_file_is_refused(layer, tmp_path):
    torch.save(layer, tmp_path / "w.pth")
    with pytest.raises(BundleError, match=r"w\.pth"):
        load_weights(layer, tmp_path / "w.pth")


def test_a_file_with_more_than_tensors_is_refused(layer, tmp_path):
    torch.save({"epoch": 3, "state": {}}, tmp_path / "w.pth")
    with pytest.raises(BundleError, match="no plain state dict"):
        load_weights(layer, tmp_path / "w.pth")


def test_no_file(layer, tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        load_weights(layer, tmp_path / "w.pth")
