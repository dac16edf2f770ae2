"""Settings: one frozen value, read once from flags and `TEMOIN_*` variables; nothing else reads the environment.

Each field's `help` metadata is its manual (docs/settings.md is checked against it).
"""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

from temoin.clock import parse_period
from temoin.errors import Malformed

BUCKET = "s3://"


def _setting(default: str, env: str, text: str) -> str:
    value: str = field(default=default, metadata={"env": env, "help": text})
    return value


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. Paths are folders, URLs have no trailing slash."""

    data: str = _setting(
        "./temoin-data", "TEMOIN_DATA", "Folder of the embedded store; made with mode 0700 where missing."
    )
    store: str = _setting(
        "",
        "TEMOIN_STORE",
        "Store: redis://, rediss:// (TLS), redis+cluster://, redis+sentinel://. Empty: SQLite in the data folder.",
    )
    store_replicas: str = _setting(
        "0",
        "TEMOIN_STORE_REPLICAS",
        "Replicas of a Redis that have a write before it is acknowledged; not in a cluster.",
    )
    store_loss: str = _setting(
        "refuse",
        "TEMOIN_STORE_LOSS",
        "accept: run on a Redis that may lose decisions it acknowledged. refuse: do not start on such a one.",
    )
    public_url: str = _setting(
        "",
        "TEMOIN_PUBLIC_URL",
        "How browsers reach the service; also names each site's log. Default: http://HOST:PORT.",
    )
    chromium: str = _setting(
        "/usr/bin/chromium",
        "TEMOIN_CHROMIUM",
        "The browser that captures evidence when a version is published.",
    )
    archive_after: str = _setting(
        "",
        "TEMOIN_ARCHIVE_AFTER",
        "Age at which the service moves sealed records to the archive, such as P6M. Empty: never.",
    )
    archive: str = _setting(
        "",
        "TEMOIN_ARCHIVE",
        "Folder of the archive, on this machine, or s3://BUCKET/PREFIX. Empty: archive in the data folder.",
    )
    archive_endpoint: str = _setting(
        "",
        "TEMOIN_ARCHIVE_ENDPOINT",
        "Address of the S3-compatible service that has the bucket. Empty: AWS.",
    )
    witnesses: str = _setting(
        "",
        "TEMOIN_WITNESSES",
        "Witnesses that cosign checkpoints: `vkey=url` pairs separated by spaces, the url being the submission prefix.",
    )
    tsa_url: str = _setting("", "TEMOIN_TSA_URL", "Address of an RFC 3161 authority that time-stamps checkpoints.")
    endorse_seconds: str = _setting(
        "60", "TEMOIN_ENDORSE_SECONDS", "A log is taken to each witness and the authority at most once in this time."
    )
    address_header: str = _setting(
        "",
        "TEMOIN_ADDRESS_HEADER",
        "Header in which your reverse proxy gives a visitor's address, such as X-Real-IP. Empty: the connection's.",
    )
    decision_rate: str = _setting(
        "600",
        "TEMOIN_DECISION_RATE",
        "Decisions that one network may send to one site within a minute, to each worker. 0: any number.",
    )
    hit_rate: str = _setting(
        "6000",
        "TEMOIN_HIT_RATE",
        "Hits of measurement that one network may send to one site within a minute, to each worker. 0: any number.",
    )
    own_networks: str = _setting(
        "", "TEMOIN_OWN_NETWORKS", "Networks whose visits are not measured, such as 192.0.2.0/24, separated by spaces."
    )
    reports: str = _setting(
        "",
        "TEMOIN_REPORTS",
        "Who is sent the audience of which site: pairs such as boutique=https://hooks.example.org/x or "
        "*=mailto:team@example.org, separated by spaces.",
    )
    report_every: str = _setting("week", "TEMOIN_REPORT_EVERY", "week or month: what those reports are on.")
    smtp: str = _setting(
        "",
        "TEMOIN_SMTP",
        "Server that takes letters: smtp://HOST:PORT or smtps://[USER:WORD@]HOST. Empty: none are sent.",
    )
    mail_from: str = _setting("", "TEMOIN_MAIL_FROM", "Address that letters come from.")
    oidc_issuer: str = _setting(
        "",
        "TEMOIN_OIDC_ISSUER",
        "OpenID Connect provider that administrators may sign on with, such as https://login.example.org. Empty: none.",
    )
    oidc_client: str = _setting("", "TEMOIN_OIDC_CLIENT", "What that provider calls this service: its client id.")
    oidc_secret: str = _setting("", "TEMOIN_OIDC_SECRET", "The client's secret. Empty: a client without one.")
    oidc_name: str = _setting("", "TEMOIN_OIDC_NAME", "What the button says. Empty: the provider's host.")
    trace_url: str = _setting(
        "", "TEMOIN_TRACE_URL", "OpenTelemetry collector that takes traces by OTLP over HTTP. Empty: none are made."
    )
    log_format: str = _setting("text", "TEMOIN_LOG_FORMAT", "text, or json: one object a line on standard error.")
    purge_url: str = _setting(
        "",
        "TEMOIN_PURGE_URL",
        "Address that is told by POST, with the site's key, when a site was published: a CDN forgets the old files.",
    )
    purge_token: str = _setting("", "TEMOIN_PURGE_TOKEN", "Bearer token that is sent with it.")
    log_level: str = _setting("info", "TEMOIN_LOG_LEVEL", "One of debug, info, warning, error.")

    @property
    def data_folder(self) -> Path:
        return Path(self.data)

    @property
    def service_url(self) -> str:
        """The public URL, or the address that `serve` listens on by default."""
        return self.public_url or "http://127.0.0.1:8080"

    @property
    def endorse_interval(self) -> float:
        """In seconds."""
        return float(self.endorse_seconds)

    def at(self, public_url: str) -> Settings:
        """These settings under another public URL; raises Malformed where it is none."""
        _check_public_url(public_url)
        return replace(self, public_url=public_url)

    def as_environment(self) -> dict[str, str]:
        """The variables that make `load_settings` return these settings in another process."""
        return {spec.metadata["env"]: getattr(self, spec.name) for spec in fields(self)}


def load_settings(**flags: str | None) -> Settings:
    """Flags over environment over defaults; raises Malformed where a value cannot be used."""
    values: dict[str, str] = {}
    for spec in fields(Settings):
        given = flags.get(spec.name)
        value = given if given is not None else os.environ.get(spec.metadata["env"])
        if value is not None:
            values[spec.name] = value
    settings = Settings(**values)
    _check_public_url(settings.public_url)
    _check_store_loss(settings)
    _check_replicas(settings)
    _check_archive(settings)
    _check_endorsing(settings)
    _check_measuring(settings)
    _check_rates(settings)
    if settings.report_every not in ("week", "month"):
        raise Malformed("bad_setting", f"TEMOIN_REPORT_EVERY is {settings.report_every!r}.", "Use week or month.")
    if settings.log_format not in ("text", "json"):
        raise Malformed("bad_setting", f"TEMOIN_LOG_FORMAT is {settings.log_format!r}.", "Use text or json.")
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise Malformed(
            "bad_setting",
            f"TEMOIN_LOG_LEVEL is {settings.log_level!r}.",
            "Use debug, info, warning or error.",
        )
    return settings


def _check_store_loss(settings: Settings) -> None:
    if settings.store_loss not in ("refuse", "accept"):
        raise Malformed("bad_setting", f"TEMOIN_STORE_LOSS is {settings.store_loss!r}.", "Use refuse or accept.")


def _check_replicas(settings: Settings) -> None:
    if not re.fullmatch(r"[0-9]", settings.store_replicas):
        raise Malformed(
            "bad_setting", f"TEMOIN_STORE_REPLICAS is {settings.store_replicas!r}.", "Give a number from 0 to 9."
        )


def _check_archive(settings: Settings) -> None:
    try:
        if settings.archive_after:
            parse_period(settings.archive_after)
    except ValueError as error:
        raise Malformed("bad_setting", f"TEMOIN_ARCHIVE_AFTER: {error}.", "Give a period such as P6M.") from error
    if "://" in settings.archive and not re.fullmatch(
        r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.-]+)*/?", settings.archive
    ):
        raise Malformed(
            "bad_setting",
            f"TEMOIN_ARCHIVE is {settings.archive!r}, which is neither a folder nor a bucket.",
            "Give a folder, or s3://BUCKET/PREFIX.",
        )
    if settings.archive_endpoint:
        parts = urlsplit(settings.archive_endpoint)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.username
            or not settings.archive.startswith(BUCKET)
        ):
            raise Malformed(
                "bad_setting",
                f"TEMOIN_ARCHIVE_ENDPOINT is {settings.archive_endpoint!r}.",
                "Give the http(s) address of the service that has the bucket, beside TEMOIN_ARCHIVE=s3://BUCKET/PREFIX.",
            )


def _check_endorsing(settings: Settings) -> None:
    """The witnesses themselves are read by `temoin.proof.witness.parse_witnesses`."""
    parts = urlsplit(settings.tsa_url)
    if settings.tsa_url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment):
        raise Malformed(
            "bad_setting",
            f"TEMOIN_TSA_URL is {settings.tsa_url!r}.",
            "Give the http(s) address that takes time-stamp queries.",
        )
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", settings.endorse_seconds) or settings.endorse_interval < 1:
        raise Malformed(
            "bad_setting",
            f"TEMOIN_ENDORSE_SECONDS is {settings.endorse_seconds!r}.",
            "Give a number of seconds, 1 or more.",
        )


def _check_measuring(settings: Settings) -> None:
    """The networks are read again by `temoin.analytics.place.parse_networks`."""
    try:
        for network in settings.own_networks.split():
            ipaddress.ip_network(network)
    except ValueError as error:
        raise Malformed(
            "bad_setting", f"TEMOIN_OWN_NETWORKS: {error}.", "Give networks such as 192.0.2.0/24 2001:db8::/32."
        ) from error
    if settings.address_header and not re.fullmatch(r"[A-Za-z0-9-]+", settings.address_header):
        raise Malformed(
            "bad_setting",
            f"TEMOIN_ADDRESS_HEADER is {settings.address_header!r}.",
            "Give the name of one header, such as X-Real-IP.",
        )


def _check_rates(settings: Settings) -> None:
    """The upper end is what a counter of `temoin.limits` holds."""
    for name, value in (("TEMOIN_DECISION_RATE", settings.decision_rate), ("TEMOIN_HIT_RATE", settings.hit_rate)):
        if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > 60_000:
            raise Malformed("bad_setting", f"{name} is {value!r}.", "Give a whole number from 0 to 60000.")


def _check_public_url(url: str) -> None:
    if not url:
        return
    parts = urlsplit(url)
    hint = "Give it as https://consent.example.org, without a slash at the end."
    if parts.scheme not in ("http", "https") or not parts.netloc or url.endswith("/"):
        raise Malformed(
            "bad_setting", f"The public URL {url!r} is not an http(s) address without a trailing slash.", hint
        )
    if parts.query or parts.fragment or parts.username:
        raise Malformed("bad_setting", f"The public URL {url!r} carries a query, a fragment or a user name.", hint)
