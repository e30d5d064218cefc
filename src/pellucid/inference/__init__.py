"""Using a trained network: the bundle and prediction."""

from pellucid.inference.bundle import Card, load_bundle, save_bundle
from pellucid.inference.predictor import Prediction, Predictor, load_predictor

__all__ = ["Card", "Prediction", "Predictor", "load_bundle", "load_predictor", "save_bundle"]
