"""An incident begins: with what the playbook has for its kind."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.cases.models import Case
from hues.cases.queries import case_for
from hues.city.pack import settings as pack_settings
from hues.command import access, area, telling
from hues.command.actions.base import NAME_MOST, join_agencies
from hues.command.actions.linking import join_call, join_cases, take_on
from hues.command.models import HandOver, Incident, Objective, Period, Sector
from hues.command.playbooks import Kind, bodies, playbook
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.ids import new_code
from hues.kernel.text import clean

CODE_PREFIX = "SC"
_TRIES = 8


def open_incident(
    *,
    actor: Actor,
    kind: str,
    level: int,
    name: str,
    unit_codes: Iterable[str] = (),
    lat: object = None,
    lon: object = None,
    radius_m: object = None,
    polygon: object = None,
    from_case: str | None = None,
    from_call: UUID | str | None = None,
    period_hours: int | None = None,
    is_sample: bool = False,
) -> Incident:
    """Open an incident of the city's playbook; whoever opens it commands until somebody takes over.

    `from_case` is a case's code, `from_call` a call's id: they are its first links. Raises Forbidden where the actor may not set the level,
    Invalid with the fields to mend.
    """
    if not access.roles(actor):
        raise Forbidden(_("Only the operations centre and those who command may open an incident."))
    found = _checked(kind, level, name, period_hours)
    if not access.may_set(actor, level):
        raise Forbidden(_("You may not set this level: a shift lead, the command or the chair does."))
    case = case_for(actor, from_case) if from_case else None
    where = area.read(unit_codes, lat, lon, radius_m, polygon)
    if case is not None and area.boundless(where) and case.unit_id:
        where = area.Area((case.unit_id,))
    with transaction.atomic():
        incident = _store(actor, found, level, name, where, case, period_hours, is_sample)
        _first_lists(incident, found)
        telling.record(
            actor,
            incident,
            "opened",
            telling.said(lambda: _opened(incident)),
            to=telling.people(incident, playbook().levels[level].tells),
            urgent=level > 1,
            kind=kind,
            level=level,
            state=incident.state,
        )
        if case is not None:
            join_cases(actor, incident, [case])
            take_on(incident, case)
        if from_call:
            join_call(actor, incident, from_call)
    return incident


def _checked(kind: str, level: int, name: str, period_hours: int | None) -> Kind:
    wrong: dict[str, str] = {}
    found = playbook().kinds.get(kind)
    if found is None:
        wrong["kind"] = _("Please choose from the list.")
    if level not in playbook().levels:
        wrong["level"] = _("Please choose from the list.")
    if len(clean(name, max_length=NAME_MOST, field="name")) < 3:
        wrong["name"] = _("Please give it a name that everybody will use.")
    if period_hours is not None and not 1 <= period_hours <= 72:
        wrong["period_hours"] = _("Between 1 and 72 hours.")
    if wrong or found is None:
        raise Invalid(_("Something is missing or not right yet."), fields=wrong)
    return found


def _store(
    actor: Actor,
    kind: Kind,
    level: int,
    name: str,
    where: area.Area,
    case: Case | None,
    period_hours: int | None,
    is_sample: bool,
) -> Incident:
    now = clock.now()
    hours = period_hours or kind.period_hours
    begun = min(now, case.received_at) if case is not None else now
    incident = Incident(
        is_sample=is_sample,
        kind=kind.code,
        name=clean(name, max_length=NAME_MOST),
        level=level,
        unit_ids=list(where.unit_ids),
        lat=where.lat,
        lon=where.lon,
        radius_m=where.radius_m,
        polygon=where.polygon,
        categories=list(kind.categories),
        since=begun - timedelta(hours=kind.look_back_hours),
        commander_id=actor.id if actor.kind == "staff" else None,
        period_hours=hours,
        period_ends_at=now + timedelta(hours=hours),
        opened_at=now,
        opened_by_id=actor.id if actor.kind == "staff" else None,
        from_case=case,
    )
    _save_with_code(incident)
    Period.objects.create(incident=incident, number=1, starts_at=now, ends_at=now + timedelta(hours=hours))
    HandOver.objects.create(incident=incident, person_id=incident.commander_id, since=now)
    return incident


def _save_with_code(incident: Incident) -> None:
    for _try in range(_TRIES):
        incident.code = new_code(CODE_PREFIX)
        try:
            with transaction.atomic():
                incident.save(force_insert=True)
            return
        except IntegrityError as error:
            if "code" not in str(error):
                raise
    raise Conflict(_("No free number was found. Please try again."))


def _first_lists(incident: Incident, kind: Kind) -> None:
    """Agencies, sectors and objectives of the playbook, in the city's first language."""
    language = pack_settings()["languages"][0]
    here = area.units(incident) if incident.unit_ids else []
    known = reference.agencies_by_code()
    taking_part = {known[code].pk for code in kind.agencies if code in known}
    taking_part |= {body.pk for body in bodies(playbook().field_kind, here)} if playbook().field_kind else set()
    join_agencies(incident, taking_part, incident.opened_at)
    Sector.objects.bulk_create(
        Sector(
            incident=incident,
            number=number,
            name=first.names.get(language) or next(iter(first.names.values())),
            agency=known.get(first.agency),
            unit_ids=incident.unit_ids,
        )
        for number, first in enumerate(kind.sectors, 1)
    )
    Objective.objects.bulk_create(
        Objective(
            incident=incident,
            number=number,
            text=texts.get(language) or next(iter(texts.values())),
            changed_at=incident.opened_at,
        )
        for number, texts in enumerate(kind.objectives, 1)
    )


def _opened(incident: Incident) -> str:
    language = get_language() or "vi"
    return _("{name}: {level}, {area}").format(
        name=incident.name,
        level=playbook().levels[incident.level].names.get(language, f"{incident.level}"),
        area=area.named(incident, language),
    )
