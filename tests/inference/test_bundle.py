"""A bundle comes back as it was, and a damaged one is refused in a sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from pellucid.errors import BundleError
from pellucid.inference import load_bundle, save_bundle
from tests.inference.conftest import CARD

WEIGHTS = "weights.safetensors"


def edit(bundle: Path, change: Callable[[dict[str, Any]], object]) -> None:
    card = json.loads((bundle / "card.json").read_text())
    change(card)
    (bundle / "card.json").write_text(json.dumps(card))


def test_it_comes_back_as_it_was(bundle: Path, tmp_path: Path) -> None:
    network, card = load_bundle(bundle)
    assert card == CARD and not network.training
    save_bundle(tmp_path / "again", network, card)
    same = (tmp_path / "again" / "weights.safetensors").read_bytes()
    assert same == (bundle / "weights.safetensors").read_bytes()
    again, _ = load_bundle(tmp_path / "again")
    image = torch.randn(1, 3, 16, 16)
    assert torch.equal(network(image), again(image))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda card: card.update(schema=3), "schema 3"),
        (lambda card: card.pop("schema"), "schema None"),
        (lambda card: card.pop("classes"), "classes"),
        (lambda card: card.update(architecture={"name": "rm -rf", "arguments": {}}), "unknown"),
        (lambda card: card.update(architecture="compact"), "damaged"),
        (lambda card: card["architecture"]["arguments"].update(widths=[4, 9]), "do not fit"),
        (lambda card: card["architecture"]["arguments"].update(classes=4), "do not fit"),
        (lambda card: card["classes"].append("dog"), "3 scores.* 4 classes"),
        (
            lambda card: card["preprocessing"].update(color="gray", mean=[0.5], std=[0.5]),
            "takes a tensor N×3",
        ),
        (lambda card: card["preprocessing"].update(height=-1), "1×1"),
        (lambda card: card["parts"][WEIGHTS].update(bytes=7), "7 bytes at most"),
        (lambda card: card["parts"][WEIGHTS].update(bytes=10**6), "where the card says 1,000,000"),
        (lambda card: card["parts"][WEIGHTS].update(bytes=10**12), "too large"),
        (lambda card: card["parts"][WEIGHTS].update(sha256="0" * 64), "checksum"),
        (lambda card: card["parts"][WEIGHTS].update(sha256="0"), "checksum"),
        (lambda card: card["parts"].update({"../x": card["parts"][WEIGHTS]}), "no name of a part"),
        (lambda card: card.pop("parts"), "no size and checksum"),
        (lambda card: card.update(parts={}), "lists no weights"),
    ],
)
def test_a_card_that_disagrees(
    bundle: Path, change: Callable[[dict[str, Any]], object], says: str
) -> None:
    edit(bundle, change)
    with pytest.raises(BundleError, match=says):
        load_bundle(bundle)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_card_that_is_no_card(bundle: Path, content: bytes) -> None:
    (bundle / "card.json").write_bytes(content)
    with pytest.raises(BundleError, match=r"card\.json"):
        load_bundle(bundle)


def test_weights_that_were_touched(bundle: Path) -> None:
    path = bundle / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match="checksum"):
        load_bundle(bundle)


@pytest.mark.parametrize("name", ["card.json", "weights.safetensors"])
def test_a_part_that_is_missing(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    with pytest.raises(BundleError, match=name):
        load_bundle(bundle)


def test_a_bundle_of_the_first_schema(bundle: Path) -> None:
    """It listed the weights alone."""

    def older(card: dict[str, Any]) -> None:
        card["schema"] = 1
        card["weights"] = card.pop("parts")[WEIGHTS]

    edit(bundle, older)
    assert load_bundle(bundle)[1] == CARD
    edit(bundle, lambda card: card["weights"].update(sha256="0" * 64))
    with pytest.raises(BundleError, match="checksum"):
        load_bundle(bundle)


def test_a_card_of_a_huge_network_takes_no_memory(bundle: Path) -> None:
    edit(bundle, lambda card: card["architecture"]["arguments"].update(widths=[10**6, 10**6]))
    with pytest.raises(BundleError, match="do not fit"):
        load_bundle(bundle)
