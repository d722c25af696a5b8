"""Doors that a mail or a service worker opens: unsubscribing at one press, and the sandbox's mails."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from hues.kernel.errors import NotFound
from hues.notifications import actions
from hues.notifications.channels.mail import read_token
from hues.notifications.models import SandboxMail
from hues.notifications.wishes import KINDS


@csrf_exempt  # mail programs post without cookies (RFC 8058); the signed link is the permission, and it can do this alone
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link in a mail. Looking changes nothing (mail scanners look); pressing, or the mail program's POST, does."""
    try:
        person_id, kind = read_token(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound(_("There is no such page.")) from None
    done = request.method == "POST" and kind in KINDS and actions.unsubscribe(person_id=person_id, kind=kind)
    return render(request, "notifications/unsubscribe.html", {"done": done, "always": kind not in KINDS})


@never_cache
@require_GET
def sandbox_mails(request: HttpRequest) -> HttpResponse:
    """The developer's page of the sandbox: the mails that would have been sent."""
    if not settings.SANDBOX:
        raise NotFound(_("There is no such page."))
    return render(request, "notifications/sandbox_mails.html", {"mails": SandboxMail.objects.order_by("-at")[:50]})
