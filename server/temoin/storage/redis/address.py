"""What an address of a Redis says: one server, a cluster, or whoever the sentinels call the master."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from temoin.errors import Malformed

CLUSTER = "redis+cluster://"
SENTINEL = "redis+sentinel://"
_SENTINELS = re.compile(
    r"redis\+sentinel://(?:(?P<user>[^:@/]*):(?P<password>[^@/]*)@)?(?P<hosts>[^@/]+)/(?P<name>[\w.-]+)(?:/(?P<db>\d+))?"
)


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Hosts and ports of sentinels, the name of the master that they watch, and how to log in there."""

    hosts: list[tuple[str, int]]
    name: str
    login: dict[str, Any] = field(repr=False)


def read_sentinels(address: str) -> Sentinels:
    """`redis+sentinel://[USER:PASSWORD@]HOST:PORT,HOST:PORT/NAME[/DB]`; raises Malformed for another form."""
    found = _SENTINELS.fullmatch(address)
    hosts = [host.rpartition(":") for host in found["hosts"].split(",")] if found else []
    if found is None or not all(host and port.isdigit() for host, _, port in hosts):
        raise Malformed(
            "bad_setting",
            "TEMOIN_STORE does not name sentinels and a master.",
            "Write it as redis+sentinel://HOST:PORT,HOST:PORT/NAME.",
        )
    login: dict[str, Any] = {"db": int(found["db"] or 0)}
    if found["user"]:
        login["username"] = found["user"]
    if found["password"]:
        login["password"] = found["password"]
    return Sentinels([(host, int(port)) for host, _, port in hosts], found["name"], login)


def without_password(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
