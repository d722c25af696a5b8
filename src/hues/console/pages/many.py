"""Decisions on many reports at once, and saved views."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hues.console import actions, sieve
from hues.console.pages import words
from hues.console.pages.triage import actor_of, body_of
from hues.kernel.errors import Conflict, Invalid
from hues.kernel.http.problems import wants_json
from hues.people.decorators import centre_only

_DATA = ("category", "agency", "reason", "to", "text", "parent")


@require_POST
@centre_only
def bulk(request: HttpRequest) -> HttpResponse:
    """One decision for many; carried out when its window is over."""
    sent = body_of(request)
    chosen = sent.get("chosen")
    if not isinstance(chosen, list) or not all(_pair(one) for one in chosen):
        raise Invalid(_("The request could not be read."))
    started = actions.start_bulk(
        actor=actor_of(request),
        verb=str(sent.get("verb") or ""),
        chosen=[(str(code), int(version)) for code, version in chosen],
        data={name: sent[name] for name in _DATA if sent.get(name)},
    )
    number = len(chosen)
    said = ngettext(
        "{n} report: done in a moment, nobody has been told yet",
        "{n} reports: done in a moment, nobody has been told yet",
        number,
    )
    return JsonResponse(
        {"id": str(started.pk), "left": words.seconds_left(started.due_at), "said": said.format(n=number)}
    )


def _pair(one: object) -> bool:
    return isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and isinstance(one[1], int)


@require_POST
@centre_only
def undo(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    """Take it back while that is possible."""
    said = _("Taken back: nothing was done, nobody was told.")
    try:
        done = actions.undo_bulk(actor=actor_of(request), bulk_id=bulk_id)
    except Conflict as problem:
        if wants_json(request):
            raise
        messages.error(request, problem.detail)
        return redirect("/desk/triage")
    if wants_json(request):
        return JsonResponse({"said": said})
    messages.success(request, said)
    code = done.items.select_related("case").get().case.code if done.alone else ""
    return redirect(f"/desk/triage?case={code}" if code else "/desk/triage")


@require_POST
@centre_only
def keep_filter(request: HttpRequest) -> HttpResponse:
    """Keep the view that is open under a name."""
    sent = body_of(request)
    query = {name: sent.get(name, "") for name in ("list", *sieve.NAMES)}
    name, shared = str(sent.get("name") or ""), bool(sent.get("shared"))
    kept = actions.save_filter(actor=actor_of(request), name=name, query=query, shared=shared)
    return redirect(sieve.read(kept.query).address)


@require_POST
@centre_only
def drop_filter(request: HttpRequest, filter_id: UUID) -> HttpResponse:
    actions.remove_filter(actor=actor_of(request), filter_id=filter_id)
    return redirect("/desk/triage")
