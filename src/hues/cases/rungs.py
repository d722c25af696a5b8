"""Who is told: the rungs of the ladder, as persons."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from hues.cases import reference
from hues.cases.models import Case, office_of
from hues.duty import queries as duty
from hues.kernel.actors import HEAD, LEAD, OFFICER, OPERATOR, Actor
from hues.kernel.journal import Notify
from hues.people.models import Membership
from hues.people.queries import today, valid_on

Holders = Mapping[str, Any]  # a filter on memberships


def notices(
    case: Case,
    messages: Mapping[str, Mapping[str, str]],
    *,
    template: str,
    actor: Actor,
    merged: Sequence[Case] = (),
) -> list[Notify]:
    """What to tell whom, each person once: `messages` holds the text for each rung, the first that reaches a person counts.

    The reporters of cases that were `merged` into this one are told with its reporter. One statement for roles and one for each rung
    of those on duty; none where no staff is told.
    Whoever acts is not told of it.
    """
    told: dict[UUID, Notify] = {}
    if (texts := messages.get("reporter")) is not None:
        for one in (case, *merged):
            if one.reporter_id:
                data = {"code": one.code, "texts": dict(texts), **how(one)}
                told.setdefault(one.reporter_id, Notify(one.reporter_id, template, f"/me/cases/{one.code}", data))
    staff_rungs = [rung for rung in messages if rung != "reporter"]
    for rung, person_id in _staff(case, staff_rungs):
        data = {"code": case.code, "texts": dict(messages[rung]), **how(case)}
        told.setdefault(person_id, Notify(person_id, template, f"/desk/cases/{case.code}", data))
    return [notice for person_id, notice in told.items() if person_id != actor.id]


def how(case: Case) -> dict[str, bool]:
    """How a notice of a case is told outside of the app: at any hour where it cannot wait, and with nothing said of what only
    its parties may know.
    """
    marks = {"urgent": case.group == "immediate", "restricted": case.visibility == "restricted"}
    return {name: True for name, holds in marks.items() if holds}


def _staff(case: Case, rungs: Collection[str]) -> Iterable[tuple[str, UUID]]:
    """One statement for roles, and one for each rung of those on duty."""
    if "officer" in rungs and case.officer_id:
        yield "officer", case.officer_id
    there = {rung: people for rung in rungs if (people := _there(case, rung))}
    yield from ((rung, person_id) for rung, people in there.items() for person_id in people)
    wanted = {rung: where for rung in rungs if rung not in there and (where := _alternatives(case, rung))}
    if not wanted:
        return
    condition = Q()
    for one in (one for alternatives in wanted.values() for one in alternatives):
        condition |= Q(**one)
    held = Membership.objects.filter(valid_on(today())).filter(condition, user__is_active=True)
    rows = list(held.values_list("user_id", "role", "agency_id").order_by("user_id"))
    for rung, alternatives in wanted.items():
        found = ([row[0] for row in rows if _is(row, where)] for where in alternatives)
        yield from ((rung, person_id) for person_id in next((people for people in found if people), ()))


def _there(case: Case, rung: str) -> list[UUID]:
    """Who stands on a rung by the roster of this moment; nobody where there is no roster, or a hole in it."""
    match rung:
        case "on_duty" if case.agency_id:
            return duty.people_on_duty(case.agency_id)
        case "team_chief" if case.agency_id:
            return duty.chiefs(case.agency_id)
        case "shift_lead":
            return duty.shift_leads()
    return []


def _is(row: tuple[UUID, str, int | None], where: Holders) -> bool:
    return row[1] in where["role__in"] and ("agency_id" not in where or row[2] == where["agency_id"])


def _alternatives(case: Case, rung: str) -> list[Holders]:
    """Which memberships a rung means; the first that somebody holds counts. The rungs of those on duty reach somebody in the end:
    what is urgent must not fall through a hole in a roster.
    """
    match rung:
        case "on_duty":
            return _some(_all_of(case), _holders(case, "centre"))
        case "team_chief":
            return _some(_holders(case, "heads"), _holders(case, "department"), _holders(case, "leads"))
        case "shift_lead":
            return _some(_holders(case, "leads"), _holders(case, "centre"))
        case "leader":
            return _some(_holders(case, "department"), _holders(case, "chair"), _holders(case, "leads"))
    return _some(_holders(case, rung))


def _some(*holders: Holders | None) -> list[Holders]:
    return [one for one in holders if one is not None]


def _all_of(case: Case) -> Holders | None:
    """All who work for the agency that handles a case."""
    if reference.is_centre(case.agency_id):
        return {"role__in": (OPERATOR, LEAD)}
    return {"role__in": (OFFICER, HEAD), "agency_id": case.agency_id} if case.agency_id else None


def _holders(case: Case, rung: str) -> Holders | None:
    """Which memberships a rung means; None where there are none (the officer in charge is a person, not a role)."""
    agency_id = case.agency_id
    match rung:
        case "centre":
            return {"role__in": (OPERATOR, LEAD)}
        case "leads":
            return {"role__in": (LEAD,)}
        case "chair":
            chair = reference.chair()
            return {"role__in": (HEAD,), "agency_id": chair.pk} if chair else {"role__in": (LEAD,)}
        case "giver":  # whoever leads the office that gave the order
            office = office_of(case)
            if reference.is_centre(office):
                return {"role__in": (LEAD,)}
            return {"role__in": (HEAD,), "agency_id": office} if office else None
        case "department":
            above = reference.superior_of(agency_id)
            return {"role__in": (HEAD,), "agency_id": above.pk} if above else None
        case "heads" | "officer" if reference.is_centre(agency_id):
            return {"role__in": (LEAD,) if rung == "heads" else (OPERATOR, LEAD)}
        case "heads":
            return {"role__in": (HEAD,), "agency_id": agency_id} if agency_id else None
        case "officer":
            return None if case.officer_id else _all_of(case)
    return None
