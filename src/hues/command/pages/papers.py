"""Papers: situation reports, texts for the public, the review; on the screen and as PDF."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hues.city.pack import settings as pack_settings
from hues.command import actions, reporting
from hues.command.actions.papers import bulletin_words
from hues.command.models import Incident, Review, ReviewPoint, Sitrep
from hues.command.pages import printing
from hues.command.pages.board import actor_of, frame
from hues.command.pages.forms import Sent, agency_options
from hues.command.queries.board import Board, board
from hues.command.queries.timeline import Times, moments, times
from hues.kernel import pdf
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.text import whole_number
from hues.people.decorators import staff_only


def _sitrep(found: Board, number: int) -> Sitrep:
    rows = found.incident.sitreps.select_related("signed_by", "drafted_by").filter(number=number)
    sitrep = (rows if found.on.whole else rows.filter(signed_at__isnull=False)).first()
    if sitrep is None:
        raise NotFound(_("There is no such situation report."))
    return sitrep


def _before(sitrep: Sitrep) -> dict[str, Any] | None:
    """The figures of the report before."""
    found = Sitrep.objects.filter(incident=sitrep.incident_id, number=sitrep.number - 1).values_list(
        "figures", flat=True
    )
    return found.first()


@require_http_methods(["GET", "POST"])
@staff_only
def sitrep(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A report: to be gone over while it is a draft, to be read once it is signed."""
    found = board(actor_of(request), code)
    shown = _sitrep(found, number)
    if request.method == "GET":
        return _sitrep_page(request, found, shown)
    sections = {name: request.POST.get(name, "") for name in reporting.SECTIONS}
    try:
        actions.write_sitrep(
            actor=actor_of(request),
            code=code,
            number=number,
            sections=sections,
            version=whole_number(request.POST.get("version", "")),
        )
        if request.POST.get("sign"):
            actions.sign_sitrep(actor=actor_of(request), code=code, number=number)
    except (Invalid, Conflict, Forbidden) as problem:
        messages.error(request, problem.detail)
        return _sitrep_page(request, found, shown, typed=sections, errors=problem.fields, status=problem.status)
    said = _("Report {n} is signed.") if request.POST.get("sign") else _("Saved as version {version}.")
    shown.refresh_from_db()
    messages.success(request, said.format(n=number, version=shown.version))
    return redirect(f"/desk/incidents/{code}/sitrep/{number}")


def _sitrep_page(
    request: HttpRequest, found: Board, shown: Sitrep, *, typed: Any = None, errors: Any = None, status: int = 200
) -> HttpResponse:
    texts = typed or shown.sections
    wrong = errors or {}
    asked = request.GET.get("version", "")
    old = shown.versions.filter(version=whole_number(asked) or 0).first() if asked and found.on.whole else None
    with translation.override(shown.language):
        sections = [
            {
                "name": name,
                "label": str(label),
                "text": (old.sections if old else texts).get(name, ""),
                "error": wrong.get(name, ""),
            }
            for name, label in reporting.SECTIONS.items()
        ]
    context = frame(found) | {
        "sitrep": shown,
        "sections": sections,
        "figures": reporting.compared(shown.figures, _before(shown)),
        "may_edit": found.on.works and not shown.signed_at and old is None,
        "versions": list(shown.versions.select_related("by").order_by("-version")) if found.on.whole else [],
        "old": old,
        "by_unit": printing.by_unit(shown, found.language),
        "by_category": printing.by_category(shown, found.language),
    }
    return render(request, "command/sitrep.html", context, status=status)


@require_POST
@staff_only
def sign(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Sign what is there, as it is."""
    found = board(actor_of(request), code)
    _sitrep(found, number)
    try:
        version = whole_number(request.POST.get("version", ""))
        actions.sign_sitrep(actor=actor_of(request), code=code, number=number, version=version)
    except (Conflict, Forbidden) as problem:
        messages.error(request, problem.detail)
    else:
        messages.success(request, _("Report {n} is signed.").format(n=number))
    return redirect(f"/desk/incidents/{code}/sitrep/{number}")


@require_GET
@staff_only
def sitrep_pdf(request: HttpRequest, code: str, number: int) -> HttpResponse:
    found = board(actor_of(request), code)
    shown = _sitrep(found, number)
    with translation.override(shown.language):
        paper = printing.sitrep_paper(found, shown, reporting.compared(shown.figures, _before(shown)))
    return pdf.answer(paper, f"{found.incident.code}-{number:02d}.pdf")


@require_http_methods(["GET", "POST"])
@staff_only
def bulletin(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A text for the public. Number 0 is the next one, filled in from the playbook."""
    found = board(actor_of(request), code)
    languages = pack_settings()["languages"]
    shown = found.incident.bulletins.filter(number=number).first()
    if not found.on.works or (shown is None and number):
        raise NotFound(_("There is no such page."))
    texts, errors, status = (shown.texts if shown else bulletin_words(found.incident)), {}, 200
    if request.method == "POST":
        texts = {language: request.POST.get(f"text_{language}", "") for language in languages}
        try:
            made = actions.prepare_bulletin(actor=actor_of(request), code=code, texts=texts)
        except (Invalid, Conflict) as problem:
            errors, status = problem.fields or {f"text_{languages[0]}": problem.detail}, problem.status
        else:
            messages.success(
                request,
                _("Text {n} is ready. It goes out once whoever commands has approved it.").format(n=made.number),
            )
            return redirect(f"/desk/incidents/{code}#papers")
    names = {"vi": _("In Vietnamese"), "en": _("In English")}
    fields = [
        {
            "name": f"text_{language}", "label": names.get(language, language), "kind": "textarea", "rows": 8,
            "value": texts.get(language, ""), "required": True, "maxlength": 1500, "counter": True,
            "error": errors.get(f"text_{language}", ""),
        }
        for language in languages
    ]  # fmt: skip
    context = frame(found) | {"bulletin": shown, "fields": fields, "errors": errors}
    return render(request, "command/bulletin.html", context, status=status)


# The review


@require_http_methods(["GET", "POST"])
@staff_only
def review(request: HttpRequest, code: str) -> HttpResponse:
    """What happened, how long it took, what was learnt."""
    found = board(actor_of(request), code)
    if found.incident.state == Incident.State.OPEN:
        raise NotFound(_("There is no such page."))
    if request.method == "GET":
        return _review_page(request, found)
    verb = request.POST.get("verb", "")
    try:
        said = _reviewed(request, code, verb)
    except (Invalid, Conflict, Forbidden) as problem:
        messages.error(request, problem.detail)
        return _review_page(request, found, verb=verb, errors=problem.fields, status=problem.status)
    if said:
        messages.success(request, said)
    return redirect(f"/desk/incidents/{code}/review")


def _reviewed(request: HttpRequest, code: str, verb: str) -> str:
    actor, sent = actor_of(request), Sent(request, verb)
    match verb:
        case "write" | "close":
            if "summary" in request.POST:
                actions.write_review(actor=actor, code=code, summary=sent.get("summary"))
            if verb == "close":
                actions.close_incident(actor=actor, code=code)
                return _("{code} is closed.").format(code=code)
            return _("Saved.")
        case "well" | "mend":
            point = actions.add_review_point(
                actor=actor,
                code=code,
                kind=verb,
                words=sent.get("text"),
                owner_id=sent.number("owner"),
                due_at=sent.day("due"),
            )
            return _("It is an order now: {code}.").format(code=point.order.code) if point.order else ""
        case "drop":
            actions.drop_review_point(actor=actor, code=code, point_id=sent.needed_number("point"))
            return ""
    raise NotFound(_("There is no such page."))


def _review_page(
    request: HttpRequest, found: Board, *, verb: str = "", errors: Any = None, status: int = 200
) -> HttpResponse:
    incident = found.incident
    written = Review.objects.filter(incident=incident).select_related("finished_by").first()
    points = list(written.points.select_related("owner", "order").order_by("pk")) if written else []
    open_still = incident.state == Incident.State.STANDING_DOWN
    post = request.POST
    context = frame(found) | {
        "review": written,
        "summary": post.get("summary", "") if verb in ("write", "close") else written.summary if written else "",
        "well": [point for point in points if point.kind == ReviewPoint.Kind.WELL],
        "mend": [point for point in points if point.kind == ReviewPoint.Kind.MEND],
        "may_review": open_still and found.on.works,
        "may_close": open_still and found.on.commands,
        "owners": agency_options(found) if open_still and found.on.commands else [],
        "typed": {name: post.get(name, "") for name in ("text", "owner", "due")} if verb in ("well", "mend") else {},
        "verb": verb,
        "errors": errors or {},
        "measured": measured(times(incident)),
        "moments": moments(incident, found.on, found.language),
        "tasks": found.tasks(),
        "unsigned": incident.sitreps.filter(signed_at=None).first(),
        "hand_overs": list(incident.hand_overs.select_related("person").order_by("since")),
        "forces": found.forces(),
        "sitreps": found.sitreps(),
    }
    return render(request, "command/review.html", context, status=status)


@require_GET
@staff_only
def review_pdf(request: HttpRequest, code: str) -> HttpResponse:
    found = board(actor_of(request), code)
    if found.incident.state == Incident.State.OPEN:
        raise NotFound(_("There is no such page."))
    paper = printing.review_paper(
        found, measured(times(found.incident)), moments(found.incident, found.on, found.language)
    )
    return pdf.answer(paper, f"{found.incident.code}-review.pdf")


def measured(found: Times) -> list[dict[str, str]]:
    """The times of a review, each with what it is of."""
    rows = [
        (_("It lasted"), found.lasted, _("from opening to stand-down")),
        (_("First task"), found.first_task, _("after the opening")),
        (_("Accepted"), found.to_accept, _("middle of {n} of {all} tasks").format(n=found.accepted, all=found.tasks)),
        (_("Slowest to accept"), found.slowest_accept, _("of {n} tasks").format(n=found.accepted)),
        (
            _("On the scene"),
            found.to_arrive,
            _("middle of {n} of {all} tasks").format(n=found.arrived, all=found.tasks),
        ),
        (_("Done"), found.to_done, _("middle of {n} of {all} tasks").format(n=found.done, all=found.tasks)),
    ]
    return [{"label": label, "value": span(value), "note": note} for label, value, note in rows]


def span(value: timedelta | None) -> str:
    """`2 h 05 min`; "–" for what was not measured."""
    if value is None:
        return "–"
    minutes = round(value.total_seconds() / 60)
    if minutes < 1:
        return _("under a minute")
    if minutes < 60:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    if minutes < 2880:
        return _("{h} h {m:02d} min").format(h=minutes // 60, m=minutes % 60)
    days, hours = divmod(minutes // 60, 24)
    return _("{d} days {h} h").format(d=days, h=hours)
