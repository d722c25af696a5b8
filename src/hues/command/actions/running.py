"""Leading an incident: level, area, who commands, who takes part."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.command import access, area, telling
from hues.command.actions.base import NAME_MOST, join_agencies, locked, save, text, unchanged
from hues.command.models import HandOver, Incident
from hues.command.playbooks import bodies, playbook
from hues.command.queries.tasks import open_tasks
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.people.models import User


def set_level(*, actor: Actor, code: str, level: int, why: str, version: int | None = None) -> Incident:
    """Up or down. Both the level it had and the new one must be the actor's to set; whom either concerns is told."""
    reason = text(why, 1000, "why", least=3)
    if level not in playbook().levels:
        raise Invalid(_("Please choose from the list."), fields={"level": _("Please choose from the list.")})
    with transaction.atomic():
        incident, _on = locked(actor, code)
        access.must_run(incident)
        unchanged(incident, version)
        if not access.may_set(actor, max(level, incident.level)):
            raise Forbidden(_("You may not set this level: a shift lead, the command or the chair does."))
        before = incident.level
        if level == before:
            raise Conflict(_("It has this level already."))
        incident.level = level
        save(incident, "level")
        told = set(playbook().levels[before].tells) | set(playbook().levels[level].tells)
        telling.record(
            actor,
            incident,
            "level",
            telling.said(lambda: _level_words(incident, before, reason)),
            to=telling.people(incident, told),
            urgent=level > before,
            before=before,
            level=level,
            why=reason,
        )
    return incident


def _level_words(incident: Incident, before: int, reason: str) -> str:
    language = get_language() or "vi"
    name = playbook().levels[incident.level].names.get(language, str(incident.level))
    form = (
        _("{name} was raised: {level}. {why}") if incident.level > before else _("{name} was lowered: {level}. {why}")
    )
    return form.format(name=incident.name, level=name, why=reason)


def change_area(
    *,
    actor: Actor,
    code: str,
    name: str = "",
    unit_codes: Iterable[str] = (),
    lat: object = None,
    lon: object = None,
    radius_m: object = None,
    polygon: object = None,
    categories: Iterable[str] | None = None,
    version: int | None = None,
) -> Incident:
    """Draw the area anew, and say which kinds of case are offered. Bodies of units that came in take part; nobody leaves by it."""
    where = area.read(unit_codes, lat, lon, radius_m, polygon)
    kinds = None if categories is None else list(dict.fromkeys(categories))
    if kinds is not None and (unknown := set(kinds) - set(reference.categories_by_code())):
        raise Invalid(_("Please choose from the list."), fields={"categories": ", ".join(sorted(unknown))})
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        access.must_run(incident)
        unchanged(incident, version)
        if name:
            incident.name = text(name, NAME_MOST, "name", least=3, multiline=False)
        incident.unit_ids = list(where.unit_ids)
        incident.lat, incident.lon, incident.radius_m = where.lat, where.lon, where.radius_m
        incident.polygon = where.polygon
        if kinds is not None:
            incident.categories = kinds
        save(incident, "name", "unit_ids", "lat", "lon", "radius_m", "polygon", "categories")
        if where.unit_ids and playbook().field_kind:
            here = bodies(playbook().field_kind, area.units(incident))
            join_agencies(incident, {body.pk for body in here}, clock.now())
        words = telling.said(
            lambda: _("The area is now {area}").format(area=area.named(incident, get_language() or "vi"))
        )
        telling.record(actor, incident, "area", words, units=[unit.code for unit in area.units(where)][:60])
    return incident


def hand_over(*, actor: Actor, code: str, person_id: UUID, note: str = "", version: int | None = None) -> Incident:
    """Another commander from now on. Also how somebody takes over: a shift lead, the command or the chair names themselves."""
    words = text(note, 2000, "note")
    person = _staff(person_id)
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        access.must_not_be_closed(incident)
        unchanged(incident, version)
        if incident.commander_id == person.pk:
            raise Conflict(_("{name} commands already.").format(name=person.name))
        now, before = clock.now(), incident.commander_id
        incident.hand_overs.filter(until=None).update(until=now, note=words)
        HandOver.objects.create(incident=incident, person=person, since=now)
        incident.commander = person
        save(incident, "commander")
        said = telling.said(lambda: _("{person} commands {name} now").format(person=person.name, name=incident.name))
        to = [*telling.people(incident, playbook().levels[incident.level].tells), *([before] if before else [])]
        telling.record(actor, incident, "handed_over", said, to=to, urgent=True, person=str(person.pk), note=words)
    return incident


def name_deputies(*, actor: Actor, code: str, person_ids: Iterable[UUID]) -> Incident:
    """Who stands in for the commander."""
    people = [_staff(person_id) for person_id in dict.fromkeys(person_ids)]
    if len(people) > 10:
        raise Invalid(_("At most {n} people.").format(n=10), fields={"deputies": _("At most {n} people.").format(n=10)})
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        access.must_not_be_closed(incident)
        incident.deputies.set(people)
        save(incident)
        names = ", ".join(person.name for person in people)
        said = telling.said(lambda: _("Deputies: {names}").format(names=names or "–"))
        telling.record(actor, incident, "deputies", said, to=[person.pk for person in people], people=names)
    return incident


def _staff(person_id: UUID) -> User:
    found = User.objects.filter(pk=person_id, kind=User.Kind.STAFF, is_active=True).first()
    if found is None:
        raise Invalid(_("Please choose from the list."), fields={"person": _("Please choose from the list.")})
    return found


def call_in(*, actor: Actor, code: str, agency_ids: Iterable[int]) -> Incident:
    """Let agencies take part: their heads are told, and see their part."""
    wanted = set(agency_ids)
    known = reference.agencies()
    if not wanted or any(one not in known or known[one].valid_to for one in wanted):
        raise Invalid(_("Please choose from the list."), fields={"agencies": _("Please choose from the list.")})
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_run(incident)
        fresh = wanted - set(incident.agencies.filter(left_at=None).values_list("agency_id", flat=True))
        if fresh:
            bring_in(actor, incident, fresh)
    return incident


def bring_in(actor: Actor, incident: Incident, agency_ids: set[int]) -> None:
    """Agencies that did not take part do from now on. The caller has checked."""
    join_agencies(incident, agency_ids, clock.now())
    known = reference.agencies()

    def words() -> str:
        names = ", ".join(known[one].name(get_language() or "vi") for one in sorted(agency_ids))
        return _("{agencies} take part in {name}").format(agencies=names, name=incident.name)

    to = telling.heads(agency_ids)
    telling.record(actor, incident, "called_in", telling.said(words), to=to, urgent=True, agencies=sorted(agency_ids))


def let_go(*, actor: Actor, code: str, agency_id: int) -> Incident:
    """An agency takes part no longer. Refused while a task or a force of it is open."""
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        access.must_run(incident)
        part = incident.agencies.filter(agency=agency_id, left_at=None).first()
        if part is None:
            raise NotFound(_("This agency does not take part."))
        busy = any(task.agency_id == agency_id for task in open_tasks(incident))
        if busy or incident.commitments.filter(agency=agency_id, until=None).exists():
            raise Conflict(_("It still has a task or a force in this incident."))
        topics = [f"agency:{agency_id}"]
        part.left_at = clock.now()
        part.save(update_fields=["left_at"])

        def words() -> str:
            name = reference.agencies()[agency_id].name(get_language() or "vi")
            return _("{agency} takes part no longer").format(agency=name)

        telling.record(actor, incident, "let_go", telling.said(words), topics=topics, agencies=[agency_id])
    return incident
