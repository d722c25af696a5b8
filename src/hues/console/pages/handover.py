"""The end of a shift and the beginning of the next."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.console import actions, queries, shifts
from hues.console.models import Handover, HandoverPoint
from hues.console.pages import words
from hues.console.pages.triage import actor_of
from hues.console.sieve import Sieve
from hues.kernel import threads
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.people.decorators import centre_only


@require_GET
@centre_only
def page(request: HttpRequest) -> HttpResponse:
    """What the last shift left, one's own draft, and what was handed over before."""
    actor = actor_of(request)
    found = queries.handovers(actor, request.GET.get("after"))
    context = {
        "given": [_shown(one, actor) for one in found.waiting],
        "draft": _shown(found.draft, actor) if found.draft else None,
        "past": [_shown(one, actor) for one in found.past],
        "page": found.past,
        "shift": shifts.current(actor).name,
        "views": words.views(actor, Sieve("")),
        "live_topics": ["centre", f"person:{actor.id}"],
    }
    return render(request, "console/handover.html", context)


def _shown(one: Handover, actor: Actor) -> dict[str, Any]:
    """A handover with its points by where they come from."""
    points = [point for point in one.points.all() if one.state == Handover.State.DRAFT or not point.left_out]
    groups = [(source.label, [p for p in points if p.kind == source.name]) for source in threads.sources()]
    known = {source.name for source in threads.sources()}
    groups.append((_("Written by hand"), [p for p in points if p.kind not in known]))
    open_points = [point for point in points if point.taken_by_id is None]
    return {
        "handover": one,
        "groups": [(label, _sorted(rows)) for label, rows in groups if rows],
        "number": len(points),
        "open": len(open_points),
        "own": one.by_id == actor.id,
        "shift": one.shift_name,
    }


def _sorted(points: list[HandoverPoint]) -> list[HandoverPoint]:
    return sorted(points, key=lambda point: (point.due_at is None, point.due_at or 0, point.pk))


@require_POST
@centre_only
def begin(request: HttpRequest) -> HttpResponse:
    """A draft with what is open now; again: brought up to now."""
    actions.begin_handover(actor=actor_of(request))
    return redirect("/desk/handover#draft")


@require_POST
@centre_only
def write(request: HttpRequest) -> HttpResponse:
    """Keep the draft, and hand it on where that was pressed."""
    actor, sent = actor_of(request), request.POST
    notes = {
        int(name[5:]): str(value) for name, value in sent.items() if name.startswith("note-") and name[5:].isdecimal()
    }
    kept = frozenset(int(one) for one in sent.getlist("keep") if one.isdecimal())
    listed = frozenset(int(one) for one in sent.getlist("point") if one.isdecimal())
    try:
        actions.write_handover(
            actor=actor, words=sent.get("words", ""), notes=notes, left_out=listed - kept, add=sent.get("add", "")
        )
        if sent.get("give"):
            actions.give_handover(actor=actor)
            messages.success(request, _("Handed on. Who comes next has been told."))
            return redirect("/desk/handover")
    except (Invalid, Conflict) as problem:
        messages.error(request, next(iter(problem.fields.values()), "") or problem.detail)
    return redirect("/desk/handover#draft")


@require_POST
@centre_only
def take_point(request: HttpRequest, point_id: int) -> HttpResponse:
    try:
        point = actions.take_point(actor=actor_of(request), point_id=point_id)
    except (Conflict, Forbidden) as problem:
        messages.error(request, problem.detail)
        return redirect("/desk/handover")
    return redirect(f"/desk/handover#h-{point.handover_id}")


@require_POST
@centre_only
def take_all(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    try:
        actions.take_handover(actor=actor_of(request), handover_id=handover_id)
    except (Conflict, Forbidden) as problem:
        messages.error(request, problem.detail)
    return redirect(f"/desk/handover#h-{handover_id}")
