"""The week of an agency's roster: for each team, each day, each watch, who."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.translation import get_language

from hues.city import clock as city_clock
from hues.city.models import Agency
from hues.duty.holidays import city_holidays
from hues.duty.models import Shift, Team
from hues.duty.queries.gaps import Gap, absences, gaps
from hues.duty.queries.now import during
from hues.duty.queries.teams import teams_of
from hues.duty.spans import Span
from hues.kernel import clock

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Turn:
    """One person's shift, as the roster shows it."""

    shift_id: UUID
    person_id: UUID
    name: str
    role: str
    standby: bool
    swapped_for: str  # the name of whose shift it was
    starts_at: datetime
    ends_at: datetime
    away: str  # "all" or "part" of it the person is absent
    now: bool


@dataclass
class Row:
    """A watch of one day; without people where the week has the watch, and this day nobody."""

    name: str
    times: str
    people: list[Turn] = field(default_factory=list)


@dataclass
class Day:
    day: date
    label: str
    holiday: str
    is_today: bool
    rows: list[Row] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


@dataclass
class TeamWeek:
    team: Team
    days: list[Day]
    height: int  # rows of every day

    @property
    def laid(self) -> bool:
        """Whether the roster of this week is there."""
        return not self.team.rota or (self.team.laid_through is not None and self.team.laid_through >= self.days[0].day)


@dataclass(frozen=True)
class Week:
    monday: date
    days: list[Day]
    teams: list[TeamWeek]
    gaps: list[Gap]  # that are still to come


def week(agency: Agency, monday: date) -> Week:
    """Four statements, however many teams."""
    start, end = city_clock.start_of_day(monday), city_clock.start_of_day(monday + 7 * _DAY)
    teams = list(teams_of(agency.pk))
    shifts = Shift.objects.filter(during(start - 2 * _DAY, end), team__in=teams).select_related("person", "swapped_for")
    rows = [row for row in shifts.order_by("starts_at", "standby", "person__display_name") if row.starts_at >= start]
    away = absences({row.person_id for row in rows}, start, end + 2 * _DAY)
    thin = gaps(teams, start, end)
    found = [_team(team, monday, [r for r in rows if r.team_id == team.pk], away, thin) for team in teams]
    now = clock.now()
    coming = [replace(gap, starts_at=max(gap.starts_at, now)) for gap in thin if gap.ends_at > now]
    return Week(monday, _days(monday), found, coming)


def _days(monday: date) -> list[Day]:
    holidays, today, language = city_holidays(), city_clock.today(), get_language() or "vi"
    days = [monday + number * _DAY for number in range(7)]
    return [Day(day, city_clock.day_text(day), holidays.name(day, language), day == today) for day in days]


def _team(team: Team, monday: date, shifts: list[Shift], away: dict[UUID, list[Span]], thin: list[Gap]) -> TeamWeek:
    days = _days(monday)
    names: dict[str, time] = {}  # the watches of this week, by when they begin
    for shift in shifts:
        names.setdefault(_watch(shift), city_clock.local(shift.starts_at).time())
    order = sorted(names, key=lambda name: (names[name], name))
    for day in days:
        here = [shift for shift in shifts if city_clock.local(shift.starts_at).date() == day.day]
        day.rows = [_row(name, [shift for shift in here if _watch(shift) == name], away) for name in order]
        first, last = city_clock.start_of_day(day.day), city_clock.start_of_day(day.day + _DAY)
        day.gaps = [gap for gap in thin if gap.team_id == team.pk and _belongs(gap, first, last, day is days[0])]
    return TeamWeek(team, days, max(len(order), 1))


def _belongs(gap: Gap, first: datetime, last: datetime, begins_week: bool) -> bool:
    """A gap stands on the day on which it begins, and on every further day of which it takes the greater part."""
    if first <= gap.starts_at < last or (begins_week and gap.starts_at < first < gap.ends_at):
        return True
    return min(gap.ends_at, last) - max(gap.starts_at, first) > _DAY / 2


def _watch(shift: Shift) -> str:
    return shift.watch or _times(shift.starts_at, shift.ends_at)


def _times(start: datetime, end: datetime) -> str:
    return f"{city_clock.time_text(start)}–{city_clock.time_text(end)}"


def _row(name: str, shifts: list[Shift], away: dict[UUID, list[Span]]) -> Row:
    now = clock.now()
    people = [
        Turn(
            s.pk, s.person_id, s.person.name, s.role, s.standby, s.swapped_for.name if s.swapped_for else "",
            s.starts_at, s.ends_at, _away(s, away.get(s.person_id, [])), s.starts_at <= now < s.ends_at,
        )
        for s in shifts
    ]  # fmt: skip
    people.sort(key=lambda turn: (turn.standby, turn.role != "shift_lead", turn.role != "chief", turn.name))
    return Row(name, _times(people[0].starts_at, people[0].ends_at) if people else "", people)


def _away(shift: Shift, spans: list[Span]) -> str:
    if any(start <= shift.starts_at and shift.ends_at <= end for start, end in spans):
        return "all"
    return "part" if any(start < shift.ends_at and shift.starts_at < end for start, end in spans) else ""
