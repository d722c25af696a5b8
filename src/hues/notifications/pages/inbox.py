"""The inbox, and the way from a notice outside to what it is about."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hues.kernel.actors import Actor
from hues.notifications import actions, queries
from hues.notifications.texts import told
from hues.people.decorators import signed_in


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """One's notices. What is shown counts as read afterwards (this once it is marked as new); a POST reads all."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.id is not None  # noqa: S101 - signed in
    if request.method == "POST":
        actions.mark_read(actor=actor)
        return HttpResponseRedirect("/me/inbox")
    page = queries.notices(actor.id, request.GET.get("after"))
    rows = [
        {"notice": notice, "told": told(notice.template, notice.data, link=notice.link), "new": notice.read_at is None}
        for notice in page
    ]
    unread = [notice.pk for notice in page if notice.read_at is None]
    if unread and request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        actions.mark_read(actor=actor, notice_ids=unread)
    frame = "web/desk.html" if actor.kind == "staff" else "web/citizen.html"
    context = {"page": page, "rows": rows, "frame": frame, "live_topics": [f"person:{actor.id}"]}
    return render(request, "notifications/inbox.html", context)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD"])
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """From a notification or a mail to its page; from then on it counts as read."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    link = queries.link_of(actor.id, notice_id)
    if link is None:
        return HttpResponseRedirect("/me/inbox")
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        actions.mark_read(actor=actor, notice_ids=[notice_id])
    return HttpResponseRedirect(link or "/me/inbox")
