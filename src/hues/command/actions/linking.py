"""Cases and calls that belong to an incident. A link that ends stays as history, on both sides."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from hues.cases import access as case_access
from hues.cases import engine, reference
from hues.cases.models import Case
from hues.cases.queries import case_for
from hues.command import access, hands, telling
from hues.command.actions.base import locked, next_number, text
from hues.command.models import Incident, IncidentTask, LinkedCall, LinkedCase
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid, NotFound

BULK_MOST = 500


def link_case(*, actor: Actor, code: str, case: str) -> LinkedCase:
    """Link one case by its code; parties that are at work for it become tasks.

    Raises NotFound where the actor may not see the case, Conflict where it is linked already.
    """
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        found = case_for(actor, case)
        if not join_cases(actor, incident, [found]):
            raise Conflict(_("{case} belongs to {code} already.").format(case=found.code, code=incident.code))
        take_on(incident, found)
        return incident.cases.get(case=found, state=LinkedCase.State.LINKED)


def link_cases(*, actor: Actor, code: str, cases: Iterable[str]) -> int:
    """Link many at once, all or nothing; those that belong to it already are passed over. Returns how many were new."""
    wanted = list(dict.fromkeys(engine.normal_code(one) for one in cases))
    if not wanted or len(wanted) > BULK_MOST:
        raise Invalid(_("Please choose between 1 and {n} cases.").format(n=BULK_MOST), fields={"cases": ""})
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        found = list(_visible(actor).filter(code__in=wanted))
        if len(found) != len(wanted):
            raise NotFound(_("There is no such case."))
        return len(join_cases(actor, incident, found))


def _visible(actor: Actor) -> QuerySet[Case]:
    return Case.objects.filter(case_access.visible_to(actor))


def join_cases(actor: Actor, incident: Incident, cases: Sequence[Case]) -> list[Case]:
    """Link cases that the caller has checked; returns those that were new. One entry for the incident, one for each case."""
    now, by = clock.now(), actor.id if actor.kind == "staff" else None
    known = dict(
        incident.cases.filter(case__in=cases).exclude(state=LinkedCase.State.UNLINKED).values_list("case_id", "state")
    )
    fresh = [case for case in cases if known.get(case.pk) != LinkedCase.State.LINKED]
    if not fresh:
        return []
    passed = [case.pk for case in fresh if case.pk in known]
    incident.cases.filter(case__in=passed, state=LinkedCase.State.PASSED).update(
        state=LinkedCase.State.LINKED, at=now, by=by
    )
    LinkedCase.objects.bulk_create(
        LinkedCase(incident=incident, case=case, state=LinkedCase.State.LINKED, at=now, by_id=by)
        for case in fresh
        if case.pk not in known
    )
    codes = [case.code for case in fresh]
    words = telling.said(lambda: _linked(codes))
    telling.record(actor, incident, "linked", words, cases=codes[:50], count=len(codes))
    said = telling.said(
        lambda: _("Belongs to the incident {name} ({code})").format(name=incident.name, code=incident.code)
    )
    for case in fresh:
        _note_on_case(actor, incident, case, "joined_incident", said)
    return fresh


def _linked(codes: list[str]) -> str:
    if len(codes) == 1:
        return _("{case} was linked").format(case=codes[0])
    return ngettext("{n} case was linked", "{n} cases were linked", len(codes)).format(n=len(codes))


def _note_on_case(actor: Actor, incident: Incident, case: Case, action: str, said: dict[str, str]) -> None:
    journal.record(
        actor=actor,
        action=f"case.{action}",
        subject_kind="case",
        subject_id=case.pk,
        topics=[f"case:{case.pk}", "centre", *([f"agency:{case.agency_id}"] if case.agency_id else [])],
        staff={"said": said, "incident": incident.code},
    )


def take_on(incident: Incident, case: Case) -> int:
    """Parties that are at work for a case already become tasks of the incident that it belongs to. Returns how many."""
    known = set(incident.tasks.filter(case=case).values_list("dispatch_id", flat=True))
    parties = [party for party in hands.tasks_of(case) if party.pk not in known]
    for party in parties:
        IncidentTask.objects.create(
            incident=incident,
            number=next_number(incident.tasks),
            way=IncidentTask.Way.IMMEDIATE,
            title=reference.categories()[case.category_id].name(get_language() or "vi")[:160],
            text=case.body[:2000],
            agency_id=party.agency_id,
            case=case,
            dispatch_id=party.pk,
            given_at=party.sent_at,
        )
    return len(parties)


def unlink_case(*, actor: Actor, code: str, case: str, why: str = "") -> None:
    """End a link; that it was one stays in both histories."""
    reason = text(why, 500, "why")
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        found = incident.cases.select_related("case").filter(
            case__code=engine.normal_code(case), state=LinkedCase.State.LINKED
        )
        link = found.first()
        if link is None:
            raise NotFound(_("This case does not belong to the incident."))
        if incident.tasks.filter(case=link.case, handed_over_at=None, called_off_at=None).exists():
            raise Conflict(
                _("A task of the incident is carried by {case}: it stays linked.").format(case=link.case.code)
            )
        link.state, link.ended_at, link.why = LinkedCase.State.UNLINKED, clock.now(), reason
        link.ended_by_id = actor.id
        link.save(update_fields=["state", "ended_at", "why", "ended_by"])
        words = telling.said(lambda: _("{case} was unlinked").format(case=link.case.code))
        telling.record(actor, incident, "unlinked", words, cases=[link.case.code], why=reason)
        said = telling.said(lambda: _("No longer belongs to the incident {code}").format(code=incident.code))
        _note_on_case(actor, incident, link.case, "left_incident", said)


def pass_cases(*, actor: Actor, code: str, cases: Iterable[str]) -> int:
    """Say of offered cases that they do not belong to it: they are not offered again. Returns how many."""
    wanted = [engine.normal_code(one) for one in cases][:BULK_MOST]
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        found = list(_visible(actor).filter(code__in=wanted).values_list("pk", flat=True))
        known = set(
            incident.cases.filter(case__in=found)
            .exclude(state=LinkedCase.State.UNLINKED)
            .values_list("case_id", flat=True)
        )
        fresh = [case_id for case_id in found if case_id not in known]
        LinkedCase.objects.bulk_create(
            LinkedCase(
                incident=incident, case_id=case_id, state=LinkedCase.State.PASSED, at=clock.now(), by_id=actor.id
            )
            for case_id in fresh
        )
        if fresh:
            words = telling.said(
                lambda: ngettext("{n} offered case is not of it", "{n} offered cases are not of it", len(fresh)).format(
                    n=len(fresh)
                )
            )
            telling.record(actor, incident, "passed", words, count=len(fresh))
        return len(fresh)


# Calls


def link_call(*, actor: Actor, code: str, call_id: UUID | str) -> LinkedCall:
    """Link a call of the hotline. Raises NotFound where there is none, Conflict where it is linked already."""
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        return join_call(actor, incident, call_id)


def unlink_call(*, actor: Actor, code: str, call_id: UUID | str) -> None:
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        link = incident.calls.filter(call_id=_uuid(call_id), ended_at=None).first()
        if link is None:
            raise NotFound(_("This call does not belong to the incident."))
        link.ended_at = clock.now()
        link.save(update_fields=["ended_at"])
        words = telling.said(lambda: _("Call {call} was unlinked").format(call=link.code))
        telling.record(actor, incident, "call_unlinked", words, call=link.code)


def join_call(actor: Actor, incident: Incident, call_id: UUID | str) -> LinkedCall:
    call = find_call(actor, call_id)
    if incident.calls.filter(call_id=call.pk, ended_at=None).exists():
        raise Conflict(_("{case} belongs to {code} already.").format(case=call.code, code=incident.code))
    link = LinkedCall.objects.create(
        incident=incident,
        call_id=call.pk,
        code=call.code,
        called_at=call.rang_at,
        at=clock.now(),
        by_id=actor.id if actor.kind == "staff" else None,
    )
    words = telling.said(lambda: _("Call {call} was linked").format(call=call.code))
    telling.record(actor, incident, "call_linked", words, call=call.code)
    if case := call.case:
        join_cases(actor, incident, [case])
    return link


def find_call(actor: Actor, call_id: UUID | str) -> Any:
    """A call by its id or code; only the centre sees calls. Raises NotFound."""
    found = hands.call(call_id) if actor.in_centre or actor.kind == "system" else None
    if found is None:
        raise NotFound(_("There is no such call."))
    return found


def _uuid(value: UUID | str) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except (ValueError, ValidationError):
        raise NotFound(_("There is no such call.")) from None
