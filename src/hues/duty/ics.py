"""Shifts as an iCalendar file (RFC 5545), for the calendar on somebody's telephone."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from hues.duty.models import Shift

LINE = 75  # octets, RFC 5545 §3.1


def calendar(shifts: Iterable[Shift], *, name: str, host: str, now: datetime) -> str:
    """A VCALENDAR with one VEVENT for each shift. It names the team and its base, and nobody else."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hue-S//Duty//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        f"NAME:{_text(name)}",  # RFC 7986 §5.1
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",  # RFC 7986 §5.7
        "X-PUBLISHED-TTL:PT1H",
    ]
    for shift in shifts:
        lines += _event(shift, host, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(shift: Shift, host: str, now: datetime) -> list[str]:
    watch = shift.watch or shift.get_role_display()
    summary = _("Standby: %(team)s") if shift.standby else _("On duty: %(team)s")
    place = shift.team.base_name
    lines = [
        "BEGIN:VEVENT",
        f"UID:{shift.pk}@{host}",
        f"DTSTAMP:{_moment(now)}",
        f"LAST-MODIFIED:{_moment(shift.changed_at)}",
        f"DTSTART:{_moment(shift.starts_at)}",
        f"DTEND:{_moment(shift.ends_at)}",
        f"SUMMARY:{_text(summary % {'team': shift.team.name})}",
        f"DESCRIPTION:{_text(watch)}",
        "STATUS:CONFIRMED",
        f"TRANSP:{'TRANSPARENT' if shift.standby else 'OPAQUE'}",
    ]
    if place:
        lines.append(f"LOCATION:{_text(place)}")
    if shift.team.base_lat is not None and shift.team.base_lon is not None:
        lines.append(f"GEO:{shift.team.base_lat:.6f};{shift.team.base_lon:.6f}")
    return [*lines, "END:VEVENT"]


def _moment(at: datetime) -> str:
    """UTC (§3.3.5, form 2): no telephone has to know the zone."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """§3.3.11: backslash, semicolon, comma and line ends are escaped; other controls are not allowed."""
    value = (
        value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n").replace("\r", "\n")
    )
    return "".join(c for c in value if c == "\n" or (ord(c) >= 32 and ord(c) != 127)).replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """§3.1: at most 75 octets a line, a continuation begins with a space; no character is cut apart."""
    room, piece = LINE, b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > room:
            yield piece.decode()
            piece = b" "
        piece += octets
    yield piece.decode()
