"""The developer's page of the sandbox: the text messages that would have been sent."""

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from hues.kernel.errors import NotFound
from hues.people.models import SandboxMessage

SHOWN = 50


@never_cache
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    if not settings.SANDBOX:
        raise NotFound(_("There is no such page."))
    newest = SandboxMessage.objects.order_by("-at")
    codes = Q(text__regex=r"#\d{6}$")  # what somebody waits for is not lost among calls to those on duty
    context = {"codes": newest.filter(codes)[:SHOWN], "texts": newest.exclude(codes)[:SHOWN]}
    return render(request, "people/sandbox_messages.html", context)
