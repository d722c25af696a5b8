"""What a client asks of a collection. Everything that is unknown or wrong is refused with 400 (§7.4, /req/core/query-param-unknown and -invalid)."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from hues.kernel.errors import Problem
from hues.kernel.geo import Box

MOST, USUAL = 1000, 100
COMMON = frozenset({"f", "lang", "limit", "bbox", "datetime", "after"})
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d))?", re.I)


class Refused(Problem):
    """400, as the standard wants it for parameters."""

    status, code = 400, "InvalidParameterValue"


@dataclass(frozen=True)
class Asked:
    limit: int = USUAL
    boxes: tuple[Box, ...] = ()  # two where the box crosses the antimeridian
    since: datetime | None = None
    until: datetime | None = None  # inclusive
    after: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


def read(given: QueryDict, properties: Collection[str]) -> Asked:
    """Raises Refused."""
    for name in given:
        if name not in COMMON and name not in properties:
            raise Refused(_("There is no parameter %(name)s.") % {"name": name[:60]})
    since, until = _interval(given.get("datetime", ""))
    return Asked(
        limit=_limit(given.get("limit")),
        boxes=_boxes(given.get("bbox", "")),
        since=since,
        until=until,
        after=given.get("after", "")[:400],
        properties={name: (given.get(name) or "")[:200] for name in properties if name in given},
    )


def known_only(given: QueryDict) -> None:
    """For resources that take nothing but the form. Raises Refused."""
    for name in given:
        if name not in ("f", "lang"):
            raise Refused(_("There is no parameter %(name)s.") % {"name": name[:60]})


def _limit(text: str | None) -> int:
    """More than the maximum is the maximum (§7.15.2)."""
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1):
        raise Refused(_("limit must be a whole number from 1 to %(most)s.") % {"most": MOST})
    return min(int(text), MOST)


def _boxes(text: str) -> tuple[Box, ...]:
    """Four or six numbers (heights are read over), west greater than east across the antimeridian (§7.15.3)."""
    if not text:
        return ()
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[at] for at in (0, 1, 3, 4)]
    wrong = len(numbers) != 4 or not all(math.isfinite(number) for number in numbers)
    if wrong or not (-90 <= numbers[1] <= numbers[3] <= 90 and all(abs(edge) <= 180 for edge in numbers[::2])):
        raise Refused(_("The area must be four numbers: west, south, east, north."))
    west, south, east, north = numbers
    if west <= east:
        return (Box(west, south, east, north),)
    return Box(west, south, 180.0, north), Box(-180.0, south, east, north)


def _interval(text: str) -> tuple[datetime | None, datetime | None]:
    """An instant, or an interval whose ends may be open: `2026-01-01T00:00:00Z/..` (§7.15.4, RFC 3339)."""
    if not text:
        return None, None
    parts = text.split("/")
    if len(parts) > 2:
        raise _bad_time()
    ends = [None if part in ("", "..") and len(parts) == 2 else _moment(part) for part in parts]
    if len(ends) == 1:
        return ends[0], _end_of(parts[0], ends[0])
    since, until = ends[0], _end_of(parts[1], ends[1])
    if since and until and since > until:
        raise _bad_time()
    return since, until


def _moment(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise _bad_time()
    try:
        moment = datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _bad_time() from None


def _end_of(text: str, moment: datetime | None) -> datetime | None:
    """A day that is named without a time means all of it."""
    return moment + timedelta(days=1, microseconds=-1) if moment and len(text) == 10 else moment


def _bad_time() -> Refused:
    return Refused(_("datetime must be a moment such as 2026-01-31T00:00:00Z, or two with a slash between."))
