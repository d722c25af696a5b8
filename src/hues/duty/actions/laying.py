"""Laying shifts: from a team's rota to rows, some weeks ahead. What people changed since is left as they made it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from hues.city import clock as city_clock
from hues.duty import rota as rotas
from hues.duty.actions.noting import note
from hues.duty.holidays import city_holidays
from hues.duty.models import Member, Shift, Team
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor

WEEKS = 6
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Laid:
    """How many shifts were made, and how many not because the person has another one at that time."""

    made: int = 0
    clashes: int = 0

    def __add__(self, other: "Laid") -> "Laid":
        return Laid(self.made + other.made, self.clashes + other.clashes)


def lay_ahead(*, actor: Actor = SYSTEM, weeks: int = WEEKS) -> Laid:
    """Lay every team's rota as far as `weeks` ahead. A second call finds nothing to do."""
    through = city_clock.today() + timedelta(weeks=weeks)
    laid = Laid()
    for team_id in Team.objects.filter(active=True).exclude(rota={}).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            team = Team.objects.select_for_update().get(pk=team_id)
            laid += extend(actor, team, through)
    return laid


def extend(actor: Actor, team: Team, through: date) -> Laid:
    """Lay a locked team's rota from where it was laid up to `through`; after an outage with the watch that runs now."""
    today = city_clock.today()
    if team.laid_through is None or team.laid_through < today:
        return lay(actor, team, max(team.laid_through or date.min, today - 2 * _DAY) + _DAY, through, after=None)
    return (
        lay(actor, team, team.laid_through + _DAY, through, after=clock.now())
        if team.laid_through < through
        else Laid()
    )


def lay_again(actor: Actor, team: Team) -> Laid:
    """After a change of rota or members: what has not begun and nobody touched is made anew. The team is locked.

    A watch that runs goes on as it is; a team that never had a shift begins with the watch that runs now.
    """
    now = clock.now()
    through = max(team.laid_through or date.min, city_clock.today() + timedelta(weeks=WEEKS))
    untouched = Shift.objects.filter(team=team, source=Shift.Source.ROTA, touched=False, called_off=False)
    untouched.filter(starts_at__gt=now).delete()
    begun = Shift.objects.filter(team=team, source=Shift.Source.ROTA).exists()
    return lay(actor, team, city_clock.today() - _DAY, through, after=now if begun else None)


def lay(actor: Actor, team: Team, first: date, through: date, *, after: datetime | None) -> Laid:
    """Make the shifts of some days; those that begin after `after`, or without it all that are not over."""
    now = clock.now()
    wanted = [
        shift for shift in _planned(team, first, through) if (shift.starts_at > after if after else shift.ends_at > now)
    ]
    held = set(
        Shift.objects.filter(team=team, starts_at__gte=city_clock.start_of_day(first - _DAY), planned_for__isnull=False)
        .values_list("planned_for_id", "starts_at")
    )  # fmt: skip
    wanted = [shift for shift in wanted if (shift.planned_for_id, shift.starts_at) not in held]
    Shift.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=1000)
    made = Shift.objects.filter(pk__in=[shift.pk for shift in wanted]).count()
    team.laid_through = through
    team.save(update_fields=["laid_through"])
    laid = Laid(made, len(wanted) - made)
    if wanted:
        said = {"made": laid.made, "clashes": laid.clashes, "through": through.isoformat()}
        note(actor, "laid", ("team", team.pk), team, staff=said)
    return laid


def _planned(team: Team, first: date, through: date) -> Iterator[Shift]:
    plan = rotas.read(team.rota)
    if plan is None or team.anchor is None:
        return
    members: dict[str, list[Member]] = {}
    for member in Member.objects.filter(team=team, person__is_active=True).exclude(crew="").order_by("pk"):
        members.setdefault(member.crew, []).append(member)
    holidays, zone, now = city_holidays(), city_clock.city_zone(), clock.now()
    for day in (first + number * _DAY for number in range((through - first).days + 1)):
        number = holidays.number(day, team.anchor)
        for turn in rotas.turns(plan, day, since=team.anchor, holiday=number, zone=zone):
            people = [(crew, False) for crew in turn.on] + [(crew, True) for crew in turn.standby]
            seen: set[UUID] = set()
            for crew, standby in people:
                for member in members.get(crew, ()):
                    if member.person_id in seen or not _holds(member, day, turn.ends_at):
                        continue
                    seen.add(member.person_id)
                    yield Shift(
                        team=team, person_id=member.person_id, planned_for_id=member.person_id, role=member.role,
                        starts_at=turn.starts_at, ends_at=turn.ends_at, standby=standby, watch=turn.watch,
                        source=Shift.Source.ROTA, changed_at=now,
                    )  # fmt: skip


def _holds(member: Member, day: date, ends_at: datetime) -> bool:
    """Whether somebody is in the team for a watch of `day`; on their first day they may be in the one that began the evening before."""
    return member.valid_from <= city_clock.local(ends_at).date() and (member.valid_to is None or day < member.valid_to)
