"""Whether a Redis can be trusted with proofs: it must flush every write before it answers, and evict nothing."""

from __future__ import annotations

from typing import Any

from redis import Redis, RedisCluster
from redis.exceptions import RedisClusterException, RedisError
from redis.sentinel import Sentinel

from temoin.errors import TemoinError, Unavailable
from temoin.storage.redis.address import CLUSTER, SENTINEL, read_sentinels, without_password

_SECONDS = 5.0
_OLDEST = 7
_REMEDY = (
    "On each server: CONFIG SET appendonly yes, CONFIG SET appendfsync always, then CONFIG REWRITE."
    " Only who accepts that acknowledged decisions get lost sets TEMOIN_STORE_LOSS=accept."
)


def check(address: str, *, loss_accepted: bool, replicas: int = 0) -> None:
    """Asks every server that takes writes; raises Unavailable (exit 3) with what to set where one is not fit.

    `replicas` is how many have to have a write before it is acknowledged.

    Blocks: call it in a thread where an event loop runs.
    """
    try:
        for name, server in _servers(address):
            try:
                _check_server(name, server, loss_accepted=loss_accepted)
                if address.startswith(SENTINEL):
                    _check_replicas(name, server, replicas, loss_accepted=loss_accepted)
            finally:
                server.close()
    except (RedisError, RedisClusterException, OSError) as error:
        raise Unavailable(
            "store_unusable",
            f"The store at {without_password(address)} cannot be used: {error}.",
            "Check TEMOIN_STORE, that Redis runs, and that it lets this machine in.",
        ) from error


def _servers(address: str) -> list[tuple[str, Redis]]:
    options: dict[str, Any] = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
    if address.startswith(SENTINEL):
        where = read_sentinels(address)
        sentinel = Sentinel(where.hosts, sentinel_kwargs=options, **options)  # type: ignore[no-untyped-call]
        return [(f"the master {where.name}", sentinel.master_for(where.name, **where.login))]  # type: ignore[no-untyped-call]
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


def _check_replicas(name: str, server: Redis, replicas: int, *, loss_accepted: bool) -> None:
    """Sentinels promote a replica by themselves: what no replica has is lost then."""
    about: Any = server.info("replication")
    if replicas == 0 and not loss_accepted:
        raise _unfit(
            name,
            "sentinels may replace it by a replica that has not yet what was acknowledged",
            "Set TEMOIN_STORE_REPLICAS to 1 or more, with one replica more than that.",
        )
    if about.get("connected_slaves", 0) < replicas:
        raise _unfit(
            name,
            f"it has {about.get('connected_slaves', 0)} replicas in step, TEMOIN_STORE_REPLICAS asks for {replicas}",
            "Start the missing ones.",
        )


def _unfit(name: str, what: str, remedy: str) -> TemoinError:
    return Unavailable("store_not_durable", f"The Redis at {name} cannot keep proofs: {what}.", remedy)
