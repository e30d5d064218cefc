"""The bundled demo data: a balanced tenth of Fashion-MNIST (6,000 + 1,000 images, 28×28)."""

from importlib.resources import files
from pathlib import Path

from pellucid.errors import DataError


def demo_data() -> Path:
    """The folder of the bundled data: four gzipped idx files and ``classes.txt``.

    Raises:
        DataError: Pellucid was installed in a form without folders (a zip archive).

    >>> sorted(path.name for path in demo_data().glob("t10k*"))
    ['t10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz']
    """
    folder = files(__name__) / "fashion-mnist"
    if not isinstance(folder, Path):
        raise DataError(
            f"expected the demo data in a folder, found {folder}: "
            "install Pellucid as files (pip install), not inside a zip archive."
        )
    return folder
