"""The call desk: who waits, what is on my desk, and whether I take calls."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.hotline import access, actions, queries, telephony
from hues.hotline.models import Call
from hues.hotline.pages.frame import DESK, actor_of, back_to, desk_only, doing, frame, refused
from hues.kernel.errors import Conflict, Forbidden, Invalid


@require_GET
@desk_only
def desk(request: HttpRequest) -> HttpResponse:
    """Who waits, who talks; the call at one's own telephone pops up by itself."""
    actor = actor_of(request)
    context = frame(request, "desk")
    if not context["answers"] and not context["reads"]:
        return render(request, "hotline/over.html", context)
    context |= _queue(request) | _pop(request)
    context["seats"] = queries.seats() if context["reads"] else []
    if context["answers"]:
        context["recent"] = queries.calls(actor, mine=True, limit=8)
    return render(request, "hotline/desk.html", context)


def _queue(request: HttpRequest) -> dict[str, object]:
    actor = actor_of(request)
    rows = queries.live_calls(actor)
    return {
        "rows": rows,
        "now": queries.waiting(),
        "lead": access.may_lead(actor),
        "surge": access.in_surge(),
        "me": actor.id,
    }


def _pop(request: HttpRequest) -> dict[str, object]:
    """What is on one's own desk, with what its number reminds of."""
    actor = actor_of(request)
    call = queries.my_call(actor) if access.may_answer(actor) else None
    return {"call": call, "answers": access.may_answer(actor), **(facts(request, call) if call else {})}


def facts(request: HttpRequest, call: Call) -> dict[str, object]:
    """What the head of a call shows: its number while it runs, what can be done with it."""
    from hues.hotline import numbers

    actor = actor_of(request)
    machine = telephony.adapter()
    own = call.source == "desk"
    mine = access.may_handle(actor, call)
    theirs = machine is not None and call.source == telephony.source()
    verbs = machine.verbs if theirs and machine else frozenset(telephony.VERBS) if own else {telephony.HANG_UP}
    shows = mine and call.is_open and access.may_answer(actor)
    return {
        "hint": queries.hint(actor, call),
        "number_shown": numbers.shown(numbers.unseal(call.sealed_number, call.id)) if shows else "",
        "mine": mine,
        "verbs": verbs if mine else frozenset(),
        "sandbox_call": call.source == "sandbox",
    }


@require_GET
@desk_only
def queue(request: HttpRequest) -> HttpResponse:
    """The queue alone, for the open page."""
    return render(request, "hotline/parts/queue.html", _queue(request))


@require_GET
@desk_only
def pop(request: HttpRequest) -> HttpResponse:
    """One's own call alone, for the open page."""
    return render(request, "hotline/parts/pop.html", _pop(request) | {"machine": telephony.adapter()})


@require_GET
@desk_only
def side(request: HttpRequest) -> HttpResponse:
    """The side links alone, for the open page."""
    return render(request, "hotline/parts/side.html", frame(request, request.GET.get("place", "desk")[:16]))


@require_POST
@desk_only
def choose(request: HttpRequest) -> HttpResponse:
    """Available, on a break, away; and at which telephone."""
    extension = request.POST.get("extension")
    chosen = request.POST.get("chosen", "")
    return doing(
        request,
        lambda: actions.choose(actor=actor_of(request), chosen=chosen, extension=extension),
        to=back_to(request, DESK),
    )


@require_POST
@desk_only
def start(request: HttpRequest) -> HttpResponse:
    """A call that no telephone system tells of: written down by hand."""
    try:
        call = actions.start_call(
            actor=actor_of(request),
            number=request.POST.get("number", "")[:40],
            direction=request.POST.get("direction", "in"),
        )
    except (Invalid, Conflict, Forbidden) as problem:
        return refused(request, problem)
    return doing(request, lambda: None, _("Call %(code)s begins.") % {"code": call.code}, to=f"{DESK}/{call.pk}")
