"""Reports that are not sent yet: those kept on the phone (drawn by static/web/drafts.js, also without a network), and the
one that the server keeps for a browser without scripts.
"""

from hashlib import sha256
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from hues.cases import reference
from hues.reports import queries, words
from hues.reports.models import ReportDraft


@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    """Open to guests: what lies on the phone belongs to whoever holds it."""
    draft = _of_this_browser(request)
    context = {
        "begun": draft,
        "begun_title": _title(draft) if draft else "",
        "names": _names(),
        "none_title": _("Nothing waiting here"),
        "none_text": _("What you begin is kept on this phone until you send it, also without a network."),
        "new_label": _("Report something"),
    }
    return render(request, "reports/drafts.html", context)


@csrf_exempt  # another app opens this door, with no page of ours before it; it changes nothing
def shared(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Where photos of other apps arrive (the manifest's share_target). The service worker makes a draft of them and the
    server never sees them; only a browser that has lost its worker comes here, and begins with an empty form.
    """
    return redirect("/report")


def _of_this_browser(request: HttpRequest) -> ReportDraft | None:
    """The draft that the filing pages keep on the server, if there is anything in it."""
    held = request.session.get("filing") or {}
    if not held.get("draft") or not held.get("token"):
        return None
    mark = sha256(held["token"].encode()).hexdigest()
    draft = queries.find_draft(draft_id=UUID(held["draft"]), session_hash=mark)
    if draft is None or draft.submitted_case_id or not (draft.file_ids or draft.data.get("body")):
        return None
    return draft


def _names() -> dict[str, str]:
    """Code → name, in the reader's language."""
    return {code: kind.name(words.language()) for code, kind in reference.categories_by_code().items()}


def _title(draft: ReportDraft) -> str:
    return _names().get(draft.data.get("category") or "") or draft.data.get("body") or _("A photo")
