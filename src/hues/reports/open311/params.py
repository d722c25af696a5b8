"""Reading what clients send. An empty parameter is an absent one (GeoReport v2, "Optional Arguments")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from hues.kernel.errors import NotFound, Problem

MAX_SPAN = timedelta(days=90)  # GET Service Requests, "start_date": "may not span more than 90 days"
MAX_ROWS = 1000  # "Response Volume"
PAGE_SIZE = 100
MAX_OFFSET = 100_000

# W3C NOTE-datetime, from a date to fractions of a second. `+` in an unescaped query arrives as a space.
_W3 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|[+\- ]\d\d:?\d\d)?)?"
)


class BadArgument(Problem):
    """400: GeoReport v2 gives every error that is not 403 or 404 this status."""

    status, code = 400, "bad-argument"


def text(values: Mapping[str, str], name: str) -> str:
    return (values.get(name) or "").strip()


def comma_list(values: Mapping[str, str], name: str, *, limit: int = MAX_ROWS) -> list[str]:
    """The distinct items of a comma-delimited list, in order."""
    items = list(dict.fromkeys(part.strip() for part in text(values, name).split(",") if part.strip()))
    if len(items) > limit:
        raise BadArgument(_("%(name)s: at most %(limit)d values.") % {"name": name, "limit": limit})
    return items


def moment(values: Mapping[str, str], name: str, zone: ZoneInfo, *, end: bool = False) -> datetime | None:
    """A W3C date-time in UTC. A bare date is the whole day in the city's zone: its first moment, or its last where
    `end`.

    A time without an offset is refused: "Timezone information … must be included".
    """
    raw = text(values, name)
    if not raw:
        return None
    match = _W3.fullmatch(raw)
    example = _("%(name)s: write a W3C date-time with its offset, such as 2026-01-31T08:15:30+07:00.") % {"name": name}
    if not match:
        raise BadArgument(example)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        on = date(int(year), int(month), int(day))
        if hour is None:
            at = datetime.combine(on, time.max if end else time.min, zone)
        else:
            if offset is None:
                raise BadArgument(example)
            micros = int((fraction or "0")[:6].ljust(6, "0"))
            clock = time(int(hour), int(minute), int(second or 0), micros)
            at = datetime.combine(on, clock, UTC) - _offset(offset)
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadArgument(example) from error


def _offset(sign_and_hours: str) -> timedelta:
    if sign_and_hours in "Zz":
        return timedelta()
    digits = sign_and_hours[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise ValueError(sign_and_hours)
    span = timedelta(hours=hours, minutes=minutes)
    return -span if sign_and_hours[0] == "-" else span


def whole_number(values: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    raw = text(values, name)
    if not raw:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10 and low <= int(raw) <= high):
        raise BadArgument(
            _("%(name)s: a whole number from %(low)d to %(high)d.") % {"name": name, "low": low, "high": high}
        )
    return int(raw)


def number(values: Mapping[str, str], name: str) -> float | None:
    """A plain decimal number; "nan", "inf" and "1e3" are none."""
    raw = text(values, name)
    if not raw:
        return None
    if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,18})?", raw):
        raise BadArgument(_("%(name)s: a number in degrees, such as 16.4637.") % {"name": name})
    return float(raw)


def truth(values: Mapping[str, str], name: str) -> bool:
    return text(values, name).lower() in {"true", "1", "yes"}


@dataclass(frozen=True)
class Window:
    """A closed interval of time."""

    start: datetime
    end: datetime


def window(values: Mapping[str, str], first: str, last: str, zone: ZoneInfo) -> Window | None:
    """The interval that two parameters name. With one of them, 90 days from or up to it; with none, None."""
    start, end = moment(values, first, zone), moment(values, last, zone, end=True)
    if start is None and end is None:
        return None
    if start is None:
        assert end is not None  # noqa: S101 (one of the two is there)
        start = _earlier(end)
    elif end is None:
        end = _later(start)
    if start > end:
        raise BadArgument(_("%(first)s is after %(last)s.") % {"first": first, "last": last})
    # A bare end date covers its whole day: 90 days of dates are 91 midnights less a microsecond.
    if end - start > MAX_SPAN + timedelta(days=1):
        raise BadArgument(_("%(first)s and %(last)s may not span more than 90 days.") % {"first": first, "last": last})
    return Window(start, end)


def _earlier(end: datetime) -> datetime:
    return max(end, datetime.min.replace(tzinfo=UTC) + MAX_SPAN) - MAX_SPAN


def _later(start: datetime) -> datetime:
    return min(start, datetime.max.replace(tzinfo=UTC) - MAX_SPAN) + MAX_SPAN


def check_jurisdiction(values: Mapping[str, str], ours: str) -> None:
    """Optional, because there is one; but whoever names another does not mean us (404)."""
    given = text(values, "jurisdiction_id")
    if given and given.lower() != ours.lower():
        raise NotFound(_("jurisdiction_id %(given)s is not served here.") % {"given": given[:80]})
