"""The sandbox's telephone: calls that nobody makes, to try the desk with. Only where HUES_SANDBOX=1."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hues.hotline import fold
from hues.hotline.models import Call
from hues.hotline.pages.frame import doing
from hues.hotline.plugins.sandbox import SOURCE, tell
from hues.kernel import limits
from hues.kernel.errors import NotFound
from hues.kernel.http import client_address
from hues.kernel.ids import new_id

PAGE = "/dev/calls"
KINDS = {"answer": fold.ANSWER, "hold": fold.HOLD, "resume": fold.RESUME, "hangup": fold.HANGUP}


@never_cache
@require_http_methods(["GET", "POST"])
def telephone(request: HttpRequest) -> HttpResponse:
    """Let a telephone ring, take it up, hang up."""
    if not settings.SANDBOX:
        raise NotFound(_("There is no such page."))
    if request.method == "POST":
        limits.spend(f"dev:calls:{client_address(request)}", limit=300, window=3600)
        return doing(request, lambda: _do(request), to=PAGE)
    rows = Call.objects.filter(source=SOURCE).exclude(state=Call.State.ENDED).order_by("rang_at")[:30]
    return render(request, "hotline/sandbox.html", {"calls": rows})


def _do(request: HttpRequest) -> None:
    kind = request.POST.get("kind", "")
    agent = "".join(request.POST.get("agent", "").split())[:32]
    if kind == "ring":
        number = request.POST.get("number", "")[:40]
        from hues.hotline import numbers

        tell(fold.RING, new_id().hex, number=numbers.read(number), direction="in", agent=agent)
    elif kind in KINDS:
        try:
            call = Call.objects.filter(pk=UUID(request.POST.get("call", "")), source=SOURCE).first()
        except ValueError:
            call = None
        if call is None:
            raise NotFound(_("There is no such call."))
        tell(KINDS[kind], call.source_id, agent=agent or call.extension)
