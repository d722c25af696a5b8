"""Structured logs: one JSON object a line, without personal data."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

# Of the request being answered, for every line logged meanwhile and for the page of an error.
request_id: ContextVar[str] = ContextVar("request_id", default="")

# An identifier of ours is kept whole; e-mail addresses and anything like a phone, identity or card number is not.
_PERSONAL = re.compile(
    r"(?P<keep>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{16,64}\b(?<![0-9]{16}))"
    r"|(?P<mail>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)"
    r"|(?P<number>(?<![\w.])\+?\d(?:[ .()-]{0,2}\d){8,18}(?!\w))"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]?(?:\d\d[:.]?)*")


def scrub(text: str) -> str:
    """Text without e-mail addresses and long numbers."""
    return _PERSONAL.sub(_replacement, text)


def _replacement(match: re.Match[str]) -> str:
    if match["keep"]:
        return match["keep"]
    if match["mail"]:
        return "[e-mail]"
    return match[0] if _DATE.fullmatch(match[0].strip()) else "[number]"


class JsonLines(logging.Formatter):
    """`extra={"fields": {…}}` adds fields; they are the caller's to keep free of personal data."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "at": moment,
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        if name := request_id.get():
            line["request"] = name
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = scrub(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
