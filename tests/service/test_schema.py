"""The OpenAPI description says what the service does: requests made from it, answers held to it."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.service.conftest import Server


@pytest.fixture(scope="session")
def description(server: Server) -> Any:
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_answers_are_as_described(description: Any) -> None:
    operations = [found.ok() for found in description.get_all_operations()]
    assert len(operations) == 7
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
        def hold(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        hold()


def test_the_description_has_examples(client: httpx.Client) -> None:
    found = client.get("/openapi.json").json()
    forms = found["components"]["schemas"]
    assert forms["Problem"]["properties"]["type"]["examples"]
    assert set(found["paths"]) == {
        "/v1/predict", "/v1/explain", "/v1/model", "/v1/reload", "/healthz", "/readyz", "/metrics",
    }  # fmt: skip
    for path in ("/v1/predict", "/v1/explain"):
        content = found["paths"][path]["post"]["requestBody"]["content"]
        assert {"multipart/form-data", "image/jpeg"} <= set(content)
