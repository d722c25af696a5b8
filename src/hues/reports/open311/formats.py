"""The two formats of GeoReport v2: XML, which is required, and JSON by the Spark convention (lists stand at the
top).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpResponse

Format = Literal["xml", "json"]
Record = Mapping[str, Any]

CONTENT_TYPES: dict[Format, str] = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'

# XML 1.0 §2.2: whatever is not a Char cannot be written in a document at all, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What stands inside a container (the element that JSON does not show). Anything else that is a list holds <item>s.
INSIDE = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
    "photos": "photo",
}


def xml_text(value: Any) -> str:
    """`value` as the text of an element: escaped, without characters that XML cannot carry."""
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    text = str(value)
    if not text.isascii() or not text.isprintable():
        text = _NOT_XML.sub("", text)
    return escape(text)


def _element(name: str, value: Any, out: list[str]) -> None:
    if isinstance(value, dict):
        out.append(f"<{name}>")
        for key, inner in value.items():
            _element(key, inner, out)
        out.append(f"</{name}>")
    elif isinstance(value, list):
        out.append(f"<{name}>")
        item = INSIDE.get(name, "item")
        for inner in value:
            _element(item, inner, out)
        out.append(f"</{name}>")
    else:
        text = xml_text(value)
        out.append(f"<{name}>{text}</{name}>" if text else f"<{name}/>")


def to_xml(root: str, value: Any) -> bytes:
    """A document with `root` at its top. A list is wrapped item by item, by the names of the specification."""
    out = [DECLARATION]
    _element(root, value, out)
    return "".join(out).encode()


def to_json(value: Any) -> bytes:
    """The same by the Spark convention: an empty element is null."""
    return orjson.dumps(value)


def answer(format: Format, root: str, value: Any, *, status: int = 200) -> HttpResponse:
    content = to_xml(root, value) if format == "xml" else to_json(value)
    response = HttpResponse(content, status=status, content_type=CONTENT_TYPES[format])
    # What is here is public by definition, and the browsers of other sites are its readers.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def w3(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """A W3C date-time with the city's own offset, to the second."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None


def errors(format: Format, status: int, descriptions: Iterable[str]) -> HttpResponse:
    """GeoReport v2, "Errors": a list of code and description; the code repeats the status."""
    return answer(format, "errors", [{"code": status, "description": text} for text in descriptions], status=status)
