"""Who could take a shift: free at that time, rested, and not with more hours than the others."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hues.duty.models import Absence, Member, Shift, Team
from hues.duty.spans import Span

REST = timedelta(hours=12)  # between two shifts: Labour Code 45/2019/QH14, article 110
_AROUND = timedelta(days=15)


@dataclass(frozen=True)
class Candidate:
    person_id: UUID
    name: str
    crew: str
    role: str
    hours: int  # on duty in the 30 days around
    rest_hours: float  # to the nearest other shift

    @property
    def rested(self) -> bool:
        return self.rest_hours >= REST / timedelta(hours=1)


def candidates(team: Team, start: datetime, end: datetime, *, without: UUID | None = None) -> list[Candidate]:
    """Members of a team who are free, the rested ones with the fewest hours first. Three statements."""
    members = list(Member.objects.filter(team=team, valid_to=None, person__is_active=True).select_related("person"))
    people = [member.person_id for member in members]
    shifts = Shift.objects.filter(
        person__in=people, called_off=False, starts_at__lt=end + _AROUND, ends_at__gt=start - _AROUND
    ).values_list("person_id", "starts_at", "ends_at")
    taken: dict[UUID, list[Span]] = {}
    for person_id, starts_at, ends_at in shifts:
        taken.setdefault(person_id, []).append((starts_at, ends_at))
    away = set(
        Absence.objects.filter(
            person__in=people, state__in=["asked", "granted"], starts_at__lt=end, ends_at__gt=start
        ).values_list("person_id", flat=True)
    )
    found = [
        _candidate(member, taken.get(member.person_id, []), start, end)
        for member in members
        if member.person_id not in away
        and member.person_id != without
        and not any(a < end and start < b for a, b in taken.get(member.person_id, []))
    ]
    return sorted(found, key=lambda one: (not one.rested, one.hours, one.name))


def _candidate(member: Member, taken: list[Span], start: datetime, end: datetime) -> Candidate:
    hour = timedelta(hours=1)
    rest = min(((a - end if a >= end else start - b) / hour for a, b in taken), default=_AROUND / hour)
    hours = sum((b - a) / hour for a, b in taken)
    return Candidate(member.person_id, member.person.name, member.crew, member.role, round(hours), rest)
