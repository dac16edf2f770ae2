"""What the service writes for its operator: lines of text, or of JSON for machines that collect them.

Neither holds what would name a visitor: no address, no user agent, no query, no subject; there is no log of requests.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from temoin.clock import rfc3339
from temoin.settings import Settings


class JsonLines(logging.Formatter):
    """One object a line: `time` (RFC 3339), `level`, `logger`, `message`, and `error` where there is a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": rfc3339(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def log_config(settings: Settings) -> dict[str, Any]:
    """For `logging.config.dictConfig`, which uvicorn calls in each process."""
    plain = {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": JsonLines} if settings.log_format == "json" else plain},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {name: {"level": settings.log_level.upper()} for name in ("temoin", "uvicorn")},
    }
