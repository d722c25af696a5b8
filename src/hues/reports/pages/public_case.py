"""The page of one public case, and what people may do on it: me too, follow, confirm, share."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import qrcode
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe
from qrcode.image.svg import SvgPathImage

from hues.cases import actions, captions, recurring
from hues.cases.pages.words import rating
from hues.cases.queries import public_case
from hues.cases.queries.public import PublicCase, similar_near
from hues.cases.queries.timeline import public_timeline
from hues.cases.supports import supported_by
from hues.kernel import files, limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.reports import checkback
from hues.reports.following.queries import case_follow
from hues.reports.pages import shown, standing

WORDS = (60, 3600)  # confirmations and "me too" of one person, an hour


@require_GET
def case(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "reports/public_case.html", _context(request, code))


@require_GET
def case_now(request: HttpRequest, code: str) -> HttpResponse:
    """The part that changes while the page is open."""
    return render(request, "reports/public_case_now.html", _context(request, code))


def _context(request: HttpRequest, code: str) -> dict[str, Any]:
    found = public_case(code)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    title, agency = shown.title(found.category), shown.name(found.agency)
    point = {"lat": found.lat, "lon": found.lon, "title": title} if found.lat is not None else None
    address = f"{settings.PUBLIC_URL}/cases/{found.code}"
    return {
        "case": found,
        "title": title,
        "where": shown.where(found.address, found.unit),
        "unit_name": shown.name(found.unit),
        "agency_name": agency,
        "standing": standing.standing(found, agency, proof=any(one.role == shown.AFTER for one in found.files)),
        "stage_line": standing.stage_line(found),
        "promise": standing.promise(found),
        "people": standing.people_text(found),
        "points": [point] if point else [],
        "map_label": _("Where it is"),
        "masked": found.visibility == "masked",
        "rating_text": rating(found.rating),
        "timeline": shown.lines(public_timeline(found.id), {found.answer}),
        "live_topics": [f"public:{found.id}"],
        "address": address,
        "share": share(title, shown.where(found.address, found.unit), found.code, address),
        "follows": case_follow(actor.id if actor.kind in ("citizen", "staff") else None, found.id),
        "me_too": found.is_open and found.state != "merged",
        "supported": bool(supported_by(actor.id if actor.kind == "citizen" else None, [found.id])),
        "nearby": [shown.row(row) | {"distance": shown.metres(row.distance)} for row in _similar(found)],
        "sign_in": f"/login?{urlencode({'next': f'/cases/{found.code}'})}",
        **result(found, actor),
        **shown.photos(found.files, captions.what(title, found.address)),
    }


def _similar(found: PublicCase) -> list[Any]:
    """What else is open nearby, for those who might report the same; a case that is over needs none."""
    return list(similar_near(found)) if found.is_open else []


def result(found: PublicCase, actor: Actor) -> dict[str, Any]:
    """What people say of a result, and whether this viewer may still say so. Nothing where there is no result."""
    if not checkback.stands(found):
        return {}
    person_id = actor.id if actor.kind == "citizen" else None
    tally = checkback.tally(found.id, found.reopened)
    thanks, _mine = checkback.thanked(found.id)
    said = checkback.word_of(person_id, found.id, found.reopened)
    return {
        "tally": tally,
        "tally_text": standing.tally_text(tally.fixed, tally.broken),
        "thanks_text": standing.thanks_text(thanks),
        "said": said,
        "can_say": said is None and actor.kind in ("citizen", "guest"),
        "note_field": note_field() if said is None and person_id and checkback.is_own(person_id, found.id) else None,
    }


def note_field(value: str = "", error: str = "") -> dict[str, Any]:
    """What somebody sees who had reported it and says that it is not fixed."""
    return {
        "name": "note",
        "label": _("What do you see now?"),
        "kind": "textarea",
        "rows": 2,
        "maxlength": checkback.NOTE_MAX,
        "required": True,
        "value": value,
        "error": error,
    }


def share(title: str, where: str, code: str, address: str) -> dict[str, str]:
    return {"title": f"{title} · {where}", "text": f"{title} · {where} ({code})", "url": address}


@require_POST
def fixed(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody's word on a result. Those whose own case it is say what they see, with photos if there are any."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    here = f"/cases/{code}"
    if actor.kind == "guest":
        return redirect(f"/login?{urlencode({'next': f'{here}#fixed'})}")
    is_fixed, note = request.POST.get("fixed") == "yes", request.POST.get("note", "")
    try:
        limits.spend(f"fixed:{actor.id}", limit=WORDS[0], window=WORDS[1])
        photos = [] if is_fixed else stored_photos(request, actor)
        said = checkback.say_whether_fixed(actor=actor, code=code, fixed=is_fixed, note=note, file_ids=photos)
    except Invalid as problem:
        context = _context(request, code) | {"errors": problem.fields, "broken_open": True}
        context["note_field"] = note_field(note, problem.fields.get("note", ""))
        return render(request, "reports/public_case.html", context, status=422)
    except (Conflict, Forbidden) as problem:
        messages.info(request, problem.detail)
        return redirect(f"{here}#fixed")
    messages.success(request, thanks_for(said))
    return redirect(f"/me/cases/{said.recurrence.code}" if said.recurrence else f"{here}#fixed")


def thanks_for(said: checkback.Said) -> str:
    if said.recurrence is not None:
        return _("It is with the same agency again, as a case of its own.")
    if said.reopened:
        return _("The case is open again.")
    return _("Thank you: this helps everyone.") if said.fixed else _("Thank you. It is counted and shown.")


def stored_photos(request: HttpRequest, actor: Actor) -> list[UUID]:
    """Photos of the form, kept. Raises Invalid on `photos`."""
    stored = []
    for upload in request.FILES.getlist("photos")[: recurring.FILES_MAX]:
        try:
            stored.append(files.store_image(upload, owner_id=actor.id).file.id)
        except Invalid as problem:
            raise Invalid(problem.detail, fields={"photos": f"{upload.name}: {problem.detail}"}) from problem
    return stored


@require_POST
def support(request: HttpRequest, code: str) -> HttpResponse:
    """ "Me too" of somebody without a script; pressed again, taken back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    here = f"/cases/{code}"
    if actor.kind == "guest":
        return redirect(f"/login?{urlencode({'next': here})}")
    try:
        if "withdraw" in request.POST:
            actions.withdraw_support(actor=actor, code=code)
            messages.success(request, _("Taken back."))
        else:
            actions.support_case(actor=actor, code=code)
            messages.success(request, _("Counted. You hear what becomes of it."))
    except (Conflict, Forbidden, Invalid) as problem:
        messages.info(request, problem.detail)
    return redirect(here)


@require_safe
def qr(request: HttpRequest, code: str) -> HttpResponse:  # noqa: ARG001 - a page's form
    """The address of a case as a picture, for what is printed and hung up."""
    found = public_case(code)
    picture = qrcode.make(f"{settings.PUBLIC_URL}/cases/{found.code}", image_factory=SvgPathImage, border=1)
    answer = HttpResponse(picture.to_string(), content_type="image/svg+xml")
    answer["Cache-Control"] = "public, max-age=86400"
    return answer
