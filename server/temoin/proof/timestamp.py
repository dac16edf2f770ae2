"""Time-stamps over checkpoints (RFC 3161): the client of a time-stamping authority.

What is stamped is the SHA-256 of the signed note as the log made it, without cosignatures. A token is kept only if it
is granted for that very hash and our nonce, and holds before the verifier that auditors will run.
"""

from __future__ import annotations

import hashlib

from rfc3161_client import HashAlgorithm, PKIStatus, TimestampRequestBuilder, decode_timestamp_response

from temoin.proof.outside import Outside
from temoin.proof.ports import TSA
from temoin.proof.verify.timestamp import check_token
from temoin.proof.witness import Refused, Request

_QUERY = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class Authority:
    """The time-stamping authority at one address."""

    source = TSA

    def __init__(self, url: str, outside: Outside) -> None:
        self._url = url
        self._outside = outside

    async def obtain(self, request: Request) -> bytes:
        """The DER of its response over the note. Raises Unreachable, Refused."""
        data = request.note.encode()
        query = (
            TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).cert_request(cert_request=True)
        )
        asked = query.build()
        answer = await self._outside.post(self._url, asked.as_bytes(), _QUERY)
        if answer.status != 200:
            raise Refused(f"it answered with status {answer.status}")
        try:
            response = decode_timestamp_response(answer.body)
            if PKIStatus(response.status) != PKIStatus.GRANTED:
                raise ValueError(f"it did not grant a time-stamp (status {response.status})")
            if response.tst_info.nonce != asked.nonce:
                raise ValueError("its answer is to another request (nonce)")
            check_token(answer.body, hashlib.sha256(data).digest())
        except ValueError as error:
            raise Refused(str(error)) from error
        return answer.body
