"""Who is told: the rungs of the ladder, as persons."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from hues.cases import reference
from hues.cases.models import Case, office_of
from hues.kernel.actors import HEAD, LEAD, OFFICER, OPERATOR, Actor
from hues.kernel.journal import Notify
from hues.people.models import Membership
from hues.people.queries import today, valid_on


def notices(
    case: Case,
    messages: Mapping[str, Mapping[str, str]],
    *,
    template: str,
    actor: Actor,
    merged: Sequence[Case] = (),
) -> list[Notify]:
    """What to tell whom, each person once: `messages` holds the text for each rung, the first that reaches a person counts.

    The reporters of cases that were `merged` into this one are told with its reporter. At most one statement, none where no staff is told.
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
    wanted = {rung: where for rung in rungs if (where := _holders(case, rung)) is not None}
    if "officer" in rungs and case.officer_id:
        yield "officer", case.officer_id
    if not wanted:
        return
    condition = Q()
    for where in wanted.values():
        condition |= Q(**where)
    held = Membership.objects.filter(valid_on(today())).filter(condition, user__is_active=True)
    rows = list(held.values_list("user_id", "role", "agency_id").order_by("user_id"))
    for rung, where in wanted.items():
        for person_id, role, agency_id in rows:
            if role in where["role__in"] and ("agency_id" not in where or agency_id == where["agency_id"]):
                yield rung, person_id


def _holders(case: Case, rung: str) -> dict[str, Any] | None:
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
            return None if case.officer_id or not agency_id else {"role__in": (OFFICER, HEAD), "agency_id": agency_id}
    return None
