"""One's own duty: shifts, swaps to ask for and to answer, absences, the calendar's address, the number."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hues.city import clock as city_clock
from hues.duty import actions, phones, queries
from hues.duty.actions.noting import span_text
from hues.duty.models import Absence, Shift
from hues.duty.pages.frame import actor_of, frame, moment_of
from hues.duty.pages.shifts import person_of
from hues.kernel import clock
from hues.kernel.errors import Invalid, NotFound, Problem
from hues.people.decorators import staff_only
from hues.people.pages.forms import field, show


@never_cache
@staff_only
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context: dict[str, Any] = {
        "mine": queries.mine(actor),
        "phone": phones.numbers_of([actor.id]).get(actor.id, "") if actor.id else "",
    }
    return render(request, "duty/mine.html", context | frame(request, "mine"))


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """The calendar's address and the number for duty."""
    actor, problem = actor_of(request), None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "renew":
                actions.renew_feed(actor=actor)
                messages.success(request, _("The calendar has a new address. The old one is worthless now."))
            else:
                kept = actions.keep_phone(actor=actor, phone=request.POST.get("phone", ""))
                messages.success(request, _("Your number is kept.") if kept else _("Your number is erased."))
            return redirect("duty-settings")
        except Problem as raised:
            problem = raised
    number = phones.numbers_of([actor.id]).get(actor.id, "") if actor.id else ""
    phone = field(
        "phone", _("Your number for duty"), "phone", value=number,
        hint=_("The centre and your colleagues call it when something urgent comes. It is kept encrypted; empty it to erase it."),
    )  # fmt: skip
    address = request.build_absolute_uri(actions.feed_path(actor=actor))
    return show(request, "duty/settings.html", [phone], problem, feed=address, **frame(request, "mine"))


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def swap(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Ask a colleague to take one's shift."""
    actor, problem = actor_of(request), None
    shift = queries.shift_for(actor, shift_id)
    if shift.person_id != actor.id:
        raise NotFound(_("There is no such shift."))
    if request.method == "POST":
        try:
            back = request.POST.get("in_return", "")
            actions.ask_swap(
                actor=actor, shift_id=shift.pk, colleague_id=person_of(request, "colleague"),
                in_return_id=person_of(request, "in_return") if back else None, note_text=request.POST.get("note", ""),
            )  # fmt: skip
        except Problem as raised:
            problem = raised
        else:
            messages.success(request, _("Asked. You will hear as soon as there is an answer."))
            return redirect("duty-mine")
    return show(request, "duty/swap.html", _swap_fields(shift), problem, shift=shift, **frame(request, "mine"))


def _swap_fields(shift: Shift) -> list[dict[str, Any]]:
    free = {
        one.person_id: one
        for one in queries.candidates(shift.team, shift.starts_at, shift.ends_at, without=shift.person_id)
    }
    members = [one for one in queries.members_of(shift.team) if one.person_id != shift.person_id]
    members.sort(key=lambda one: (one.person_id not in free, one.person.name))
    hints = {True: _("free then"), False: _("has a shift or is absent then")}
    colleagues = [
        {"value": str(one.person_id), "label": one.person.name, "hint": hints[one.person_id in free]} for one in members
    ]
    now = clock.now()
    ahead = Shift.objects.filter(
        team=shift.team,
        called_off=False,
        starts_at__gt=now,
        starts_at__lt=now + timedelta(days=21),
        standby=shift.standby,
    ).exclude(person=shift.person_id)
    back = [
        {"value": str(one.pk), "label": f"{one.person.name}: {span_text(one.starts_at, one.ends_at)}"}
        for one in ahead.select_related("person").order_by("person__display_name", "starts_at")[:200]
    ]
    return [
        field("colleague", _("Whom do you ask?"), "radio", options=colleagues, required=True),
        field("in_return", _("In return for"), "select", options=[{"value": "", "label": _("nothing, they just take it")}, *back],
              hint=_("One of the same colleague's shifts that you take instead.")),
        field("note", _("A word to them"), maxlength=300),
    ]  # fmt: skip


@never_cache
@staff_only
@require_POST
def answer(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """The colleague's answer, the chief's decision, or a withdrawal."""
    actor, do = actor_of(request), request.POST.get("do", "")
    try:
        if do in ("accept", "decline"):
            done = actions.answer_swap(actor=actor, swap_id=swap_id, accept=do == "accept")
        elif do in ("approve", "refuse"):
            reason = request.POST.get("reason", "")
            done = actions.decide_swap(actor=actor, swap_id=swap_id, approve=do == "approve", reason=reason)
        elif do == "withdraw":
            done = actions.withdraw_swap(actor=actor, swap_id=swap_id)
        else:
            raise Invalid(_("Please choose an answer."))
    except Problem as problem:
        if isinstance(problem, NotFound):
            raise
        messages.error(request, problem.detail)
    else:
        messages.success(request, f"{_('Swap')}: {done.get_state_display()}.")
    return redirect("duty-mine")


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest) -> HttpResponse:
    """Say that one cannot come."""
    problem = None
    if request.method == "POST":
        try:
            made = actions.ask_absence(
                actor=actor_of(request), kind=request.POST.get("kind", ""), note_text=request.POST.get("note", ""),
                starts_at=moment_of(request.POST.get("starts_at", ""), "starts_at"),
                ends_at=moment_of(request.POST.get("ends_at", ""), "ends_at"),
            )  # fmt: skip
        except Problem as raised:
            problem = raised
        else:
            granted = made.state == Absence.State.GRANTED
            messages.success(request, _("Noted. Your chief is told.") if granted else _("Asked. Your chief decides."))
            return redirect("duty-mine")
    day = city_clock.today() + timedelta(days=1)
    fields = [
        field("kind", _("Why"), "radio", options=[{"value": v, "label": label} for v, label in Absence.Kind.choices], required=True),
        field("starts_at", _("Away from"), "datetime", value=f"{day}T00:00", required=True),
        field("ends_at", _("Away until"), "datetime", value=f"{day + timedelta(days=1)}T00:00", required=True),
        field("note", _("A word to your chief"), maxlength=300, hint=_("Only those who keep the roster read it.")),
    ]  # fmt: skip
    return show(request, "duty/absence.html", fields, problem, **frame(request, "mine"))


@never_cache
@staff_only
@require_POST
def decide_absence(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    actor, do = actor_of(request), request.POST.get("do", "")
    try:
        if do == "withdraw":
            done = actions.withdraw_absence(actor=actor, absence_id=absence_id)
        else:
            done = actions.decide_absence(actor=actor, absence_id=absence_id, grant=do == "grant")
    except Problem as problem:
        if isinstance(problem, NotFound):
            raise
        messages.error(request, problem.detail)
    else:
        messages.success(request, f"{_('Absence')}: {done.get_state_display()}.")
    return redirect("duty-mine")
