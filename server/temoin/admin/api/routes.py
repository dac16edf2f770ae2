"""The addresses below `/api/v1`: THE table of operations, and its routes.

`/openapi.json` is made from the same table (`temoin.admin.api.described`), so it can promise nothing else.
"""

from __future__ import annotations

from starlette.routing import Route

from temoin.admin.api import installing, numbers, people, publishing, records, sites
from temoin.admin.api.call import Operation, endpoint
from temoin.admin.pages.ask import Admin

PREFIX = "/api/v1"
OPERATIONS: tuple[Operation, ...] = (
    *sites.OPERATIONS,
    *publishing.OPERATIONS,
    *installing.OPERATIONS,
    *numbers.OPERATIONS,
    *records.OPERATIONS,
    *people.OPERATIONS,
)


def by_path() -> dict[str, dict[str, Operation]]:
    """The operations by address, then by method."""
    found: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        found.setdefault(operation.path, {})[operation.method] = operation
    return found


def api_routes(admin: Admin) -> list[Route]:
    """The routes below `/api/v1`."""
    return [Route(path, endpoint(admin, methods), methods=list(methods)) for path, methods in by_path().items()]
