"""Giving orders and following them to the end; the rest of an order's life is on the page of its case."""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hues.cases import access, processes, reference
from hues.cases.definition import pick
from hues.city.calendar import city_calendar
from hues.city.clock import city_zone, local
from hues.kernel import clock
from hues.kernel.actors import AUDITOR, Actor
from hues.kernel.errors import Invalid
from hues.kernel.ids import new_id
from hues.kernel.text import whole_number
from hues.orders import actions, giving, queries
from hues.orders.models import Order
from hues.people.decorators import STAFF_DOOR, allowing

LISTS = {
    "open": gettext_lazy("Not finished"),
    "check": gettext_lazy("To decide"),
    "late": gettext_lazy("Late"),
    "closed": gettext_lazy("Closed"),
}
ICONS = {"open": "list", "check": "eye", "late": "warning", "closed": "check"}
TONES = {"check": "warn", "late": "bad"}
SOURCES = {
    "number": gettext_lazy("A figure"),
    "chart": gettext_lazy("A chart"),
    "case": gettext_lazy("A case"),
    "call": gettext_lazy("A call"),
    "incident": gettext_lazy("An incident"),
}
EVENING = time(17, 0)


def has_place(actor: Actor) -> bool:
    return actor.in_centre or actor.has(AUDITOR) or giving.may_give(actor) or giving.receives(actor)


staff_of_orders = allowing(lambda actor: actor.kind == "staff" and has_place(actor), STAFF_DOOR)
givers_only = allowing(giving.may_give, STAFF_DOOR)


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


# Lists


@require_GET
@staff_of_orders
def orders(request: HttpRequest) -> HttpResponse:
    return render(request, "orders/orders.html", _frame(request) | _rows(request))


@require_GET
@staff_of_orders
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for the open page."""
    return render(request, "orders/rows.html", _rows(request))


def _boxes(actor: Actor) -> list[str]:
    """Who gives or oversees sees what was given; who works for an agency what was given to it."""
    given = access.sees_all(actor) or giving.may_give(actor)
    return [*(["given"] if given else []), *(["received"] if giving.receives(actor) else [])]


def _asked(request: HttpRequest) -> tuple[str, str]:
    boxes = _boxes(_actor(request))
    box, which = request.GET.get("box", ""), request.GET.get("list", "")
    return (box if box in boxes else boxes[0]), (which if which in LISTS else "open")


def _frame(request: HttpRequest) -> dict[str, Any]:
    """One statement for each box."""
    actor, (box, which) = _actor(request), _asked(request)
    names = {
        "given": _("Given by us") if not access.sees_all(actor) else _("All orders"),
        "received": _("To my agency"),
    }
    boxes = []
    for name in _boxes(actor):
        found = queries.counts(actor, name)
        lists = [
            {"name": one, "label": label, "icon": ICONS[one], "count": found.get(one, 0), "tone": TONES.get(one, "")}
            for one, label in LISTS.items()
        ]
        boxes.append({"name": name, "label": names[name], "lists": lists})
    return {
        "boxes": boxes,
        "box_label": names[box],
        "list_label": LISTS[which],
        "may_give": giving.may_give(actor),
        "live_topics": access.topics_of(actor),
    }


def _rows(request: HttpRequest) -> dict[str, Any]:
    box, which = _asked(request)
    page = queries.orders(_actor(request), box, which, after=request.GET.get("after"))
    return {
        "box": box,
        "which": which,
        "page": page,
        "rows": [_row(one) for one in page],
        "rows_url": request.get_full_path().replace("/desk/orders", "/desk/orders/rows", 1),
    }


def _row(one: Order) -> dict[str, Any]:
    case, language = one.case, get_language() or "vi"
    agency = reference.agencies().get(case.agency_id or 0)
    office = reference.agencies().get(one.office_id)
    state = processes.process(case.process_id).states.get(case.state)
    return {
        "order": one,
        "case": case,
        "agency": agency.name(language) if agency else "",
        "office": office.name(language) if office else "",
        "giver": one.giver.name if one.giver else "",
        "state": pick(state.names, language) if state else case.state,
        "tone": {"reported": "info", "more_time": "warn", "done": "good"}.get(case.state, ""),
        "late": bool(case.answered_at and case.due_original_at and case.answered_at > case.due_original_at),
        "returned": int(case.source_data.get("returned", 0)),
        "source": SOURCES.get(one.source_kind, ""),
    }


@require_GET
@staff_of_orders
def given_from(request: HttpRequest) -> HttpResponse:
    """Orders that were given out of a figure, chart, case, call or incident: a fragment for the pages of other rooms."""
    kind, ref = request.GET.get("kind", ""), request.GET.get("ref", "")
    return render(request, "orders/already.html", {"already": _already(_actor(request), kind, ref)})


def _already(actor: Actor, kind: str, ref: str) -> queries.Already | None:
    return queries.already(actor, kind, [ref]).get(ref[:80])


# Giving


@require_http_methods(["GET", "POST"])
@givers_only
def new(request: HttpRequest) -> HttpResponse:
    """The form, filled in from what the order is about."""
    if request.method == "GET":
        return _form(request, {}, {})
    sent = request.POST
    try:
        agency = reference.agencies_by_code().get(sent.get("agency", ""))
        if agency is None:
            raise Invalid(_("Please choose an agency."), fields={"agency": _("Please choose an agency.")})
        case = actions.give_order(
            actor=_actor(request),
            agency_id=agency.pk,
            title=sent.get("title", ""),
            text=sent.get("text", ""),
            due_at=_deadline(sent.get("when", ""), sent.get("due", "")),
            evidence=sent.get("evidence", ""),
            files=whole_number(sent.get("files", "") or "0") or 0,
            source={name: sent.get(name, "") for name in ("kind", "ref", "label", "url")},
            form_key=_uuid(sent.get("form_key", "")),
        )
    except Invalid as problem:
        errors = dict(problem.fields) or {"page": problem.detail}
        return _form(request, sent.dict(), errors, status=422)
    messages.success(request, _("%(code)s was given. You see every step of it here.") % {"code": case.code})
    return redirect(f"/desk/cases/{case.code}")


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def _deadlines() -> dict[str, tuple[Any, datetime]]:
    """Deadlines that are given every day: until the evening of some day in the city."""
    now = local(clock.now())
    evening = datetime.combine(now.date(), EVENING, city_zone())
    days = city_calendar().add_working_days(clock.now(), 3).astimezone(city_zone())
    found = {
        "today": (_("Today, %(time)s"), evening),
        "tomorrow": (_("Tomorrow, %(time)s"), evening + timedelta(days=1)),
        "three": (_("In three working days"), datetime.combine(days.date(), EVENING, city_zone())),
        "week": (_("In a week"), evening + timedelta(days=7)),
    }
    soonest = now + 2 * actions.SHORTEST
    return {name: (label % {"time": "17:00"}, at) for name, (label, at) in found.items() if at > soonest}


def _deadline(when: str, typed: str) -> datetime:
    """The chosen deadline. Raises Invalid (due)."""
    known = _deadlines()
    if when in known:
        return known[when][1]
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise Invalid(_("Please say until when."), fields={"due": _("Please say until when.")}) from None
    return at if at.tzinfo else at.replace(tzinfo=city_zone())


def _form(request: HttpRequest, sent: dict[str, str], errors: dict[str, str], status: int = 200) -> HttpResponse:
    filled = sent or {name: value[:300] for name, value in request.GET.dict().items()}
    source = {name: filled.get(name, "") for name in ("kind", "ref", "label", "url")}
    context = {
        "errors": errors,
        "fields": _fields(_actor(request), filled, errors),
        "source": source | {"name": SOURCES.get(source["kind"], "")},
        "already": _already(_actor(request), source["kind"], source["ref"]),
        "already_url": "/desk/orders/from?" + urlencode({"kind": source["kind"], "ref": source["ref"]}),
        "form_key": filled.get("form_key") or str(new_id()),
        "live_topics": access.topics_of(_actor(request)),
        "box": "",
        "boxes": [],
    }
    return render(request, "orders/new.html", context, status=status)


def _fields(actor: Actor, filled: dict[str, str], errors: dict[str, str]) -> list[dict[str, Any]]:
    language = get_language() or "vi"
    agencies = [{"value": one.code, "label": one.name(language)} for one in giving.targets(actor)]
    whens = [{"value": name, "label": label} for name, (label, _at) in _deadlines().items()]
    whens.append({"value": "other", "label": _("Another time")})
    fields: list[dict[str, Any]] = [
        {
            "name": "agency", "label": _("Who carries it out"), "kind": "select", "required": True,
            "options": agencies,
        },
        {
            "name": "title", "label": _("The order in one line"), "required": True, "maxlength": 160, "minlength": 5,
            "hint": _("What is to be done, such as: clear the drains of the whole street."),
        },
        {
            "name": "text", "label": _("What exactly"), "kind": "textarea", "rows": 4, "required": True, "maxlength": 3500,
            "minlength": 10,
        },
        {
            "name": "when", "label": _("Until when"), "kind": "radio", "options": whens, "required": True,
            "value": filled.get("when") or "tomorrow",
        },
        {"name": "due", "label": _("Day and time"), "kind": "datetime"},
        {
            "name": "evidence", "label": _("What must prove it"), "maxlength": 500, "minlength": 10, "required": True,
            "value": filled.get("evidence", actions.asked_of_all()),
            "hint": _("Such as: photos of the cleaned drain from both ends, the list of households visited."),
        },
        {
            "name": "files", "label": _("Photos at least"), "kind": "number", "min": 0, "max": 10, "inputmode": "numeric",
            "value": filled.get("files") or "0",
        },
    ]  # fmt: skip
    for one in fields:
        one.setdefault("value", filled.get(one["name"], ""))
        one["error"] = errors.get(one["name"], "")
    return fields
