"""Images: read any file rightly, look at them as numbers and pictures, write them."""

from pellucid.images.colour import MODELS, from_rgb, to_rgb
from pellucid.images.crop import Crop
from pellucid.images.grid import Grid, grid_of
from pellucid.images.histogram import Histogram, histogram
from pellucid.images.planes import Plane, plane_of, planes_of
from pellucid.images.raw import Pixels
from pellucid.images.read import Picture, decode_image, read_image
from pellucid.images.save import encode_png, save_image
from pellucid.images.sheet import contact_sheet
from pellucid.images.show import Shown, show
from pellucid.images.terminal import terminal_picture

__all__ = [
    "MODELS",
    "Crop",
    "Grid",
    "Histogram",
    "Picture",
    "Pixels",
    "Plane",
    "Shown",
    "contact_sheet",
    "decode_image",
    "encode_png",
    "from_rgb",
    "grid_of",
    "histogram",
    "plane_of",
    "planes_of",
    "read_image",
    "save_image",
    "show",
    "terminal_picture",
    "to_rgb",
]
