"""The developer's page of the sandbox: the text messages that would have been sent."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from hues.kernel.errors import NotFound
from hues.people.models import SandboxMessage


@never_cache
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    if not settings.SANDBOX:
        raise NotFound(_("There is no such page."))
    return render(request, "people/sandbox_messages.html", {"texts": SandboxMessage.objects.order_by("-at")[:50]})
