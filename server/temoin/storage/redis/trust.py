"""The logs' keys, past and present, and what witnesses and time-stamping authorities said of their checkpoints."""

from __future__ import annotations

import orjson

from temoin.errors import Conflict
from temoin.proof.append import Draft
from temoin.proof.entry import LoggedEntry
from temoin.proof.note import make_vkey
from temoin.proof.ports import Endorsement, LogKeys, PastKey
from temoin.storage.redis.append import id_taken, placed, unknown_site
from temoin.storage.redis.layout import pack_draft, service_key, site_key, site_keys
from temoin.storage.redis.link import Link
from temoin.storage.redis.scripts import ENDORSE, ROTATE


class RedisTrust:
    """See `KeyStore`, `RotationStore` and `EndorsementStore` of `temoin.proof.ports`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def log_keys(self, site: str) -> LogKeys | None:
        # The past is read between two looks at the present: where these agree, no rotation came between.
        while True:
            present = await self._link.do("HGET", site_key(site, "site"), "signing_key")
            if present is None:
                return None
            stored = await self._link.do("HGETALL", site_key(site, "past"))
            if present == await self._link.do("HGET", site_key(site, "site"), "signing_key"):
                break
        rows = [orjson.loads(row) for _, row in sorted((int(number), row) for number, row in stored.items())]
        past = tuple(PastKey(row["vkey"], row["act"], row["act_id"], row["checkpoint"] or None) for row in rows)
        return LogKeys(present, past, bytes.fromhex(rows[-1]["seed"]) or None if rows else None)

    async def rotate_key(self, document: Draft, old: bytes, new: bytes) -> LoggedEntry:
        origin = await self._link.do("HGET", site_key(document.site, "site"), "origin")
        if origin is None:
            raise unknown_site(document.site)
        entry = document.follow(None)
        vkey = make_vkey(origin.decode(), old)
        answer = await self._link.call(
            ROTATE,
            site_keys(document.site),
            [old, new, old.hex(), vkey, document.id, pack_draft(document, entry, None)],
        )
        if answer is None:
            raise Conflict(
                "rotation_under_way",
                f"Another rotation of the key of {document.site} is under way.",
                "Wait a second until it is sealed, then look at 'temoin site show'.",
            )
        if not isinstance(answer[0], int):
            raise id_taken(document)
        await self._link.do("SADD", service_key("dirty"), document.site)
        return placed(answer[0], entry)

    async def unendorsed(self, source: str) -> list[str]:
        sites = sorted(site.decode() for site in await self._link.do("SMEMBERS", service_key("sites")))
        states = await self._link.each([("HMGET", site_key(site, "site"), "checkpoint", "sealed") for site in sites])
        sealed = [(site, int(state[1])) for site, state in zip(sites, states, strict=True) if state[0] is not None]
        said = await self._link.each(
            [("HEXISTS", site_key(site, "endorsement"), f"{size} {source}") for site, size in sealed]
        )
        return [site for (site, _), known in zip(sealed, said, strict=True) if not known]

    async def endorsements(self, site: str) -> list[Endorsement]:
        rows = [orjson.loads(row) for row in await self._link.do("HVALS", site_key(site, "endorsement"))]
        found = [
            Endorsement(row["source"], row["size"], row["checkpoint"], bytes.fromhex(row["answer"]), row["at"])
            for row in rows
        ]
        return sorted(found, key=lambda each: (each.size, each.source))

    async def put_endorsement(self, site: str, endorsement: Endorsement) -> None:
        await self._link.call(
            ENDORSE,
            site_keys(site),
            [
                *(endorsement.source, endorsement.size, endorsement.checkpoint),
                *(endorsement.answer.hex(), endorsement.obtained_at),
            ],
        )
