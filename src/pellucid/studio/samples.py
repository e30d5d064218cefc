"""The images that the network in use was trained and judged on, as far as they are there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pellucid.data.catalogue import Catalogue
from pellucid.errors import DataError
from pellucid.training.run import RECORD, open_run


@contextmanager
def own_images(path: Path) -> Iterator[Catalogue]:
    """The data set of a run, open while it is used.

    Args:
        path: of a run or a bundle.

    Raises:
        DataError: there is no run, or its images are not where they were.
    """
    if not (path / RECORD).is_file():
        raise DataError(
            f"{path} is a bundle without its run, which does not say what it was trained on: open "
            "the studio with the run folder for this."
        )
    catalogue = open_run(path).open_data()
    try:
        yield catalogue
    finally:
        catalogue.source.close()
