"""The page of canned replies: the city's, the shared ones, one's own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hues.cases.definition import pick
from hues.console import actions, gaps, queries, replies
from hues.console.models import Reply
from hues.console.pack import console
from hues.console.pages import words
from hues.console.pages.triage import actor_of
from hues.console.sieve import Sieve
from hues.kernel.actors import LEAD
from hues.kernel.errors import Conflict, Invalid
from hues.people.decorators import centre_only


def _verbs() -> list[dict[str, str]]:
    return [
        {"value": "ask", "label": _("Ask the sender")},
        {"value": "reject", "label": _("Do not accept")},
        {"value": "redirect", "label": _("Hand to another body")},
    ]


def _fields(sent: dict[str, str]) -> list[dict[str, Any]]:
    names = ", ".join(f"{{{name}}}" for name in gaps.NAMES)
    hint = _("Filled from the report: {names}. What you put in [brackets] is written by hand each time.")
    return [
        {"name": "verb", "label": _("For"), "kind": "select", "options": _verbs(), "required": True, "value": sent.get("verb", "ask")},
        {"name": "title", "label": _("Name of the reply"), "maxlength": replies.TITLE_MAX, "required": True, "value": sent.get("title", "")},
        {
            "name": "body", "label": _("Text"), "kind": "textarea", "rows": 4, "maxlength": replies.BODY_MAX, "required": True,
            "value": sent.get("body", ""), "hint": hint.format(names=names),
        },
        {"name": "shared", "label": _("For everybody in the centre"), "kind": "check", "value": sent.get("shared", "")},
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
@centre_only
def page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    sent = request.POST.dict() if request.method == "POST" else {}
    wrong: dict[str, str] = {}
    reply_id = _id(sent.get("reply") or request.GET.get("edit", ""))
    if request.method == "POST":
        try:
            actions.save_reply(
                actor=actor,
                title=sent.get("title", ""),
                body=sent.get("body", ""),
                verb=sent.get("verb", ""),
                choice=sent.get("choice", ""),
                shared=bool(sent.get("shared")),
                reply_id=reply_id,
            )
            messages.success(request, _("Kept."))
            return redirect("/desk/triage/replies")
        except (Invalid, Conflict) as problem:
            wrong = problem.fields or {"title": problem.detail}
    own = replies.own_and_shared(actor)
    edited = next((one for one in own if one.pk == reply_id), None)
    if edited and not sent:
        sent = {"verb": edited.verb, "title": edited.title, "body": edited.body, "shared": "1" if edited.shared else ""}
    fields = _fields(sent)
    for one in fields:
        one["error"] = wrong.get(one["name"], "")
    context = {
        "fields": fields,
        "errors": wrong,
        "edited": edited,
        "own": [_line(one, actor.id == one.owner_id or actor.has(LEAD)) for one in own],
        "city": [_city_line(one) for one in console().replies],
        "views": words.views(actor, Sieve("")),
        "live_topics": ["centre"],
        "surfaced": queries.untouched_count(),
    }
    return render(request, "console/replies.html", context, status=422 if wrong else 200)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _line(one: Reply, changeable: bool) -> dict[str, Any]:
    return {"reply": one, "verb": _verb(one.verb), "changeable": changeable}


def _city_line(one: Any) -> dict[str, Any]:
    language = words.language()
    return {"title": pick(one.titles, language), "body": pick(one.texts, language), "verb": _verb(one.verb)}


def _verb(name: str) -> str:
    return next((one["label"] for one in _verbs() if one["value"] == name), name)


@require_POST
@centre_only
def end(request: HttpRequest, reply_id: UUID) -> HttpResponse:
    actions.end_reply(actor=actor_of(request), reply_id=reply_id)
    messages.success(request, _("It is offered no longer. Its versions are kept."))
    return redirect("/desk/triage/replies")
