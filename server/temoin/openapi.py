"""`/openapi.json`: the public HTTP and `/api/v1` from the types that decode, so that it cannot drift from the code."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from temoin import __version__
from temoin.admin.api.described import described
from temoin.analytics.hit import Hit
from temoin.consent.decision import Decision
from temoin.consent.record import Receipt

_ERRORS = {
    "202": "Not integrated yet: see Retry-After",
    "400": "Malformed",
    "401": "A bearer token is required",
    "403": "Not allowed (a foreign Origin too)",
    "404": "Unknown",
    "409": "The id names another decision",
    "413": "Over 16 KiB",
    "415": "Not JSON",
    "429": "More requests from this network than the service takes: see Retry-After",
    "422": "Not valid for this config version",
    "503": "The store does not answer",
}


def description(service_url: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    schemas, components = msgspec.json.schema_components(
        (Decision, Receipt, Hit), ref_template="#/components/schemas/{name}"
    )
    components["Error"] = _error_schema()
    decision, receipt, hit = schemas
    administration, administered = described()
    paths = {
        "/s/{site}.js": _get("The SDK with the site's published configuration", "text/javascript", "304", "404"),
        "/s/{site}/{file}": _get("What the SDK loads by content-hashed name", "application/json", "304", "404"),
        "/v1/sites/{site}/consents": _post_consents(decision, receipt),
        "/v1/sites/{site}/hits": _post_hits(hit),
        "/v1/sites/{site}/subjects/{subject}": _get(
            "A subject's choices and history", "application/json", "403", "404"
        ),
        "/v1/sites/{site}/subjects/{subject}/receipt": _get(
            "A subject's newest decision as a consent receipt, to download", "application/ld+json", "403", "404"
        ),
        "/v1/sites/{site}/consents/{id}/proof": _get(
            "The record's .tlog-proof", "text/plain", "202", "401", "403", "404"
        ),
        "/v1/sites/{site}/config/{version}": _get("A published version, as hashed", "application/json", "404"),
        "/log/{site}/checkpoint": _get("The log's signed checkpoint", "text/plain", "401", "403", "404"),
        "/log/{site}/{tile}": _get("A tile or entry bundle", "application/octet-stream", "401", "403", "404"),
        "/healthz": _get("Whether the process runs", "application/json"),
        "/readyz": _get("Whether it can store a decision", "application/json", "503"),
        "/metrics": _get("Prometheus metrics", "text/plain"),
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Témoin",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": service_url}],
        "paths": {path: _item(path, item) for path, item in paths.items()} | administration,
        "components": {
            "schemas": components | administered,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _post_consents(decision: dict[str, Any], receipt: dict[str, Any]) -> dict[str, Any]:
    receipt_body = {"application/json": {"schema": receipt}}
    operation = {
        "summary": "Record a decision",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": decision}, "text/plain": {"schema": {"type": "string"}}},
        },
        "responses": {
            "201": {
                "description": "Recorded: the receipt, said only once the record is durable",
                "content": receipt_body,
            },
            "200": {"description": "A repeat of the same id and body: the same receipt", "content": receipt_body},
            **{
                status: _error(_ERRORS[status])
                for status in ("400", "403", "404", "409", "413", "415", "422", "429", "503")
            },
        },
    }
    return {"post": operation}


def _post_hits(hit: dict[str, Any]) -> dict[str, Any]:
    operation = {
        "summary": "Count what happened on a page, without identifying anybody",
        "requestBody": {
            "required": True,
            "content": {"text/plain": {"schema": {"type": "string"}}, "application/json": {"schema": hit}},
        },
        "responses": {
            "204": {"description": "Taken: counted, or left out by a reason that the report counts"},
            **{status: _error(_ERRORS[status]) for status in ("400", "403", "404", "413", "415", "422", "429", "503")},
        },
    }
    return {"post": operation}


def _get(summary: str, media: str, *others: str) -> dict[str, Any]:
    """An operation that answers 200 with `media`, or one of `others`."""
    responses: dict[str, Any] = {"200": {"description": summary, "content": {media: {}}}}
    for status in others:
        responses[status] = {"description": "Not modified"} if status == "304" else _error(_ERRORS[status])
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    if "401" in others:
        operation["security"] = [{}, {"token": []}]
    return {"get": operation}


def _item(path: str, operations: dict[str, Any]) -> dict[str, Any]:
    """The operations of a path, with the parameters that its braces name."""
    names = re.findall(r"{(\w+)}", path)
    return {**operations, "parameters": _parameters(names)} if names else operations


def _parameters(names: list[str]) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _error(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}


def _error_schema() -> dict[str, Any]:
    text = {"type": "string"}
    inner = {
        "type": "object",
        "required": ["code", "message", "hint"],
        "properties": {"code": text, "message": text, "hint": text},
    }
    return {"type": "object", "required": ["error"], "properties": {"error": inner}}
