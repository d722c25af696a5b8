"""Promises by their day: kept, broken, moved, and the rate with what it is a share of."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from hues.cases import access, reference
from hues.cases.models import Promise
from hues.cases.pages import words
from hues.cases.queries import promises as promised
from hues.city.clock import local
from hues.kernel import clock
from hues.kernel.actors import AUDITOR, Actor
from hues.kernel.errors import NotFound
from hues.people.decorators import STAFF_DOOR, allowing

LISTS = {
    "coming": gettext_lazy("To come"),
    "past": gettext_lazy("Past"),
    "kept": gettext_lazy("Kept"),
    "broken": gettext_lazy("Not kept"),
    "moved": gettext_lazy("Moved"),
}
ICONS = {"coming": "calendar", "past": "clock", "kept": "check", "broken": "warning", "moved": "next"}
TONES = {"kept": "good", "broken": "bad", "dropped": "warn", "open": "", "void": ""}


def has_list(actor: Actor) -> bool:
    return actor.in_centre or actor.has(AUDITOR) or bool(access.agencies_of(actor))


@require_GET
@allowing(lambda actor: actor.kind == "staff" and has_list(actor), STAFF_DOOR)
def promises(request: HttpRequest) -> HttpResponse:
    """One page of promises, with the counts of a year. Two statements."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    which = request.GET.get("list", "")
    which = which if which in LISTS else "coming"
    agency = reference.agencies_by_code().get(request.GET.get("agency", ""))
    if request.GET.get("agency") and (agency is None or not _sees(actor, agency.pk)):
        raise NotFound(_("There is no such page."))
    agency_id = agency.pk if agency else None
    page = promised.promises(actor, which, agency_id=agency_id, after=request.GET.get("after"))
    context = {
        "which": which,
        "label": LISTS[which],
        "lists": [{"name": name, "label": label, "icon": ICONS[name]} for name, label in LISTS.items()],
        "page": page,
        "rows": [_row(one) for one in page],
        "kept": promised.kept(actor, agency_id=agency_id),
        "agency_name": agency.name(words.language()) if agency else "",
        "agency_code": agency.code if agency else "",
        "live_topics": access.topics_of(actor),
    }
    return render(request, "cases/promises.html", context)


def _sees(actor: Actor, agency_id: int) -> bool:
    return access.sees_all(actor) or agency_id in access.agencies_of(actor)


def _row(one: Promise) -> dict[str, Any]:
    case, language = one.case, words.language()
    agency = reference.agencies().get(one.agency_id or 0)
    return {
        "promise": one,
        "case": case,
        "title": reference.categories()[case.category_id].name(language),
        "icon": reference.categories()[case.category_id].icon,
        "where": words.place(case.address, reference.units().get(case.unit_id or 0)),
        "agency": agency.name(language) if agency else "",
        "state": _("Done after the day") if one.state == "broken" and one.done_at else one.get_state_display(),
        "tone": "warn" if one.state == "broken" and one.done_at else TONES[one.state],
        "left": (one.on - local(clock.now()).date()).days,
    }
