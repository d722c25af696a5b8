"""What was said in a call: opened for a reason, heard for a quarter of an hour, and who did is written down."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hues.hotline import access, actions, grounds, queries
from hues.hotline.actions import said
from hues.hotline.models import Call, Recording, RecordingAccess
from hues.hotline.pages.frame import DESK, actor_of, doing, frame, readers_only
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid, NotFound
from hues.kernel.http.ranges import ranged
from hues.kernel.text import whole_number

MOST = 50  # openings of one call on its page


@never_cache
@require_http_methods(["GET", "POST"])
@readers_only
def ask(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Why; then it opens."""
    actor = actor_of(request)
    call = queries.call_for(actor, call_id)
    if not access.may_open_recording(actor, call):
        raise NotFound(_("There is no such page."))
    sent = {name: request.POST.get(name, "")[:400] for name in ("ground", "reason")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            opened = actions.open_recording(actor=actor, call_id=call_id, ground=sent["ground"], reason=sent["reason"])
            return HttpResponseRedirect(f"{DESK}/heard/{opened.pk}")
        except Invalid as problem:
            errors = problem.fields
    options = [{"value": code, "label": name} for code, name in grounds.GROUNDS.items()]
    context = frame(request, "all") | {
        "call": call,
        "kept": said.stored(call),
        "errors": errors,
        "ground": {"name": "ground", "label": _("What for?"), "kind": "radio", "options": options, "value": sent["ground"],
                   "error": errors.get("ground", ""), "required": True},
        "reason": {"name": "reason", "label": _("In a few words"), "hint": _("It is kept, with your name and the time."),
                   "value": sent["reason"], "error": errors.get("reason", ""), "required": True, "maxlength": 300},
    }  # fmt: skip
    return render(request, "hotline/recording_ask.html", context, status=422 if errors else 200)


@never_cache
@require_GET
@readers_only
def heard(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """Sound and words, while the opening lasts; to leads and auditors, who opened it before."""
    actor = actor_of(request)
    opened = said.opened(actor, access_id)
    kept = said.stored(opened.call)
    context = frame(request, "all") | {
        "opened": opened,
        "call": opened.call,
        "sounds": [row for row in kept if row.kind == Recording.Kind.SOUND],
        "words": [said.transcript(row) for row in kept if row.kind == Recording.Kind.TRANSCRIPT],
        "held": next((row for row in kept if row.held_until), None),
        "delete_at": min((row.delete_at for row in kept), default=None),
        "log": log_of(actor, opened.call),
    }
    return render(request, "hotline/recording.html", context)


def log_of(actor: Actor, call: Call) -> list[RecordingAccess]:
    """Who listened to this call, newest first. One statement; nothing for whom the log is not meant."""
    if not access.may_read_log(actor):
        return []
    return list(call.accesses.select_related("by").order_by("-at")[:MOST])


@never_cache
@require_GET
@readers_only
def log(request: HttpRequest) -> HttpResponse:
    """Every opening of a recording: who, when, which call, what for. For leads and auditors."""
    actor = actor_of(request)
    if not access.may_read_log(actor):
        raise NotFound(_("There is no such page."))
    page = queries.openings(after=request.GET.get("after"))
    return render(request, "hotline/heard_log.html", frame(request, "heard") | {"page": page})


@never_cache
@require_GET
@readers_only
def audio(request: HttpRequest, access_id: UUID, recording_id: UUID) -> HttpResponseBase:
    """The sound, in parts where the player asks for parts (RFC 9110 §14)."""
    opened = said.opened(actor_of(request), access_id)
    row = next(
        (one for one in said.stored(opened.call) if one.pk == recording_id and one.kind == Recording.Kind.SOUND), None
    )
    if row is None:
        raise NotFound(_("There is no such page."))
    answer = ranged(request, said.sound(row), row.media_type)
    answer["Content-Disposition"] = "inline"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_POST
@readers_only
def hold(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Keep it longer, or let it go again."""
    days, reason = whole_number(request.POST.get("days", "")), request.POST.get("reason", "")[:400]
    deed = lambda: actions.hold_recording(actor=actor_of(request), call_id=call_id, days=days or 0, reason=reason)  # noqa: E731
    try:
        return doing(request, deed, _("Noted."), to=f"{DESK}/{call_id}")
    except Forbidden as problem:
        raise NotFound(problem.detail) from None
