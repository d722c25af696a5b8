"""The room of triage: the list at the left, the case at the right, everything by one key. Decisions are JSON; without scripts they are forms."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.cases import engine, reference
from hues.cases.actions import note_read
from hues.city.clock import city_zone, time_text
from hues.console import actions, leases, plan, queries, replies, sieve
from hues.console.models import Bulk
from hues.console.pages import words
from hues.console.sieve import Sieve
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid
from hues.kernel.http import read_json
from hues.kernel.http.problems import wants_json
from hues.kernel.text import whole_number
from hues.people.decorators import centre_only


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def ids(sent: Any) -> list[UUID]:
    """Ids that a page sent; what is none is left aside."""
    found = []
    for one in sent if isinstance(sent, list) else []:
        try:
            found.append(UUID(str(one)))
        except ValueError:
            continue
    return found[:300]


def body_of(request: HttpRequest) -> Mapping[str, Any]:
    sent = read_json(request) if request.content_type == "application/json" else request.POST.dict()
    if not isinstance(sent, dict):
        raise Invalid(_("The request could not be read."))
    return sent


@require_GET
@centre_only
def triage(request: HttpRequest) -> HttpResponse:
    """The whole room. Opening it takes the first case that nobody has, or the one that the address names."""
    actor = actor_of(request)
    view = sieve.read(request.GET.dict())
    code = request.GET.get("case") or ""
    if not code and view.list != "untouched":
        code = actions.claim_next(actor=actor, view=view) or ""
    context = {
        "view": view,
        "views": words.views(actor, view),
        "filters": view.given,
        "live_topics": ["centre", f"person:{actor.id}"],
        "categories": words.category_options(),
        "agencies": words.agency_options(),
        "units": _units(),
        "ages": words.ages(),
        "reasons": words.choices("reject"),
        "targets": words.choices("redirect"),
        "wakes": words.wake_options(),
        "beat": leases.BEAT_SECONDS,
        "bulks": words.waiting(queries.waiting_bulks(actor)),
        "query": json.dumps(view.query),
    }
    context |= _list(actor, view, request.GET.get("after"))
    if code:
        context |= _case(request, code)
    context["points_plain"] = json.loads(str(context.get("points") or "[]"))
    return render(request, "console/triage.html", context)


def _units() -> list[tuple[str, str]]:
    current = [unit for unit in reference.units().values() if unit.valid_to is None]
    return [(unit.code, unit.name(words.language())) for unit in sorted(current, key=lambda unit: unit.sort_key)]


def _list(actor: Actor, view: Sieve, after: str | None) -> dict[str, Any]:
    if view.list == "untouched":
        lost = queries.untouched(actor, after)
        return {"lost": [words.lost_words(one) for one in lost], "page": lost, "rows": []}
    page = queries.listed(actor, view, after)
    return {"rows": [words.row_words(row) for row in page], "page": page, "lost": None}


def _case(request: HttpRequest, code: str) -> dict[str, Any]:
    """An open case: taken, if nobody else has it; read, so that its sender sees that somebody did."""
    actor = actor_of(request)
    found = queries.open_for(actor, code)
    ahead = request.GET.get("ahead") == "1" or request.method == "POST"
    if found.lease is None:
        leases.take(actor, found.case.pk, ahead=ahead)
        if not ahead:
            note_read(actor=actor, code=found.case.code)
    chosen = {name: request.GET.get(name, "") for name in ("category", "agency")}
    planned = plan.plan_for(found.case, **chosen, parties=True)
    return words.case_words(actor, found, planned)


@require_GET
@centre_only
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    view = sieve.read(request.GET.dict())
    return render(
        request, "console/list.html", {"view": view, **_list(actor_of(request), view, request.GET.get("after"))}
    )


@require_GET
@centre_only
def views(request: HttpRequest) -> HttpResponse:
    """The side alone: views with their counts."""
    view = sieve.read(request.GET.dict())
    return render(request, "console/views.html", {"views": words.views(actor_of(request), view), "view": view})


@require_GET
@centre_only
def case(request: HttpRequest, code: str) -> HttpResponse:
    """One case alone; `category` and `agency`: as it would be decided with these."""
    return render(request, "console/case.html", _case(request, code))


@require_POST
@centre_only
def next_case(request: HttpRequest) -> HttpResponse:
    """Fetches the next case ahead, and keeps it for this operator; 204 where nothing is left."""
    sent = body_of(request)
    given = sent.get("view")
    view = sieve.read(given if isinstance(given, dict) else {})
    if view.list == "untouched":
        return HttpResponse(status=204)
    code = actions.claim_next(actor=actor_of(request), view=view, skip=ids(sent.get("skip")), ahead=True)
    if code is None:
        return HttpResponse(status=204)
    return render(request, "console/case.html", _case(request, code))


@require_POST
@centre_only
def beat(request: HttpRequest) -> HttpResponse:
    """The heartbeat of an open page: renews what it holds, says who is at what, and whether something was taken out of its hands."""
    actor, sent = actor_of(request), body_of(request)
    held, reading = ids(sent.get("held")), next(iter(ids([sent.get("reading")])), None)
    wanted = list(dict.fromkeys([*([reading] if reading else []), *held]))
    kept = actions.renew(actor, wanted, reading=reading)
    if left := ids(sent.get("left")):
        actions.release(actor, left)
    lost = [one for one in wanted if one not in kept]
    whose = {}
    for one in lost[:4]:
        if (lease := leases.of_case(one)) is not None and lease.operator_id != actor.id:
            whose[str(one)] = lease.operator.name
        elif lease is None and leases.take(actor, one, ahead=one != reading):  # the page slept, and nobody came
            kept.add(one)
    if reading in kept and sent.get("opened"):
        note_read(actor=actor, code=str(sent["opened"]))
    present = [{"code": one.code, "who": one.who} for one in leases.present(actor) if not one.mine]
    return JsonResponse({"lost": whose, "present": present})


@require_POST
@centre_only
def take_over(request: HttpRequest, code: str) -> HttpResponse:
    """Out of a colleague's hands into one's own."""
    found = actions.take_over(actor=actor_of(request), code=code)
    if wants_json(request):
        return JsonResponse({"code": found.code})
    return redirect(f"/desk/triage?case={found.code}")


@require_POST
@centre_only
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """A decision. What this answers with 200 is done, or will be when its undo window is over (`id` and `left` say so); anything else says
    what to mend, and the case is still there."""
    actor, sent = actor_of(request), body_of(request)
    verb, version = str(sent.get("verb") or ""), _version(sent.get("version"))
    waits: Bulk | None = None
    try:
        match verb:
            case "hold":
                said = _hold(actor, code, sent)
            case "take_up":
                actions.take_up(actor=actor, code=code)
                said = _("Taken up again")
            case _:
                done = actions.start_decision(actor=actor, code=code, verb=verb, data=_data(sent), version=version)
                said, waits = done.said, done.waits
    except (Conflict, Invalid) as problem:
        if wants_json(request):
            raise
        messages.error(request, next(iter(problem.fields.values()), "") or problem.detail)
        return redirect(f"/desk/triage?case={code}")
    if wants_json(request):
        back = {"id": str(waits.pk), "left": words.seconds_left(waits.due_at)} if waits else {}
        return JsonResponse({"code": engine.normal_code(code), "said": said, **back})
    if waits is None:  # else it stands beside the button that takes it back
        messages.success(request, f"{engine.normal_code(code)}: {said}")
    return redirect("/desk/triage")


_TEXTS = (
    "category", "agency", "team", "priority", "visibility", "public_body", "public_address", "reason", "to", "text", "parent",
)  # fmt: skip


def _data(sent: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {name: str(sent[name]) for name in _TEXTS if name in sent}
    if isinstance(sent.get("public_files"), list):
        data["public_files"] = [str(one) for one in sent["public_files"]]
    return data


def _version(sent: Any) -> int | None:
    return sent if isinstance(sent, int) and not isinstance(sent, bool) else whole_number(str(sent or ""))


def _hold(actor: Actor, code: str, sent: Mapping[str, Any]) -> str:
    wake = str(sent.get("wake") or "")
    at = next((option["at"] for option in words.wake_options() if option["value"] == wake), None) or _moment(wake)
    hold = actions.hold_case(actor=actor, code=code, reason=str(sent.get("reason") or ""), wake_at=at)
    return _("Put aside until {time}").format(time=time_text(hold.wake_at))


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            _("Something is missing or not right yet."), fields={"wake_at": _("Please choose when it comes back.")}
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=city_zone())


@require_GET
@centre_only
def reply_choices(request: HttpRequest, code: str) -> HttpResponse:
    """The canned replies of a verb, filled from the case as far as it can."""
    actor = actor_of(request)
    found = queries.open_case(actor, code)
    verb = request.GET.get("verb", "")
    if verb not in replies.VERBS:
        raise Invalid(_("There is no such decision."), fields={"verb": _("This is not one of the choices.")})
    offered = replies.offered(actor, found, verb, agency=request.GET.get("agency_name", "")[:200])
    return JsonResponse({"replies": [{**vars(one), "gaps": list(one.gaps)} for one in offered]})
