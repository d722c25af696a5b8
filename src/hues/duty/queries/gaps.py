"""When fewer people are on duty than there must be: said plainly, before it happens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import get_language

from hues.city import clock as city_clock
from hues.duty import rota as rotas
from hues.duty.holidays import city_holidays
from hues.duty.models import Absence, Shift, Team
from hues.duty.queries.now import during
from hues.duty.spans import Span, minus, thin

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Gap:
    """A time in which a team has nobody on duty, or too few."""

    team_id: UUID
    team: str
    agency_id: int
    starts_at: datetime
    ends_at: datetime
    there: int
    needed: int
    holiday: str  # in which it begins

    @property
    def nobody(self) -> bool:
        return self.there == 0


def gaps(teams: Sequence[Team], start: datetime, end: datetime) -> list[Gap]:
    """The gaps of some teams in a span, the first to come first. Two statements. Where a rota has not been laid yet, nothing is said."""
    ids = [team.pk for team in teams]
    shifts = Shift.objects.filter(during(start, end), team__in=ids, standby=False, person__is_active=True)
    rows = list(shifts.values_list("team_id", "person_id", "starts_at", "ends_at"))
    away = absences({person for _team, person, _start, _end in rows}, start, end)
    there: dict[UUID, list[Span]] = {pk: [] for pk in ids}
    for team_id, person_id, starts_at, ends_at in rows:
        there[team_id] += minus((starts_at, ends_at), away.get(person_id, ()))
    found = [gap for team in teams for gap in _of(team, there[team.pk], start, end)]
    return sorted(found, key=lambda gap: (gap.starts_at, gap.there, gap.team))


def _of(team: Team, there: list[Span], start: datetime, end: datetime) -> Iterator[Gap]:
    holidays, language = city_holidays(), get_language() or "vi"
    for one in thin(required(team, start, end), there, team.minimum):
        holiday = holidays.name(city_clock.local(one.starts_at).date(), language)
        yield Gap(team.pk, team.name, team.agency_id, one.starts_at, one.ends_at, one.there, one.needed, holiday)


def required(team: Team, start: datetime, end: datetime) -> list[Span]:
    """When somebody of a team must be there, as far as its rota has been laid."""
    plan = rotas.read(team.rota)
    if plan is not None and team.laid_through is not None:
        end = min(end, city_clock.start_of_day(team.laid_through + _DAY))
    if team.always:
        return [(start, end)] if start < end else []
    if plan is None or team.anchor is None:
        return []
    spans: list[Span] = []
    day = city_clock.local(start).date() - 2 * _DAY
    while city_clock.start_of_day(day) < end:
        number = city_holidays().number(day, team.anchor)
        for turn in rotas.turns(plan, day, since=team.anchor, holiday=number, zone=city_clock.city_zone()):
            spans.append((max(turn.starts_at, start), min(turn.ends_at, end)))
        day += _DAY
    return [span for span in spans if span[0] < span[1]]


def absences(people: set[UUID], start: datetime, end: datetime) -> dict[UUID, list[Span]]:
    """When people are absent in a span. One statement."""
    found: dict[UUID, list[Span]] = {}
    rows = Absence.objects.filter(
        person__in=people, state=Absence.State.GRANTED, starts_at__lt=end, ends_at__gt=start
    ).values_list("person_id", "starts_at", "ends_at")
    for person_id, starts_at, ends_at in rows:
        found.setdefault(person_id, []).append((starts_at, ends_at))
    return found
