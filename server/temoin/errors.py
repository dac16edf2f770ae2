"""The one tree of errors that Témoin shows to people and to programs.

    TemoinError
    ├── Malformed          400, exit 2   not what the format asks for
    ├── Unauthorized       401, exit 2   no credential, or one that is not known
    ├── Forbidden          403, exit 2   known, but not allowed (a foreign Origin too)
    ├── NotFound           404, exit 2
    ├── MethodNotAllowed   405
    ├── RequestTimeout     408           a request that was not whole in time
    ├── Conflict           409, exit 2
    ├── PreconditionFailed 412           another state than the one that If-Match names
    ├── TooLarge           413
    ├── UnsupportedMedia   415
    ├── Invalid            422, exit 2   well-formed, but not valid for this site or version
    ├── NotReady           202           come back in `retry_after` seconds
    ├── TooMany            429
    ├── HeadTooLarge       431
    ├── Unavailable        503, exit 3   something needed is missing or does not answer
    └── CheckFailed        -, exit 1     a check ran and found something

Each carries a stable `code`, a `message` (what is wrong, and where), and a `hint` (what to do).
Over HTTP all have one shape (CONTRACT section 3): `{"error": {"code", "message", "hint"}}`.
"""

from __future__ import annotations


class TemoinError(Exception):
    """`code` is snake_case and stable; `message` and `hint` are for people; `retry_after` is in seconds."""

    status = 500
    exit_code = 2

    def __init__(self, code: str, message: str, hint: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.retry_after = retry_after

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The wire shape of every error."""
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint}}


class Malformed(TemoinError):
    status = 400


class Unauthorized(TemoinError):
    status = 401


class Forbidden(TemoinError):
    status = 403


class NotFound(TemoinError):
    status = 404


class MethodNotAllowed(TemoinError):
    """`allow` is the value of the Allow header (RFC 9110 section 15.5.6)."""

    status = 405

    def __init__(self, allow: str) -> None:
        super().__init__("method_not_allowed", "This address does not take that method.", f"Use {allow}.")
        self.allow = allow


class RequestTimeout(TemoinError):
    status = 408


class Conflict(TemoinError):
    status = 409


class PreconditionFailed(TemoinError):
    status = 412


class TooLarge(TemoinError):
    status = 413


class UnsupportedMedia(TemoinError):
    status = 415


class Invalid(TemoinError):
    status = 422


class NotReady(TemoinError):
    status = 202


class TooMany(TemoinError):
    status = 429


class HeadTooLarge(TemoinError):
    status = 431


class Unavailable(TemoinError):
    status = 503
    exit_code = 3


class CheckFailed(TemoinError):
    exit_code = 1
