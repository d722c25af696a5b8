"""Who is told of an incident, in which words; and its line in the journal."""

from collections.abc import Callable, Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import translation

from hues.cases import reference
from hues.city import pack
from hues.city.routing import of_kind
from hues.command import access, area
from hues.command.models import Incident
from hues.command.playbooks import playbook
from hues.kernel import journal
from hues.kernel.actors import HEAD, LEAD, OPERATOR, Actor
from hues.people.models import Membership
from hues.people.queries import today, valid_on

Said = dict[str, str]


def said(make: Callable[[], str]) -> Said:
    """A sentence in each language of the city."""
    found = {}
    for language in pack.settings()["languages"]:
        with translation.override(language):
            found[language] = make()
    return found


def record(
    actor: Actor,
    incident: Incident,
    action: str,
    words: Said,
    *,
    to: Collection[UUID] = (),
    urgent: bool = False,
    topics: Iterable[str] = (),
    **facts: Any,
) -> None:
    """One entry of the incident in the journal, for staff; `to` is told of it, whoever acts is not."""
    link = f"/desk/incidents/{incident.code}"
    data = {"code": incident.code, "texts": words, **({"urgent": True} if urgent else {})}
    journal.record(
        actor=actor,
        action=f"incident.{action}",
        subject_kind="incident",
        subject_id=incident.pk,
        topics=[*access.topics(incident), *topics],
        staff={"said": words, "code": incident.code, **facts},
        notify=[
            journal.Notify(person, f"incident.{action}", link, data)
            for person in dict.fromkeys(to)
            if person != actor.id
        ],
    )


def people(incident: Incident, rungs: Collection[str]) -> list[UUID]:
    """Commander and deputies, and whom the rungs of a level mean. At most three statements."""
    return list(dict.fromkeys([*access.person_ids(incident), *_holders(incident, rungs)]))


def heads(agency_ids: Collection[int]) -> list[UUID]:
    """Who heads these agencies today. One statement."""
    return _held(Q(role=HEAD, agency_id__in=agency_ids)) if agency_ids else []


def _holders(incident: Incident, rungs: Collection[str]) -> list[UUID]:
    wanted, headed = Q(pk__in=()), set[int]()
    if "centre" in rungs:
        wanted |= Q(role__in=(OPERATOR, LEAD))
    if "leads" in rungs:
        wanted |= Q(role=LEAD)
    if "command" in rungs and (command := reference.agencies_by_code().get(playbook().command_agency)):
        headed.add(command.pk)
    if "chair" in rungs and (chair := reference.chair()):
        headed.add(chair.pk)
    if "units" in rungs and playbook().field_kind:
        bodies = (of_kind(playbook().field_kind, unit) for unit in area.units(incident))
        headed |= {body.pk for body in bodies if body is not None}
    if "agencies" in rungs:
        headed |= set(incident.agencies.filter(left_at=None).values_list("agency_id", flat=True))
    return _held(wanted | Q(role=HEAD, agency_id__in=headed) if headed else wanted)


def _held(condition: Q) -> list[UUID]:
    rows = Membership.objects.filter(valid_on(today())).filter(condition, user__is_active=True)
    return list(rows.order_by("user_id").values_list("user_id", flat=True).distinct())
