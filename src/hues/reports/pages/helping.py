"""Filing for somebody who cannot do it alone: whom for, their code if they have a telephone, the report itself, and what to write down."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hues.city.clock import moment_text
from hues.kernel import limits
from hues.kernel.errors import Invalid
from hues.kernel.http import client_address
from hues.people.actions.codes import confirm_code, resend_code, send_code
from hues.people.decorators import STAFF_DOOR, allowing
from hues.people.sessions import key_of
from hues.reports import words
from hues.reports.helping import actions as helping
from hues.reports.pages import shown

helpers_only = allowing(helping.may_help, STAFF_DOOR)
PURPOSE = "report_for"


@require_http_methods(["GET", "POST"])
@helpers_only
def begin(request: HttpRequest) -> HttpResponse:
    """Whom for: their agreement, and their number if they have one."""
    errors: dict[str, str] = {}
    phone = request.POST.get("phone", "")[:30]
    if request.method == "POST":
        try:
            row = helping.begin(actor=request.actor, phone=phone, consent="consent" in request.POST)  # type: ignore[attr-defined]
            if "code" in request.POST and phone.strip():
                sent = send_code(phone=phone, purpose=PURPOSE, session_key=key_of(request), ip=client_address(request))
                request.session["behalf_to"] = sent.masked_phone
                return redirect(f"/report/for/{row.pk}")
            return redirect(f"/report?for={row.pk}")
        except Invalid as problem:
            errors = words.page_fields(problem)
    fields = {
        "consent": {
            "name": "consent",
            "label": _("They asked me to, and agree that I send this for them"),
            "kind": "check",
            "required": True,
            "error": errors.get("consent", ""),
            "value": "consent" in request.POST,
        },
        "phone": {
            "name": "phone",
            "label": _("Their mobile number"),
            "hint": _("They get the code of the case and a link to follow it. You will not see the number again."),
            "kind": "phone",
            "value": phone,
            "error": errors.get("phone", ""),
            "autocomplete": "off",
            "maxlength": 20,
        },
    }
    context = {"errors": errors, **{f"{name}_field": field for name, field in fields.items()}}
    return render(request, "reports/for_begin.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "POST"])
@helpers_only
def one(request: HttpRequest, behalf_id: UUID) -> HttpResponse:
    """Before the report: the code that the person reads out. After it: what to write down for them."""
    row = helping.find(actor=request.actor, behalf_id=behalf_id)  # type: ignore[attr-defined]
    if row.case is not None:
        context = {
            "case": row.case,
            "title": shown.title(row.case.category),
            "told": bool(row.sealed_phone or row.told_at),
        }
        return render(request, "reports/for_done.html", context | {"confirmed": row.person_id is not None})
    errors: dict[str, str] = {}
    ip, session_key = client_address(request), key_of(request)
    if "again" in request.POST:
        resend_code(purpose=PURPOSE, session_key=session_key, ip=ip)
        return redirect(f"/report/for/{row.pk}")
    if request.method == "POST":
        try:
            person = confirm_code(
                code=request.POST.get("code", "")[:20], purpose=PURPOSE, session_key=session_key, ip=ip
            )
            helping.confirm(actor=request.actor, behalf_id=row.pk, person=person)  # type: ignore[attr-defined]
            return redirect(f"/report?for={row.pk}")
        except Invalid as problem:
            errors = words.page_fields(problem)
    context = {
        "row": row,
        "errors": errors,
        "code_field": words.code_field(errors.get("code", "")) | {"autocomplete": "off"},
        "masked_phone": request.session.get("behalf_to", ""),
        "sandbox": settings.SANDBOX,
    }
    return render(request, "reports/for_code.html", context, status=422 if errors else 200)


@require_GET
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """The short link of the text message: where the case stands, for whoever holds the link. Nothing of the person."""
    limits.spend(f"link:{client_address(request)}", limit=120, window=3600)
    case = helping.by_link(token)
    context = {
        "case": case,
        "title": shown.title(case.category),
        "agency": shown.name(case.agency),
        "due": moment_text(case.due_at) if case.is_open and case.due_at else "",
    }
    response = render(request, "reports/for_follow.html", context)
    response["Referrer-Policy"] = "same-origin"  # the link goes nowhere else; a form of the page is still believed
    response["X-Robots-Tag"] = "noindex"
    return response
