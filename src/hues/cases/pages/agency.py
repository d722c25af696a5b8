"""The page of whoever leads an agency: tomorrow today, what waits for their word, where the trouble comes from, who has how much."""

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.cases import actions, causes, handing, processes, reference, standing_in
from hues.cases.change import headline
from hues.cases.definition import pick
from hues.cases.pages import words
from hues.cases.queries import agency as leading
from hues.cases.queries import case_for
from hues.cases.queries import promises as promised
from hues.cases.step_forms import preset_of
from hues.city.models import Agency
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound, Problem
from hues.kernel.text import whole_number
from hues.people.decorators import STAFF_DOOR, allowing

may_open = allowing(lambda actor: actor.kind == "staff" and leading.has_page(actor), STAFF_DOOR)
DECIDED = {"approve_extension", "deny_extension", "approve_answer", "return_answer", "request_extension"}


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _chosen(request: HttpRequest) -> tuple[Agency, list[Agency]]:
    """The agency that the page is about, and all that may be chosen. Raises NotFound for any other."""
    actor = _actor(request)
    agencies = leading.agencies_for(actor)
    code = request.POST.get("agency") or request.GET.get("agency") or ""
    found = next((one for one in agencies if one.code == code), None) if code else leading.first_shown(actor, agencies)
    if found is None:
        raise NotFound(_("There is no such page."))
    return found, agencies


def _days(request: HttpRequest) -> int:
    days = whole_number(request.POST.get("days") or request.GET.get("days") or "")
    return days if days in causes.SPANS else 90


def _frame(request: HttpRequest) -> dict[str, Any]:
    chosen, agencies = _chosen(request)
    language = words.language()
    return {
        "chosen": chosen,
        "agency_name": chosen.name(language),
        "agencies": [{"code": one.code, "name": one.name(language)} for one in agencies] if len(agencies) > 1 else [],
        "days": _days(request),
        "spans": causes.SPANS,
        "here_url": f"/desk/agency?{urlencode({'agency': chosen.code, 'days': _days(request)})}",
        "live_topics": [f"agency:{chosen.pk}"],
    }


def back(request: HttpRequest, anchor: str = "") -> HttpResponse:
    chosen, _agencies = _chosen(request)
    return redirect(f"/desk/agency?{urlencode({'agency': chosen.code, 'days': _days(request)})}{anchor}")


@require_GET
@may_open
def agency(request: HttpRequest) -> HttpResponse:
    return render(request, "cases/agency.html", _frame(request) | _now(request) | _span(request))


@require_GET
@may_open
def now(request: HttpRequest) -> HttpResponse:
    """What changes by the minute, for the open page."""
    return render(request, "cases/agency_now.html", _frame(request) | _now(request))


def _now(request: HttpRequest) -> dict[str, Any]:
    """Six statements."""
    actor, (chosen, _agencies) = _actor(request), _chosen(request)
    people = {person.pk: person.name for person in reference.members(chosen.pk)}
    return {
        "counts": leading.counts(chosen.pk),
        "tomorrow": leading.next_working_day(),
        "waiting": [_row(one, people) for one in leading.waiting(actor, chosen.pk)],
        "soon": [_row(one, people) for one in leading.soon(actor, chosen.pk)],
        "late": [_row(one, people) for one in leading.late(actor, chosen.pk)],
        "loads": leading.workload(chosen.pk),
        "presets": _presets(),
    }


def _row(work: leading.Work, people: dict[UUID, str]) -> dict[str, Any]:
    case, language = work.case, words.language()
    asked = case.pending.get("request_extension") or {}
    return {
        "case": case,
        "title": headline(case, language),
        "icon": work.category.icon,
        "where": words.place(case.address, reference.units().get(case.unit_id or 0)),
        "state_name": work.state_name,
        "officer": people.get(case.officer_id) if case.officer_id else "",
        "can": work.can,
        "asked": {"days": asked.get("days"), "reason": asked.get("reason"), "by": people.get(_id(asked.get("by")))},
        "answer": case.answer if case.state == "approving" else "",
    }


def _id(given: Any) -> UUID:
    return UUID(given) if given else UUID(int=0)


def _presets() -> list[str]:
    """The reasons for more time that are given every day, of the process as it is today."""
    step = processes.latest("timed")[1].steps.get("request_extension")
    return [pick(preset.labels, words.language()) for preset in step.presets] if step else []


def _span(request: HttpRequest) -> dict[str, Any]:
    """What a span of time tells. Five statements."""
    actor, (chosen, _agencies), days = _actor(request), _chosen(request), _days(request)
    again = leading.recurrences(chosen.pk)
    return {
        "groups": [{"group": one, **_about(chosen, days, one)} for one in causes.groups(chosen.pk, days)],
        "figures": leading.on_time(chosen.pk, days),
        "kept": promised.kept(actor, agency_id=chosen.pk),
        "again": [_again(one) for one in again],
        "deputies": standing_in.named(chosen.pk),
        "may_name": standing_in.may_name(actor, chosen.pk),
        "own_id": actor.id,
        "people": [one for one in reference.members(chosen.pk) if one.pk != actor.id],
    }


def _about(chosen: Agency, days: int, group: causes.Group) -> dict[str, str]:
    """How a group is named where something is done about it, and its page."""
    asked = urlencode({"agency": chosen.code, "days": days, "key": group.key})
    return {"about_ref": f"cause:{chosen.code}:{group.key}", "about_url": f"/desk/agency/causes?{asked}"}


def _again(one: Any) -> dict[str, Any]:
    case, category = one.case, reference.categories()[one.case.category_id]
    return {"case": case, "title": category.name(words.language()), "days": one.days, "earlier": one.earlier.code}


# Decisions


@require_POST
@may_open
def decide(request: HttpRequest) -> HttpResponse:
    """One of the head's steps, from the list; back to the list."""
    actor, step = _actor(request), request.POST.get("step", "")
    case = case_for(actor, request.POST.get("code", ""))
    if step not in DECIDED:
        raise NotFound(_("There is no such step."))
    data: dict[str, Any] = preset_of(case, step, request.POST.get("preset"))
    if reason := request.POST.get("reason"):
        data["reason"] = reason
    try:
        version = whole_number(request.POST.get("version", ""))
        done = actions.take_step(actor=actor, code=case.code, step=step, data=data, version=version)
        messages.success(request, _("%(code)s: done.") % {"code": done.code})
    except Problem as problem:
        messages.error(request, f"{case.code}: {next(iter(problem.fields.values()), problem.detail)}")
    return back(request)


@require_GET
@may_open
def load(request: HttpRequest) -> HttpResponse:
    """What lies with one person, or with nobody, to be given to others."""
    frame, actor = _frame(request), _actor(request)
    people = reference.members(frame["chosen"].pk)
    asked = request.GET.get("officer", "")
    person = next((one for one in people if str(one.pk) == asked), None)
    if asked and person is None:
        raise NotFound(_("There is nobody of this agency with that name."))
    names = {one.pk: one.name for one in people}
    works = leading.held_by(actor, frame["chosen"].pk, person.pk if person else None)
    loads = leading.workload(frame["chosen"].pk)
    context = {
        "person": person,
        "rows": [_row(one, names) for one in works],
        "loads": [one for one in loads if one.person is not None and one.person != person],
        "may_give": any("give" in one.can for one in works),
    }
    return render(request, "cases/agency_load.html", frame | context)


@require_POST
@may_open
def hand_out(request: HttpRequest) -> HttpResponse:
    chosen, _agencies = _chosen(request)
    officer = next((one for one in reference.members(chosen.pk) if str(one.pk) == request.POST.get("officer")), None)
    if officer is None:
        messages.error(request, _("Please choose who gets them."))
        return back(request, "#workload")
    try:
        result = handing.hand_out(actor=_actor(request), codes=request.POST.getlist("codes"), officer_id=officer.pk)
    except Problem as problem:
        messages.error(request, next(iter(problem.fields.values()), problem.detail))
        return back(request, "#workload")
    if result.done:
        done = {"n": len(result.done), "name": officer.name}
        messages.success(request, _("%(n)s given to %(name)s.") % done)
    for code, reason in list(result.refused.items())[:5]:
        messages.error(request, f"{code}: {reason}")
    return back(request, "#workload")


# Causes


@require_GET
@may_open
def cause(request: HttpRequest) -> HttpResponse:
    """The reports of one group, and the form for one case that deals with their cause."""
    return _cause(request, {})


def _cause(request: HttpRequest, errors: dict[str, str], status: int = 200) -> HttpResponse:
    frame = _frame(request)
    key = request.POST.get("key") or request.GET.get("key") or ""
    found = next(iter(causes.groups_of(frame["chosen"].pk, key, frame["days"])), None)
    if found is None:
        raise NotFound(_("There is no such group."))
    rows, linked = causes.reports(_actor(request), found.codes)
    sent = request.POST if errors else None
    body = sent.get("body", "") if sent else _proposed(found)
    timed = [c for c in reference.categories().values() if c.active and c.process_group == "timed"]
    context = {
        "group": found,
        **_about(frame["chosen"], frame["days"], found),
        "title": found.category.name(words.language()),
        "rows": [{"case": one, "title": _title(one), "linked": linked.get(one.pk, "")} for one in rows],
        "points": [{"lat": one.lat, "lon": one.lon, "title": one.code} for one in rows if one.lat is not None],
        "causes": sorted(set(linked.values())),
        "free": sum(one.pk not in linked for one in rows),
        "may_open_cause": causes.may_open(_actor(request), frame["chosen"].pk),
        "errors": errors,
        "fields": [
            {
                "name": "category", "label": _("Kind"), "kind": "select", "required": True, "error": errors.get("category", ""),
                "value": sent.get("category", "") if sent else found.category.code,
                "options": [{"value": c.code, "label": c.name(words.language())} for c in sorted(timed, key=lambda c: c.position)],
            },
            {
                "name": "body", "label": _("What is behind it, what is to be done"), "kind": "textarea", "rows": 3, "maxlength": 2000,
                "required": True, "value": body, "error": errors.get("body", ""),
            },
        ],
    }  # fmt: skip
    return render(request, "cases/agency_cause.html", frame | context, status=status)


def _proposed(group: causes.Group) -> str:
    facts = {"n": group.count, "name": group.name or "—", "kind": group.category.name(words.language())}
    return _("%(n)s reports at %(name)s: %(kind)s. The cause has to be found and removed.") % facts


def _title(case: Any) -> str:
    return reference.categories()[case.category_id].name(words.language())


@require_POST
@may_open
def open_cause(request: HttpRequest) -> HttpResponse:
    chosen, _agencies = _chosen(request)
    sent = request.POST
    try:
        opened = causes.open_cause(
            actor=_actor(request),
            agency_id=chosen.pk,
            category=sent.get("category", ""),
            body=sent.get("body", ""),
            codes=sent.getlist("codes"),
        )
    except Problem as problem:
        return _cause(request, dict(problem.fields) or {"page": problem.detail}, problem.status)
    messages.success(request, _("%(code)s is open; every report tells of it.") % {"code": opened.code})
    return redirect(f"/desk/cases/{opened.code}")


# Deputies


@require_POST
@may_open
def name_deputy(request: HttpRequest) -> HttpResponse:
    chosen, _agencies = _chosen(request)
    sent = request.POST
    try:
        standing_in.name_deputy(
            actor=_actor(request),
            agency=chosen,
            deputy_id=_uuid(sent.get("deputy", "")),
            first=_date(sent.get("first", "")),
            last=_date(sent.get("last", "")),
            reason=sent.get("reason", ""),
        )
        messages.success(request, _("They decide in your place in those days."))
    except Problem as problem:
        messages.error(request, next(iter(problem.fields.values()), problem.detail))
    return back(request, "#deputies")


@require_POST
@may_open
def call_back(request: HttpRequest, stand_in_id: int) -> HttpResponse:
    try:
        standing_in.call_back(actor=_actor(request), stand_in_id=stand_in_id)
        messages.success(request, _("You decide yourself again."))
    except Problem as problem:
        messages.error(request, problem.detail)
    return back(request, "#deputies")


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise NotFound(_("There is no such account.")) from None


def _date(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Invalid(_("This must be a date."), fields={"first": _("This must be a date.")}) from None
