"""Colour models: RGB to HSV, HSL, Lab, YCbCr and gray, and back.

An image goes in (uint8 from 0 to 255 or floats from 0 to 1), and the model's values come out as
float32 in the units people use; gray keeps the image's own type. The way back gives floats from 0
to 1, or uint8 where asked. uint8 images come back as they were, every colour of them.
"""

from pellucid.images.colour.gray import gray_to_rgb, rgb_to_gray
from pellucid.images.colour.hexcone import hsl_to_rgb, hsv_to_rgb, rgb_to_hsl, rgb_to_hsv
from pellucid.images.colour.lab import lab_to_rgb, rgb_to_lab
from pellucid.images.colour.models import MODELS, Channel, Model, from_rgb, to_rgb
from pellucid.images.colour.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb

__all__ = [
    "MODELS",
    "Channel",
    "Model",
    "from_rgb",
    "gray_to_rgb",
    "hsl_to_rgb",
    "hsv_to_rgb",
    "lab_to_rgb",
    "rgb_to_gray",
    "rgb_to_hsl",
    "rgb_to_hsv",
    "rgb_to_lab",
    "rgb_to_ycbcr",
    "to_rgb",
    "ycbcr_to_rgb",
]
