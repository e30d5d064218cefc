"""What the service takes, and what it refuses."""

from dataclasses import dataclass, fields

from pellucid.errors import UsageError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what one server takes on.

    Attributes:
        bytes: of one request's body.
        pixels: of one image, width × height; a larger one is refused by its header.
        files: images in one request.
        seconds: from the first byte of a request to its answer.
        queue: images that are being decoded or wait for the network; when it is full, further
            requests are told to come again.

    Raises:
        UsageError: one of them is not positive.

    >>> Limits(files=0)
    Traceback (most recent call last):
    pellucid.errors.UsageError: the limit of files is at least 1, not 0.
    """

    bytes: int = 32 * 2**20
    pixels: int = 50_000_000
    files: int = 32
    seconds: float = 30.0
    queue: int = 128

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "seconds" and value < 1:
                raise UsageError(f"the limit of {field.name} is at least 1, not {value}.")
            if not value > 0:
                raise UsageError(f"the limit of {field.name} is positive, not {value}.")
        if self.queue < self.files:
            raise UsageError(
                f"the queue has room for one full request, {self.files} files, not for "
                f"{self.queue} images only: raise the queue, or lower the limit of files."
            )
