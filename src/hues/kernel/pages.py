"""Keyset paging: page 300 costs what page 1 costs, and a row that arrives meanwhile shifts nothing.

A cursor holds the sort values of the last row seen; it is opaque, and signed for the list it belongs to.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import F, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext as _

from hues.kernel.errors import Invalid

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
Held = str | int | float | bool | datetime | date | UUID | None
MOST = 200  # rows a page
_TAG = 12  # bytes of the signature
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Page(Generic[Item]):
    items: list[Item] = field(default_factory=list)
    next: str | None = None  # cursor of the page after this one; None on the last

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


# ── Cursors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def seal(values: Sequence[Held], scope: str = "") -> str:
    """A cursor for the list named `scope`; put the filters into the scope where a mix-up would matter."""
    body = orjson.dumps([_pack(value) for value in values])
    return base64.urlsafe_b64encode(_tag(scope, body) + body).rstrip(b"=").decode()


def unseal(cursor: str, scope: str = "", count: int | None = None) -> list[Any]:
    """The values of a cursor. Raises Invalid for whatever `seal` did not make for this list."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        tag, body = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, _tag(scope, body)):
            raise ValueError
        values = [_unpack(kind, value) for kind, value in orjson.loads(body)]
    except (ValueError, TypeError, binascii.Error, OverflowError):
        raise _bad_cursor() from None
    if count is not None and len(values) != count:
        raise _bad_cursor()
    return values


def _bad_cursor() -> Invalid:
    message = _("This page of the list is not known. Please start again from the first page.")
    return Invalid(message, code="bad-cursor", fields={"after": message})


@cache
def _key() -> bytes:
    return hashlib.sha256(b"hues cursor\n" + settings.SECRET_KEY.encode()).digest()


def _tag(scope: str, body: bytes) -> bytes:
    return hmac.digest(_key(), scope.encode("utf-8", "replace") + b"\0" + body, "sha256")[:_TAG]


def _pack(value: Held) -> list[Any]:
    match value:
        case datetime():
            return ["t", (value - _EPOCH) // timedelta(microseconds=1)]
        case date():
            return ["d", value.isoformat()]
        case UUID():
            return ["u", value.hex]
        case None | bool() | int() | float() | str():
            return ["", value]
    raise TypeError(f"a cursor cannot hold {type(value).__name__}")


def _unpack(kind: str, value: Any) -> Held:
    match kind:
        case "t":
            return _EPOCH + timedelta(microseconds=value)
        case "d":
            return date.fromisoformat(value)
        case "u":
            return UUID(hex=value)
    return value


# ── Query sets ───────────────────────────────────────────────────────────────────────────────────────────────────────


def keyset(
    rows: QuerySet[Row], *, order: Sequence[str], after: str | None = None, limit: int = 50, scope: str = ""
) -> Page[Row]:
    """One page of `rows` in `order` ("-received_at", "-id"); the last field must be unique. One statement
    (two where it crosses from values into NULLs).

    NULLs come where PostgreSQL puts them without being asked, so a plain index serves: last ascending, first
    descending. Raises Invalid for a bad cursor.
    """
    limit = max(1, min(limit, MOST))
    fields = [name.removeprefix("-") for name in order]
    stretches = _after(rows, order, unseal(after, scope, len(fields))) if after else [rows]
    found: list[Row] = []
    for stretch in stretches:
        if len(found) <= limit:
            found += stretch.order_by(*order)[: limit + 1 - len(found)]
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], seal([_read(last, name) for name in fields], scope))


def _read(row: Model, name: str) -> Held:
    for part in name.split("__"):
        row = getattr(row, part)
    return row  # type: ignore[return-value]


def _after(rows: QuerySet[Row], order: Sequence[str], values: list[Any]) -> list[QuerySet[Row]]:
    """Rows behind the cursor, in stretches to be read one after the other.

    A row comparison, `(a, b) < (x, y)`, goes straight to its place in an index, but never meets a NULL: those are a
    stretch of their own. Only the first field may be NULL.
    """
    fields = [name.removeprefix("-") for name in order]
    falling = order[0].startswith("-")
    if any(name.startswith("-") != falling for name in order):
        raise ValueError(f"one direction for all of {order}: an index answers no other at once")
    first = fields[0]
    if values[0] is None:
        rest = rows.filter(_behind(fields[1:], values[1:], falling), **{f"{first}__isnull": True})
        return [rest, rows.filter(**{f"{first}__isnull": False})] if falling else [rest]
    stretches = [rows.filter(_behind(fields, values, falling))]
    if not falling and "__" not in first and rows.model._meta.get_field(first).null:
        stretches.append(rows.filter(**{f"{first}__isnull": True}))
    return stretches


def _behind(fields: list[str], values: list[Any], falling: bool) -> Any:
    compare = TupleLessThan if falling else TupleGreaterThan
    if len(fields) > 1:
        return compare(Tuple(*map(F, fields)), tuple(values))
    return Q(**{f"{fields[0]}__{'lt' if falling else 'gt'}": values[0]})
