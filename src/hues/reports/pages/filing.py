"""Filing. With scripts, `/report` is the one page: photo, place, kind, send; the draft lives on the device (web/outbox.js) and
the page is a shell that says nothing of anybody. Without scripts the same address is the first of three plain steps,
whose draft belongs to the browser session. Either way `actions.file_report` is what checks; a guest confirms a phone number
at the end, and only then it counts.
"""

import secrets
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hues.city import queries as city
from hues.kernel import files, limits
from hues.kernel.errors import Invalid, NotFound, Problem
from hues.kernel.http import client_address
from hues.kernel.models import StoredFile
from hues.people.actions.codes import confirm_code, resend_code, send_code
from hues.people.queries import actor_for
from hues.people.sessions import key_of, sign_in
from hues.reports import actions, hints, nearby, one_page, queries, words
from hues.reports.models import ReportDraft

MOST_PHOTOS = actions.MAX_FILES
_KEY = "filing"  # in the session: {"draft": id, "token": what the draft belongs to}


def _held_draft(request: HttpRequest) -> ReportDraft | None:
    """This browser's draft, if it can still be sent."""
    held = request.session.get(_KEY) or {}
    if held:
        draft = queries.find_draft(draft_id=UUID(held["draft"]), session_hash=_mark(held["token"]))
        if draft is not None and draft.submitted_case_id is None:
            return draft
    return None


def _draft(request: HttpRequest) -> ReportDraft:
    """This browser's draft; a new one where there is none."""
    held = _held_draft(request)
    if held is not None:
        return held
    token = secrets.token_urlsafe(24)
    data = words.prefilled(request.GET)
    draft = actions.start_draft(actor=request.actor, session_hash=_mark(token), data=data)  # type: ignore[attr-defined]
    request.session[_KEY] = {"draft": str(draft.id), "token": token}
    request.session["drafts"] = [actions.draft_key(draft)]  # whose photos this browser may see
    return draft


def _mark(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _keep(
    request: HttpRequest,
    draft: ReportDraft,
    data: Mapping[str, Any],
    file_ids: Iterable[UUID] | None = None,
    alts: Mapping[UUID, str] | None = None,
) -> ReportDraft:
    return actions.update_draft(
        actor=request.actor,  # type: ignore[attr-defined]
        draft_id=draft.id,
        session_hash=draft.session_hash,
        data=data,
        file_ids=file_ids,
        alts=alts,
    )


def _photos(draft: ReportDraft) -> list[StoredFile]:
    found = StoredFile.objects.in_bulk(draft.file_ids)
    return [found[i] for i in draft.file_ids if i in found]


def _page(
    request: HttpRequest, name: str, draft: ReportDraft, step: int, errors: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    data = draft.data
    unit = city.unit_at(data["lat"], data["lon"]) if data.get("lat") is not None else None
    language = words.language()
    context = {
        "draft": data,
        "step": step,
        "errors": errors or {},
        "danger": [row.number for row in city.danger(str(data.get("body") or ""))],
        "photos": _photos(draft),
        "photo_alt": _("Your photo"),
        "unit_name": city.unit_by_id(unit.unit_id).name(language) if unit else "",
        "unit_approximate": bool(unit and unit.approximate),
        **more,
    }
    return render(request, f"reports/{name}.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The one page; without scripts, the first step: photos, and where."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        draft, errors, stay = _take_place(request, _draft(request))
        if not errors and not stay:
            return redirect("/report/what")
    else:
        draft = _held_draft(request) or ReportDraft(data=words.prefilled(request.GET))
    return _page(
        request,
        "file",
        draft,
        1,
        errors,
        remaining=MOST_PHOTOS - len(draft.file_ids),
        suggestions=words.place_options(request.POST),
        **one_page.context(draft.data),
    )


def _take_place(request: HttpRequest, draft: ReportDraft) -> tuple[ReportDraft, dict[str, str], bool]:
    """Keeps photos and place. Returns the draft, complaints by field, and whether to stay on the page."""
    kept = [i for i in draft.file_ids if str(i) != request.POST.get("remove")]
    errors: dict[str, str] = {}
    data = words.place_of(request.POST) | words.typed_besides(request.POST, draft.data)
    for upload in request.FILES.getlist("photos"):
        if len(kept) >= MOST_PHOTOS:
            errors["photos"] = _("At most %(limit)d photos.") % {"limit": MOST_PHOTOS}
            break
        try:
            limits.spend(f"photo:{client_address(request)}", limit=120, window=3600)
            if (upload.size or 0) > files.MAX_UPLOAD:  # a video
                limits.spend(f"video:{client_address(request)}", limit=20, window=3600)
            taken = files.store_upload(upload, draft_key=actions.draft_key(draft))
        except Problem as problem:
            errors["photos"] = f"{upload.name}: {problem.detail}"
            continue
        kept.append(taken.file.id)
        if (
            taken.lat is not None
            and taken.lon is not None
            and data.get("lat") is None
            and city.unit_at(taken.lat, taken.lon)
        ):
            data |= {"lat": taken.lat, "lon": taken.lon, "place_source": "photo"}
    outside = words.check_place(data)
    if outside:
        errors |= outside
        data = {**data, "lat": None, "lon": None}  # a point that cannot be is not kept
    try:
        draft = _keep(request, draft, data, kept)
    except Invalid as problem:
        errors |= problem.fields
    removing = "remove" in request.POST
    if not errors and not removing:
        errors |= words.find_point(draft, data)
        if errors == {} and data.get("lat") is not None:
            draft = _keep(request, draft, data)
    return draft, errors, removing


@require_http_methods(["GET", "POST"])
def what(request: HttpRequest) -> HttpResponse:
    """Step 2: what it is about, its questions, in one's own words."""
    draft = _draft(request)
    errors: dict[str, str] = {}
    look = request.POST.get("look", "")[:100]
    if request.method == "POST":
        data = words.what_of(request.POST, draft.data)
        if "change" in request.POST:
            data["category"] = ""
        try:
            draft = _keep(request, draft, data)
        except Invalid as problem:
            errors = dict(problem.fields)
        chosen = words.category_of(draft.data.get("category") or "")
        if "next" in request.POST and not errors:
            fresh = bool(chosen and request.POST.get("asked") != chosen.code and chosen.questions)
            errors = words.check_what(draft.data, chosen, has_photos=bool(draft.file_ids), ask_first=fresh)
            if not errors and not fresh:
                return redirect("/report/check")
            if fresh and set(errors) <= {f"answer_{q['code']}" for q in (chosen.questions if chosen else [])}:
                errors = {}  # the questions have only just appeared
    chosen = words.category_of(draft.data.get("category") or "")
    return _page(
        request,
        "file_what",
        draft,
        2,
        errors,
        previous="/report",
        look=look,
        body_field=words.body_field(draft.data.get("body"), errors.get("body", "")),
        chosen=words.shown_category(chosen),
        questions=words.shown_questions(chosen, draft.data.get("answers") or {}, errors),
        **words.picker(look or str(draft.data.get("body") or ""), bool(chosen)),
    )


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Step 3: is it right? Send; a guest's phone gets a code first."""
    draft = _draft(request)
    chosen = words.category_of(draft.data.get("category") or "")
    if chosen is None:
        return redirect("/report/what")
    guest = request.actor.kind == "guest"  # type: ignore[attr-defined]
    errors: dict[str, str] = {}
    phone = request.POST.get("phone", "")
    near = nearby.field(draft.data, request)
    if request.method == "POST":
        draft = _keep(
            request,
            draft,
            {"anonymous": "anonymous" in request.POST, "joins": nearby.joined(request.POST, near)},
            alts={i: request.POST[f"alt-{i}"] for i in draft.file_ids if f"alt-{i}" in request.POST},
        )
        try:
            if not guest:
                return _send(request, draft)
            actions.check_draft(actor=request.actor, draft=draft)  # type: ignore[attr-defined]
            sent = send_code(phone=phone, purpose="report", session_key=key_of(request), ip=client_address(request))
            request.session["code_to"] = sent.masked_phone
            return redirect("/report/confirm")
        except Invalid as problem:
            errors = words.page_fields(problem)
    return _page(
        request,
        "file_check",
        draft,
        3,
        errors,
        previous="/report/what",
        chosen=words.shown_category(chosen),
        place_text=words.place_text(draft.data),
        answers=words.shown_answers(chosen, draft.data.get("answers") or {}),
        needs_phone=guest,
        near_field=near,
        flags=hints.flags(str(draft.data.get("body") or "")),
        handler=hints.handler(chosen.code, draft.data.get("lat"), draft.data.get("lon"), words.language()),
        anonymous_field=words.anonymous_field(draft.data.get("anonymous", True)),
        phone_field=words.phone_field(phone, errors.get("phone", "")),
    )


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The six digits of a guest; then the report counts."""
    draft = _held_draft(request)
    if draft is None:
        return redirect("/report")
    errors: dict[str, str] = {}
    session_key, ip = key_of(request), client_address(request)
    if "again" in request.POST:
        resend_code(purpose="report", session_key=session_key, ip=ip)
        return redirect("/report/confirm")
    if request.method == "POST":
        try:
            user = confirm_code(
                code=request.POST.get("code", "")[:20], purpose="report", session_key=session_key, ip=ip
            )
            sign_in(request, user)
            request.actor = actor_for(user)  # type: ignore[attr-defined]
            return _send(request, draft)
        except Invalid as problem:
            errors = words.page_fields(problem)
    return _page(
        request,
        "file_confirm",
        draft,
        3,
        errors,
        previous="/report/check",
        code_field=words.code_field(errors.get("code", "")),
        masked_phone=request.session.get("code_to", ""),
        sandbox=settings.SANDBOX,
    )


def _send(request: HttpRequest, draft: ReportDraft) -> HttpResponse:
    """Pressed twice, the same case."""
    case = actions.submit_draft(
        actor=request.actor,  # type: ignore[attr-defined]
        draft_id=draft.id,
        session_hash=draft.session_hash,
    )
    return redirect(f"/report/sent/{case.code}")


def again(request: HttpRequest) -> HttpResponse:
    """Begin anew: the old draft is left to expire."""
    if request.method != "POST":
        raise NotFound(_("There is nothing here."))
    request.session.pop(_KEY, None)
    return redirect("/report")
