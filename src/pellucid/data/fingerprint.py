"""A name for "these files, fitted this way", that changes when either does."""

import json
from hashlib import blake2b
from importlib.metadata import version

from pellucid._version import __version__
from pellucid.data.catalogue import Catalogue
from pellucid.data.preprocessing import Preprocessing

#: To be raised when the files of a cache entry, or the pixels in them, change their meaning.
FORMAT = 1

_DECODERS = ("pillow", "simplejpeg", "opencv-python-headless")


def fingerprint(catalogue: Catalogue, preprocessing: Preprocessing) -> str:
    """32 hexadecimal digits of the samples' names and stamps (time and size, not content, so
    nothing is read), the data set's place, how images are fitted, and what decodes them.

    Labels, mean and std do not enter: the pixels do not depend on them.
    """
    record = preprocessing.to_json()
    head = {
        "format": FORMAT,
        "pellucid": __version__,
        "decoders": [version(name) for name in _DECODERS],
        "root": catalogue.place,
        "fit": {
            key: record[key] for key in ("color", "height", "width", "resize", "filter", "exif")
        },
    }
    digest = blake2b(json.dumps(head).encode(), digest_size=16)
    for index, sample in enumerate(catalogue.samples):
        # A file name can hold anything but NUL, undecodable bytes (as surrogates) included.
        line = f"{sample.name}\0{catalogue.source.stamp(index)}\0"
        digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
