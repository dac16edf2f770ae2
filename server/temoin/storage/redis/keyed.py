"""Small values by kind and key: accounts, sessions, tokens. Implements `KeyValueStore` of the admin plane.

A kind is a hash; a field holds the revision (8 bytes), the length of the end (1 byte), the end (RFC 3339, or nothing)
and the value.
"""

from __future__ import annotations

import struct

from temoin.admin.ports import Kept
from temoin.clock import SystemClock, rfc3339
from temoin.storage.redis.layout import service_key
from temoin.storage.redis.link import Link
from temoin.storage.redis.scripts import Script

_HEAD = struct.Struct(">QB")

# Puts a value where the present revision is the expected one ('' expects nothing), and drops what is over.
_PUT = Script("""
local name, value, expected, ends, now = unpack(ARGV)
local all = redis.call('HGETALL', KEYS[1])
local present = 0
for at = 1, #all, 2 do
  local revision, length = struct.unpack('>I8B', all[at + 1])
  if length > 0 and string.sub(all[at + 1], 10, 9 + length) <= now then
    redis.call('HDEL', KEYS[1], all[at])
  elseif all[at] == name then
    present = revision
  end
end
if expected ~= '' and tonumber(expected) ~= present then return 0 end
redis.call('HSET', KEYS[1], name, struct.pack('>I8B', present + 1, #ends) .. ends .. value)
return 1
""")


class RedisKeyed:
    """See `temoin.admin.ports.KeyValueStore`."""

    def __init__(self, link: Link, clock: SystemClock) -> None:
        self._link = link
        self._clock = clock

    async def get(self, kind: str, key: str) -> Kept | None:
        return self._alive(key, await self._link.do("HGET", _name(kind), key))

    async def list(self, kind: str) -> list[Kept]:
        keys = sorted(key.decode() for key in await self._link.do("HKEYS", _name(kind)))
        values = await self._link.do("HMGET", _name(kind), *keys) if keys else []
        kept = (self._alive(key, value) for key, value in zip(keys, values, strict=True))
        return [each for each in kept if each is not None]

    async def put(
        self, kind: str, key: str, value: bytes, *, expected: int | None = None, expires_at: str | None = None
    ) -> bool:
        wanted = "" if expected is None else expected
        args = [key, value, wanted, expires_at or "", rfc3339(self._clock.now())]
        return bool(await self._link.call(_PUT, [_name(kind)], args))

    async def delete(self, kind: str, key: str) -> bool:
        return bool(await self._link.do("HDEL", _name(kind), key))

    def _alive(self, key: str, packed: bytes | None) -> Kept | None:
        if packed is None:
            return None
        revision, length = _HEAD.unpack_from(packed)
        ends, value = packed[_HEAD.size : _HEAD.size + length].decode(), packed[_HEAD.size + length :]
        return None if ends and ends <= rfc3339(self._clock.now()) else Kept(key, value, revision)


def _name(kind: str) -> str:
    return service_key(f"keyed:{kind}")
