"""Single sign-on of administrators by OpenID Connect (Core 1.0, the authorization code flow, with PKCE of RFC 7636).

The provider says who somebody is; what they may do stays with the accounts here. An account for it is one without a
password, named by the e-mail address. The first sign-on whose address the provider has verified ties the account to the
provider's subject, and from then on that subject alone opens it: an address that is given to somebody else later does
not. Nobody gets an account by signing on. The second factor is the provider's.

What a sign-on under way needs lies in the browser, in a cookie of ten minutes that scripts cannot read: the state, the
nonce and the verifier, all random. Answers without that cookie are refused, so nobody is logged in as somebody else.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from temoin.admin.account import Account, read, replace
from temoin.admin.accounts import ACCOUNT, Accounts
from temoin.clock import SystemClock
from temoin.errors import Malformed, Unauthorized, Unavailable
from temoin.proof.outside import Answer, Outside, Unreachable
from temoin.settings import Settings

# Signatures by a key of the provider's alone: never `none`, never a secret that both sides know.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
_LEEWAY_SECONDS = 60
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser is sent, and what it keeps meanwhile."""

    address: str
    kept: str = field(repr=False)


class _Provider(msgspec.Struct, frozen=True):
    """What the discovery document says (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: str
    nonce: str
    verifier: str


class SignOn:
    """Sends browsers to the provider and reads what they bring back."""

    def __init__(self, settings: Settings, accounts: Accounts, outside: Outside, clock: SystemClock) -> None:
        self._issuer = settings.oidc_issuer
        self._client = settings.oidc_client
        self._secret = settings.oidc_secret
        self._back = f"{settings.service_url}/admin/sign-on/done"
        self._accounts = accounts
        self._outside = outside
        self._clock = clock
        self.name = settings.oidc_name or urlsplit(self._issuer).netloc

    async def begin(self) -> Begun:
        """Raises Unavailable where the provider does not answer as one."""
        provider = await self._provider()
        kept = _Kept(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(kept.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._back,
            "scope": "openid email",
            "state": kept.state,
            "nonce": kept.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(provider.authorization_endpoint).query else "?"
        return Begun(
            f"{provider.authorization_endpoint}{joint}{urlencode(asked)}",
            base64.urlsafe_b64encode(msgspec.json.encode(kept)).decode(),
        )

    async def finish(self, kept: str | None, answered: dict[str, str]) -> Account:
        """The account of whoever comes back with that query; raises Unauthorized, Unavailable."""
        begun = _opened(kept)
        if begun is None or not secrets.compare_digest(answered.get("state", "").encode(), begun.state.encode()):
            raise _refused("This answer belongs to no sign-on of this browser.", "Begin again.")
        if answered.get("iss", self._issuer) != self._issuer:  # RFC 9207: another provider's answer
            raise _refused("This answer comes from another provider.", "Begin again.")
        if "code" not in answered:
            raise _refused("The provider did not sign you on.", "Begin again, or ask who runs the provider.")
        provider = await self._provider()
        token = await self._token(provider, answered["code"], begun.verifier)
        return await self._account(await self._claims(provider, token, begun.nonce))

    async def _provider(self) -> _Provider:
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found: _Provider = _read(await self._asked(address), _Provider)
        addresses = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
        if found.issuer != self._issuer or not all(_is_safe(each) for each in addresses):
            raise _unavailable("its description names another issuer, or an address without TLS")
        return found

    async def _token(self, provider: _Provider, code: str, verifier: str) -> str:
        """The ID token for the code. A client with a secret shows it by HTTP Basic (RFC 6749, 2.3.1)."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "client_id": self._client,
            "code_verifier": verifier,
        }
        headers = dict(_FORM)
        if self._secret:
            pair = urlencode({self._client: self._secret}).replace("=", ":", 1)
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        answer = await self._asked(provider.token_endpoint, urlencode(fields).encode(), headers)
        if 400 <= answer.status < 500:
            raise _refused("The provider takes this code no more.", "Begin again.")
        return str(_read(answer, dict[str, Any]).get("id_token", ""))

    async def _claims(self, provider: _Provider, token: str, nonce: str) -> dict[str, Any]:
        """What the ID token says, held against OpenID Connect Core 1.0, 3.1.3.7."""
        keys = _read(await self._asked(provider.jwks_uri), dict[str, Any])
        rules = jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _refused("What the provider says of you cannot be believed.", "Ask who runs it.") from error
        others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if others else self._client) != self._client:
            raise _refused("What the provider says is meant for another service.", "Ask who runs it.")
        return claims

    async def _account(self, claims: dict[str, Any]) -> Account:
        """Whose subject this is; else the account that waits for this verified address, which is the subject's now."""
        subject = f"{self._issuer} {claims['sub']}"
        accounts = self._accounts
        for kept in await accounts.store.list(ACCOUNT):
            account = read(kept, Account)
            if account.single_sign_on == subject:
                return account
            waits = not account.password and account.single_sign_on is None
            if waits and claims.get("email_verified") is True and account.name == claims.get("email"):
                tied = msgspec.structs.replace(account, single_sign_on=subject)
                await replace(accounts.store, ACCOUNT, account.name, tied, kept.revision)
                return tied
        raise _refused("There is no account here for who you are there.", "Ask an owner to make one for your address.")

    async def _asked(self, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        try:
            if body is None:
                return await self._outside.get(url)
            return await self._outside.post(url, body, headers or {})
        except Unreachable as error:
            raise _unavailable(str(error)) from error


def open_sign_on(settings: Settings, accounts: Accounts, outside: Outside, clock: SystemClock) -> SignOn | None:
    """None where no provider is set; raises Malformed for settings that cannot be used."""
    if not settings.oidc_issuer:
        return None
    if not _is_safe(settings.oidc_issuer) or not settings.oidc_client:
        raise Malformed(
            "bad_setting",
            f"TEMOIN_OIDC_ISSUER is {settings.oidc_issuer!r}, TEMOIN_OIDC_CLIENT {settings.oidc_client!r}.",
            "Give the provider's https address, without a query, and the id that it has given this service.",
        )
    return SignOn(settings, accounts, outside, clock)


def _is_safe(address: str) -> bool:
    """Whether it is https; or http on this machine alone, for trying things out."""
    parts = urlsplit(address)
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    return (parts.scheme == "https" or here) and bool(parts.hostname) and not parts.fragment and not parts.username


def _opened(kept: str | None) -> _Kept | None:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(kept or ""), type=_Kept)
    except (ValueError, msgspec.MsgspecError):
        return None


def _read(answer: Answer, shape: Any) -> Any:
    try:
        if answer.status != 200:
            raise ValueError(f"it answered with status {answer.status}")
        return msgspec.convert(orjson.loads(answer.body), shape)
    except (ValueError, msgspec.ValidationError) as error:
        raise _unavailable(str(error)) from error


def _refused(message: str, hint: str) -> Unauthorized:
    return Unauthorized("not_signed_on", message, hint)


def _unavailable(why: str) -> Unavailable:
    return Unavailable(
        "provider_unavailable", f"The provider of the sign-on does not answer as one: {why}.", "Try again in a minute."
    )
