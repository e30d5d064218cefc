"""What the service says when it cannot answer: problem JSON, one form for all.

The form is that of RFC 9457, ``application/problem+json``::

    {"type": "urn:pellucid:truncated", "title": "the file ends before the image does",
     "status": 422, "detail": "cannot read 'cat.jpg': …"}

``type`` is a stable word for machines, ``detail`` one sentence for people.
"""

from typing import Any, NamedTuple

from pellucid.errors import FAULTS, ImageError
from pellucid.text import visible

MEDIA_TYPE = "application/problem+json"
#: Longest sentence: names of files come from outside.
_LONGEST = 400


class Kind(NamedTuple):
    """A kind of problem.

    Attributes:
        status: of HTTP.
        title: what it is, the same for all of a kind.
    """

    status: int
    title: str


KINDS: dict[str, Kind] = {
    **{fault: Kind(422, words) for fault, words in FAULTS.items()},
    "not-an-image": Kind(415, FAULTS["not-an-image"]),
    "bomb": Kind(413, FAULTS["bomb"]),
    "media-type": Kind(415, "the content type is none that is taken"),
    "too-large": Kind(413, "the body is too large"),
    "too-many-files": Kind(413, "too many files in one request"),
    "no-file": Kind(422, "no image in the request"),
    "malformed": Kind(400, "the body is not what its content type says"),
    "parameter": Kind(422, "a parameter is wrong"),
    "slow": Kind(408, "the request took too long to arrive"),
    "busy": Kind(503, "the service is busy"),
    "late": Kind(503, "the answer took too long"),
    "not-ready": Kind(503, "the service does not answer now"),
    "unauthorized": Kind(401, "a token is needed"),
    "foreign": Kind(403, "the request comes from another site"),
    "damaged": Kind(409, "the new bundle cannot be used"),
    "not-explained": Kind(422, "the picture cannot be explained so"),
    "not-found": Kind(404, "there is nothing here"),
    "method": Kind(405, "the method is not allowed"),
    "internal": Kind(500, "the service failed"),
}


class ProblemError(Exception):
    """A request that cannot be answered.

    Attributes:
        kind: one of :data:`KINDS`.
        detail: one sentence.
        retry_after: whole seconds after which another try may succeed; None where it will not.
    """

    def __init__(self, kind: str, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = shortened(visible(detail))
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """Of HTTP."""
        return KINDS[self.kind].status

    def to_json(self) -> dict[str, Any]:
        """The form above.

        >>> ProblemError("no-file", "expected an image, found none.").to_json()["status"]
        422
        """
        return {
            "type": f"urn:pellucid:{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
        }

    @property
    def headers(self) -> dict[str, str]:
        """That go with it."""
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.kind == "unauthorized":
            headers["WWW-Authenticate"] = "Bearer"
        return headers


def image_problem(error: ImageError) -> ProblemError:
    """The problem of one image that cannot be read."""
    return ProblemError(error.fault, str(error))


def shortened(text: str) -> str:
    """The text, its middle left out where it is very long.

    >>> len(shortened("x" * 10_000))
    400
    """
    if len(text) <= _LONGEST:
        return text
    head = _LONGEST * 2 // 3
    return f"{text[:head]} … {text[-(_LONGEST - head - 3) :]}"
