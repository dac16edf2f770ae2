"""`/api/v1` as OpenAPI 3.1, from the table of operations and the types that decode and encode."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from temoin.admin.api.call import Operation
from temoin.admin.api.routes import OPERATIONS, PREFIX, by_path

_ALWAYS = {
    "401": "A token that is in force is required",
    "403": "The token may not do this",
    "404": "Unknown",
    "503": "The store, or something else that is needed, does not answer",
}
_SENT = {
    "400": "Malformed",
    "409": "It cannot be done as things are",
    "422": "Well-formed, but not valid",
}
_WITH_BODY = {"413": "Over 1 MiB", "415": "Not JSON"}
_REF = "#/components/schemas/{name}"


def described() -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The paths, and the schemas that they name."""
    shapes = list({id(shape): shape for operation in OPERATIONS for shape in _shapes(operation)}.values())
    schemas, components = msgspec.json.schema_components(shapes, ref_template=_REF)
    known = {id(shape): schema for shape, schema in zip(shapes, schemas, strict=True)}
    paths = {
        f"{PREFIX}{path}": _path(path) | {method.lower(): _operation(one, known) for method, one in methods.items()}
        for path, methods in by_path().items()
    }
    return paths, components


def _shapes(operation: Operation) -> list[Any]:
    gives = operation.gives if isinstance(operation.gives, tuple) else (operation.gives,)
    return [each for each in (operation.takes, *gives) if each is not None and not isinstance(each, str)]


def _path(path: str) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", path)
    said = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {"parameters": said} if said else {}


def _operation(operation: Operation, known: dict[int, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{operation.run.__module__.rpartition('.')[2]}_{operation.run.__name__}",
        "security": [{"token": []}],
        "responses": _answers(operation, known) | {status: _error(text) for status, text in _errors(operation).items()},
    }
    if operation.needs is not None:
        made["description"] = f"Needs the scope `{operation.needs}` on the site."
    if operation.query is not None:
        made["parameters"] = _query(operation.query)
    if operation.takes is not None:
        body = {"application/json": {"schema": known[id(operation.takes)]}}
        made["requestBody"] = {"required": True, "content": body}
    if operation.path.endswith("/draft") and operation.method == "PUT":
        made["parameters"] = [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}]
    return made


def _answers(operation: Operation, known: dict[int, Any]) -> dict[str, Any]:
    if operation.gives is None:
        return {"204": {"description": "Done"}}
    gives = operation.gives if isinstance(operation.gives, tuple) else (operation.gives,)
    content = {each if isinstance(each, str) else "application/json": _content(each, known) for each in gives}
    answers = {str(operation.status): {"description": operation.summary, "content": content}}
    if operation.path.endswith("/draft") and operation.method == "PUT":
        answers["201"] = {"description": "The site was made", "content": content}
    return answers


def _content(shape: Any, known: dict[int, Any]) -> dict[str, Any]:
    return {} if isinstance(shape, str) else {"schema": known[id(shape)]}


def _errors(operation: Operation) -> dict[str, str]:
    errors = dict(_ALWAYS)
    if operation.query is not None or operation.method != "GET":
        errors |= _SENT
    if operation.takes is not None:
        errors |= _WITH_BODY
    if operation.path.endswith("/draft") and operation.method == "PUT":
        errors["412"] = "The draft is another one by now"
    if operation.path.endswith("/records/{record}/proof"):
        errors["202"] = "Not integrated yet: see Retry-After"
    return errors


def _query(shape: Any) -> list[dict[str, Any]]:
    """The fields of a query's type as parameters; each may be left out."""
    schema = msgspec.json.schema(shape)["$defs"][shape.__name__]
    return [
        {"name": name, "in": "query", "schema": each, "required": name in schema.get("required", [])}
        for name, each in schema["properties"].items()
    ]


def _error(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
