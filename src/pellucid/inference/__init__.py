"""Using a trained network: the bundle and prediction. Imported without torch."""

from pellucid.inference.bundle import Bundle, load_bundle, open_bundle, read_card, save_bundle
from pellucid.inference.card import Card
from pellucid.inference.predictor import Prediction, Predictor, load_predictor
from pellucid.inference.runtime import Runtime

__all__ = [
    "Bundle",
    "Card",
    "Prediction",
    "Predictor",
    "Runtime",
    "load_bundle",
    "load_predictor",
    "open_bundle",
    "read_card",
    "save_bundle",
]
