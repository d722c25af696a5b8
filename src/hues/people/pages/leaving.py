"""A copy of one's data, and the end of an account."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hues.city.clock import local
from hues.kernel import clock
from hues.kernel.errors import Conflict, NotFound, Problem
from hues.kernel.http import client_address
from hues.kernel.limits import spend
from hues.people import actions, confirming, erasing, queries
from hues.people.addresses import network
from hues.people.decorators import citizen_only
from hues.people.models import Erasure
from hues.people.pages.forms import field, show
from hues.people.pages.who import actor_of, user_of


@citizen_only
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    try:
        actions.ask_export(actor=actor_of(request))
        messages.success(request, _("We are putting your copy together. It takes a minute or two."))
    except Problem as problem:
        messages.error(request, problem.detail)
    return HttpResponseRedirect("/me/settings#data")


@never_cache
@citizen_only
@require_GET
def archive(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The ZIP, for its owner alone, in a browser that just proved to be theirs."""
    if not confirming.is_fresh(request, signing_in_counts=True):
        return HttpResponseRedirect("/confirm?next=/me/settings%23data")
    try:
        content = actions.fetch_export(actor=actor_of(request), export_id=export_id)
    except NotFound as problem:
        messages.error(request, problem.detail)
        return HttpResponseRedirect("/me/settings#data")
    name = f"hues-{local(clock.now()):%Y-%m-%d}.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


@never_cache
@citizen_only
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """What goes, what stays, what must wait; then, confirmed, it is done."""
    if request.method != "POST":
        return _erase_form(request)
    if not confirming.is_fresh(request):
        return _erase_form(request, Conflict(_("Please confirm first that it is you.")))
    if request.POST.get("sure") != "1" or request.POST.get("published") not in ("stay", "withdraw"):
        return _erase_form(request, Conflict(_("Please choose, and tick that you are sure.")))
    erasure = actions.erase_person(actor=actor_of(request), withdraw_public=request.POST["published"] == "withdraw")
    logout(request)
    return HttpResponseRedirect(f"/erasures/{erasure.receipt}")


def _erase_form(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    user = user_of(request)
    published = field(
        "published", _("What you published"), "radio", required=True, value="stay",
        options=[
            {"value": "stay", "label": _("It stays, without me"),
             "hint": _("The street light stays reported. Text and place remain as everyone saw them, linked to nobody.")},
            {"value": "withdraw", "label": _("It goes as well"),
             "hint": _("Texts and photos disappear. Only kind, ward, dates and result are still counted.")},
        ],
    )  # fmt: skip
    sure = field("sure", _("I know that this cannot be undone."), "check", required=True, value="")
    return show(
        request, "people/erase.html", [published, sure], problem,
        fresh=confirming.is_fresh(request),
        holds=erasing.holds_of(user.pk),
        restricted=queries.in_force().filter(user=user).exists(),
    )  # fmt: skip


@never_cache
@require_GET
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """How far an erasure is, for whoever has its number: it tells nothing about the person."""
    spend(f"receipt:{network(client_address(request))}", limit=60, window=3600)
    erasure = Erasure.objects.filter(receipt=number.upper()).first()
    if erasure is None:
        raise NotFound(_("There is no such receipt."))
    counts = erasure.done.get("counts", {})
    return render(
        request,
        "people/receipt.html",
        {
            "erasure": erasure,
            "lines": [{"label": label, "n": counts[name]} for name, label in _counted().items() if counts.get(name)],
            "finished": erasure.next_at is None,
            "held": _held(erasure),
        },
    )


def _counted() -> dict[str, str]:
    return {
        "reports_kept": _("Public reports that stay without your name"),
        "reports_erased": _("Reports erased"),
        "messages": _("Messages"),
        "case_photos": _("Photos"),
        "photos": _("Unused photos"),
        "entries": _("Entries of the record, emptied"),
        "notices": _("Notices"),
        "follows": _("Things followed"),
        "supports": _("“Me too”"),
        "drafts": _("Drafts"),
        "identity": _("Number and name"),
    }


def _held(erasure: Erasure) -> list[erasing.Hold]:
    return erasing.holds_of(erasure.person_id) if erasure.next_at else []
