"""The forms of answers, for the OpenAPI page: what is sent is tested against them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pellucid.service.problem import KINDS, MEDIA_TYPE


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(_Form):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="A stable word.", examples=["urn:pellucid:truncated"])
    title: str = Field(description="What it is.", examples=["the file ends before the image does"])
    status: int = Field(description="Of HTTP.", examples=[422])
    detail: str = Field(
        description="One sentence.",
        examples=["cannot read 'cat.jpg': the file ends before the image does; get a fresh copy."],
    )


class Chance(_Form):
    """A class and its probability."""

    label: str = Field(examples=["cat"])
    probability: float = Field(ge=0, le=1, examples=[0.93])


class Answer(_Form):
    """What the network says of one image."""

    name: str = Field(description="The file, or `image`.", examples=["cat.jpg"])
    label: str | None = Field(description="The most probable class.", examples=["cat"])
    probability: float | None = Field(ge=0, le=1, examples=[0.93])
    top: list[Chance] = Field(description="The most probable classes, best first.")
    error: Problem | None = Field(
        description="Why there is no answer, where others in the request have one.", examples=[None]
    )


class Predictions(_Form):
    """An answer for every image, in order."""

    model: str = Field(description="Digest of the bundle that answered.", examples=["9f2c…"])
    predictions: list[Answer]


class Status(_Form):
    """Whether the service is well."""

    status: str = Field(examples=["ok"])


class Reloaded(_Form):
    """The bundle that is in use now."""

    model: str = Field(description="Its digest.", examples=["9f2c…"])


class ModelCard(BaseModel):
    """What the bundle says of itself."""

    model: str = Field(description="Digest of the bundle.")
    runtime: str = Field(description="What computes.", examples=["torch"])
    classes: list[str]
    card: dict[str, Any] = Field(description="Architecture, preprocessing, metrics, ledger.")
    limits: dict[str, float] = Field(description="What the service takes.")


class ClassMapJson(BaseModel):
    """What parts of a picture make the score of a class."""

    method: str = Field(description="`cam` adds up to the score.", examples=["cam"])
    target: str = Field(examples=["cat"])
    against: str | None = Field(examples=[None])
    score: float
    explained: float | None = Field(description="The same score, as the map makes it.")
    words: str
    shape: list[int] = Field(description="Rows and columns of the map.", examples=[[8, 8]])
    values: list[list[float]] = Field(description="The map, row by row.")


def problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of an operation for these kinds of problems."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        status, title = KINDS[kind]
        entry = by_status.setdefault(
            status,
            {
                "description": "",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
        entry["description"] = "; or ".join(filter(None, [entry["description"], title]))
    return by_status


#: The body of a request with images.
IMAGES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The bytes of one picture, or a form with one or several files.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                    "required": ["files"],
                }
            },
            "image/jpeg": {"schema": {"type": "string", "format": "binary"}},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
