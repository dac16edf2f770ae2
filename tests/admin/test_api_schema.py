"""`/api/v1` against its own description, by schemathesis: whatever is sent, each answer is one of those described."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from temoin.admin.api.call import Operation
from temoin.admin.api.routes import OPERATIONS, PREFIX
from temoin.admin.rights import ACTS
from temoin.openapi import description
from tests.made import site_config
from tests.service_process import Service

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Each of these starts a browser.
SLOW = {"preview", "findings", "now", "try_tag", "assessment"}


@pytest.fixture(scope="module")
def schema(service: Service) -> Any:
    return schemathesis.openapi.from_dict(description(service.url))


@pytest.fixture(scope="module")
def token(service: Service) -> str:
    service.publish(site_config())
    scopes = [part for act in ACTS if act != "override" for part in ("--scope", act)]
    return str(json.loads(service.must("--json", "token", "add", "*", *scopes))["token"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
def test_every_answer_is_one_of_those_described(
    service: Service, schema: Any, token: str, operation: Operation
) -> None:
    described = schema[f"{PREFIX}{operation.path}"][operation.method]
    place = {"site": "boutique"} if "{site}" in operation.path else {}
    valid, invalid = (
        described.as_strategy(generation_mode=mode, path_parameters=place or None)
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    )
    examples = 6 if operation.run.__name__ in SLOW else 40

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(case=st.one_of(valid, invalid))
    def run(case: Any) -> None:
        answer = case.call(base_url=service.url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        case.validate_response(answer, checks=CHECKS)

    run()
