"""When more people call than can be answered: the switch, who helps, and what callers hear."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.city import pack
from hues.city import queries as city
from hues.city.clock import today
from hues.hotline import actions, queries
from hues.hotline.actions.sounds import MOST_SECONDS
from hues.hotline.models import Surge
from hues.hotline.pages.frame import DESK, actor_of, doing, frame, readers_only, refused
from hues.hotline.policy import policy
from hues.kernel.actors import VOLUNTEER
from hues.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from hues.kernel.http.ranges import ranged
from hues.kernel.text import whole_number
from hues.people.models import Membership
from hues.people.queries import valid_on

SURGE = f"{DESK}/surge"


@require_GET
@readers_only
def surge(request: HttpRequest) -> HttpResponse:
    return _show(request, {}, {})


def _show(request: HttpRequest, sent: dict[str, str], errors: dict[str, str], status: int = 200) -> HttpResponse:
    context = frame(request, "surge")
    volunteers = (
        Membership.objects.filter(valid_on(today()), role=VOLUNTEER).select_related("user").order_by("valid_to")
    )
    context |= {
        "running": Surge.objects.filter(off_at=None).select_related("on_by").first(),
        "past": Surge.objects.exclude(off_at=None).select_related("on_by").order_by("-on_at")[:5],
        "policy": policy(),
        "volunteers": volunteers[:200],
        "announcements": queries.running_announcements(),
        "languages": pack.settings()["languages"],
        "sound_hint": _("WAV, Ogg, MP3, M4A or WebM, at most {n} seconds. A telephone can record it now.").format(
            n=MOST_SECONDS
        ),
        "fields": _fields(sent, errors),
        "errors": errors,
        "until": (today() + timedelta(days=3)).isoformat(),
    }
    return render(request, "hotline/surge.html", context, status=status)


def _fields(sent: dict[str, str], errors: dict[str, str]) -> list[dict[str, Any]]:
    language = get_language() or "vi"
    units = [{"value": row["code"], "label": row["name"]} for row in city.units(language)]
    names = {"vi": _("Text in Vietnamese"), "en": _("Text in English")}
    return [
        {"name": "unit", "label": _("Area"), "kind": "select", "value": sent.get("unit", ""), "error": errors.get("unit", ""),
         "options": [{"value": "", "label": _("The whole city")}, *units]},
        *({"name": f"text_{one}", "label": names.get(one, one), "kind": "textarea", "rows": 3, "maxlength": 600, "counter": True,
           "value": sent.get(f"text_{one}", ""), "error": errors.get(f"text_{one}", ""), "required": True}
          for one in pack.settings()["languages"]),
        {"name": "hours", "label": _("For how many hours"), "kind": "number", "value": sent.get("hours", "6"), "min": 1, "max": 168,
         "error": errors.get("hours", ""), "required": True},
    ]  # fmt: skip


@require_POST
@readers_only
def switch(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if request.POST.get("on") == "1":
        reason = request.POST.get("reason", "")[:400]
        return doing(request, lambda: actions.begin_surge(actor=actor, reason=reason), _("Surge mode is on."), to=SURGE)
    return doing(request, lambda: actions.end_surge(actor=actor), _("Surge mode is off."), to=SURGE)


@require_POST
@readers_only
def invite(request: HttpRequest) -> HttpResponse:
    username = request.POST.get("username", "")[:64]
    try:
        until = parse_date(request.POST.get("until", "")[:10])
    except ValueError:
        until = None
    return doing(
        request,
        lambda: actions.invite_volunteer(actor=actor_of(request), username=username, until=until),
        _("{name} may help at the telephones while surge mode is on.").format(name=username),
        to=SURGE,
    )


@require_POST
@readers_only
def announce(request: HttpRequest) -> HttpResponse:
    sent = {
        name: request.POST.get(name, "")[:4000]
        for name in request.POST
        if name in ("unit", "hours") or name.startswith("text_")
    }
    texts = {name.removeprefix("text_"): text for name, text in sent.items() if name.startswith("text_")}
    try:
        row = actions.write_announcement(
            actor=actor_of(request),
            unit_code=sent.get("unit", ""),
            texts=texts,
            hours=whole_number(sent.get("hours", "")) or 0,
        )
    except (Invalid, Conflict) as problem:
        return _show(request, sent, dict(problem.fields), 422)
    return doing(request, lambda: None, _("Callers hear version {n} from now on.").format(n=row.version), to=SURGE)


@require_POST
@readers_only
def attach(request: HttpRequest, announcement_id: UUID) -> HttpResponse:
    """A sound for one language."""
    language, sent = request.POST.get("language", "")[:8], request.FILES.get("sound")

    def deed() -> object:
        return actions.attach_sound(
            actor=actor_of(request), announcement_id=announcement_id, language=language, sent=sent
        )

    try:
        return doing(request, deed, _("Callers hear this sound from now on."), to=SURGE)
    except TooLarge as problem:
        return refused(request, problem, to=SURGE)


@require_GET
@readers_only
def sound(request: HttpRequest, announcement_id: UUID, sound_id: UUID) -> HttpResponseBase:
    """For those at the desk to hear what callers hear."""
    found = queries.sound_of(announcement_id, sound_id)
    try:
        return ranged(request, default_storage.open(found.name), "audio/wav")
    except FileNotFoundError:
        raise NotFound(_("This announcement is gone already.")) from None


@require_POST
@readers_only
def withdraw(request: HttpRequest, announcement_id: UUID) -> HttpResponse:
    deed = lambda: actions.withdraw_announcement(actor=actor_of(request), announcement_id=announcement_id)  # noqa: E731
    return doing(request, deed, _("Callers do not hear it any more."), to=SURGE)
