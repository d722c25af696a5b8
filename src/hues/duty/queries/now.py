"""Who is on duty at a moment, and when that changes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from hues.city import routing
from hues.duty import access, phones
from hues.duty.models import LONGEST_SHIFT, Absence, Role, Shift
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.people.phones import masked

_ROLE_ORDER = {Role.SHIFT_LEAD: 0, Role.CHIEF: 1, Role.MEMBER: 2}


@dataclass(frozen=True)
class OnDuty:
    """Somebody on duty. `phone` is masked; `phone_of` gives the whole number to those who may call it."""

    person_id: UUID
    name: str
    team_id: UUID
    team: str
    role: str
    since: datetime
    until: datetime
    phone: str
    shift_id: UUID
    agency_id: int
    standby: bool
    kind: str  # of the team


@dataclass(frozen=True)
class Handover:
    """The next moment at which somebody comes or goes, and who."""

    at: datetime
    leaving: list[OnDuty]
    coming: list[OnDuty]


def during(start: datetime, end: datetime) -> Q:
    """Shifts that hold at any time of a span; the bound on their length lets the index find them."""
    return Q(called_off=False, starts_at__lt=end, starts_at__gt=start - LONGEST_SHIFT, ends_at__gt=start)


def at_moment(at: datetime) -> Q:
    return Q(called_off=False, starts_at__lte=at, starts_at__gt=at - LONGEST_SHIFT, ends_at__gt=at)


def present(shifts: QuerySet[Shift], at: datetime) -> QuerySet[Shift]:
    """Of shifts at a moment, those whose person is there: not absent, the account open."""
    away = Absence.objects.filter(
        person=OuterRef("person"), state=Absence.State.GRANTED, starts_at__lte=at, ends_at__gt=at
    )
    return shifts.filter(~Exists(away), at_moment(at), person__is_active=True, team__active=True)


def on_duty(agency_id: int, *, at: datetime | None = None, standby: bool = False) -> list[OnDuty]:
    """Who of an agency is on duty, leads and chiefs first; with `standby` those who only come when called. Two statements."""
    return [one for one in on_duty_everywhere([agency_id], at=at) if one.standby == standby]


def on_duty_everywhere(agency_ids: Collection[int] | None = None, *, at: datetime | None = None) -> list[OnDuty]:
    """Who is on duty or on standby in some agencies, or in all. Two statements."""
    at = at or clock.now()
    shifts = Shift.objects.all() if agency_ids is None else Shift.objects.filter(team__agency__in=agency_ids)
    return _shown(present(shifts, at))


def _shown(shifts: QuerySet[Shift]) -> list[OnDuty]:
    rows = list(shifts.select_related("person", "team"))
    numbers = phones.numbers_of([row.person_id for row in rows]) if rows else {}
    found = [
        OnDuty(
            row.person_id, row.person.name, row.team_id, row.team.name, row.role, row.starts_at, row.ends_at,
            masked(numbers[row.person_id]) if row.person_id in numbers else "",
            row.pk, row.team.agency_id, row.standby, row.team.kind,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.standby, one.team, _ROLE_ORDER[Role(one.role)], one.name))


def people_on_duty(agency_id: int, *, at: datetime | None = None) -> list[UUID]:
    """Those on duty in an agency; where there is nobody, those on standby. One statement."""
    shifts = present(Shift.objects.filter(team__agency=agency_id), at or clock.now())
    rows = list(shifts.order_by("starts_at", "pk").values_list("person_id", "standby"))
    return _once([person for person, standby in rows if not standby] or [person for person, _standby in rows])


def chiefs(agency_id: int, *, at: datetime | None = None) -> list[UUID]:
    """Who leads those on duty in an agency now: chiefs and shift leads on duty, else the chiefs of the teams on duty. One statement."""
    shifts = present(Shift.objects.filter(team__agency=agency_id, standby=False), at or clock.now())
    rows = list(
        shifts.order_by("starts_at", "pk").values_list("person_id", "role", "team__chief_id", "team__chief__is_active")
    )
    leading = [person for person, role, _chief, _active in rows if role != Role.MEMBER]
    return _once(leading or [chief for _person, _role, chief, active in rows if chief and active])


def shift_leads(*, at: datetime | None = None) -> list[UUID]:
    """Who leads the shift of the operations centre now. One statement."""
    shifts = Shift.objects.filter(team__agency=routing.centre().pk, role=Role.SHIFT_LEAD, standby=False)
    return _once(present(shifts, at or clock.now()).order_by("starts_at", "pk").values_list("person_id", flat=True))


def _once(people: Collection[UUID]) -> list[UUID]:
    return list(dict.fromkeys(people))


def current_shift(actor: Actor, at: datetime | None = None) -> Shift | None:
    """The shift that somebody is in now, with its team; None when off duty or only on standby. One statement."""
    if actor.kind != "staff" or actor.id is None:
        return None
    shifts = Shift.objects.filter(person=actor.id, standby=False).select_related("team__agency")
    return present(shifts, at or clock.now()).first()


def handover(agency_id: int, *, at: datetime | None = None) -> Handover | None:
    """When somebody of an agency next comes or goes; None without shifts. Four statements."""
    at = at or clock.now()
    shifts = Shift.objects.filter(team__agency=agency_id, team__active=True, called_off=False)
    ends = shifts.filter(at_moment(at)).order_by("ends_at").values_list("ends_at", flat=True).first()
    starts = shifts.filter(starts_at__gt=at).order_by("starts_at").values_list("starts_at", flat=True).first()
    if not (moments := [moment for moment in (ends, starts) if moment]):
        return None
    moment = min(moments)
    changing = Shift.objects.filter(
        Q(ends_at=moment) | Q(starts_at=moment), team__agency=agency_id, team__active=True, called_off=False,
        starts_at__gt=moment - LONGEST_SHIFT, starts_at__lte=moment,
    )  # fmt: skip
    shown = _shown(changing)
    return Handover(
        moment, [one for one in shown if one.until == moment], [one for one in shown if one.since == moment]
    )


def phone_of(actor: Actor, person_id: UUID) -> str:
    """The whole duty number of somebody: for the centre and for the person's own agencies; "" for others and where there is none."""
    if not access.may_call(actor, person_id):
        return ""
    return phones.numbers_of([person_id]).get(person_id, "")
