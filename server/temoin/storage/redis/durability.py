"""Whether a Redis can be trusted with proofs: it must flush every write before it answers, and evict nothing."""

from __future__ import annotations

from typing import Any

from redis import Redis, RedisCluster
from redis.exceptions import RedisClusterException, RedisError

from temoin.errors import TemoinError, Unavailable
from temoin.storage.redis.link import CLUSTER

_SECONDS = 5.0
_OLDEST = 7
_REMEDY = (
    "On each server: CONFIG SET appendonly yes, CONFIG SET appendfsync always, then CONFIG REWRITE."
    " Only who accepts that acknowledged decisions get lost sets TEMOIN_STORE_LOSS=accept."
)


def check(address: str, *, loss_accepted: bool) -> None:
    """Asks every server that takes writes; raises Unavailable (exit 3) with what to set where one is not fit.

    Blocks: call it in a thread where an event loop runs.
    """
    try:
        for name, server in _servers(address):
            try:
                _check_server(name, server, loss_accepted=loss_accepted)
            finally:
                server.close()
    except (RedisError, RedisClusterException, OSError) as error:
        raise Unavailable(
            "store_unusable",
            f"The store at {without_password(address)} cannot be used: {error}.",
            "Check TEMOIN_STORE, that Redis runs, and that it lets this machine in.",
        ) from error


def without_password(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _servers(address: str) -> list[tuple[str, Redis]]:
    options: dict[str, Any] = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
    if not address.startswith(CLUSTER):
        return [(without_password(address), Redis.from_url(address, **options))]
    cluster = RedisCluster.from_url(f"redis://{address.removeprefix(CLUSTER)}", **options)
    return [(node.name, cluster.get_redis_connection(node)) for node in cluster.get_primaries()]  # type: ignore[no-untyped-call]


def _check_server(name: str, server: Redis, *, loss_accepted: bool) -> None:
    about: Any = server.info()
    if int(about["redis_version"].split(".")[0]) < _OLDEST:
        raise _unfit(name, f"it is version {about['redis_version']}", f"Run Redis {_OLDEST} or later, or Valkey.")
    policy = about.get("maxmemory_policy", "noeviction")
    if policy.startswith("allkeys"):
        raise _unfit(
            name, f"its maxmemory-policy {policy} deletes proofs when memory runs out", "Set it to noeviction."
        )
    if about.get("role") != "master":
        raise _unfit(name, f"it is a {about.get('role')}", "Give the address of the server that takes writes.")
    if loss_accepted:
        return
    if not about.get("aof_enabled"):
        raise _unfit(name, "its persistence is off (appendonly no)", _REMEDY)
    try:
        settings: Any = server.config_get("appendfsync")
    except RedisError as error:
        raise _unfit(name, f"it does not tell whether it flushes every write ({error})", _REMEDY) from error
    value = settings.get("appendfsync", settings.get(b"appendfsync", ""))
    if (value.decode() if isinstance(value, bytes) else value) != "always":
        raise _unfit(name, f"it does not flush every write (appendfsync {value})", _REMEDY)


def _unfit(name: str, what: str, remedy: str) -> TemoinError:
    return Unavailable("store_not_durable", f"The Redis at {name} cannot keep proofs: {what}.", remedy)
