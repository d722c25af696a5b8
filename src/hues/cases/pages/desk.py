"""The desk: what will be late next, one case with everything in one place, and the steps of its process."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from hues.cases import access, actions, panels, processes, reference
from hues.cases.models import CaseFile
from hues.cases.pages import words
from hues.cases.pages.previews import preview
from hues.cases.queries import CasePage, StepView, case_for, case_page, inbox, inbox_counts, queues_for
from hues.cases.queries.inbox import InboxRow, Queue
from hues.cases.step_forms import name_of, preset_of, step_data, step_fields
from hues.kernel.actors import AUDITOR, LEAD, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.text import whole_number
from hues.people.decorators import staff_only

_ICONS = {
    "triage": "inbox", "checking": "eye", "extensions": "calendar", "late": "warning", "planned": "calendar", "reopened": "merge",
    "unhappy": "chat", "all": "list", "new": "inbox", "today": "clock", "week": "calendar", "mine": "user", "waiting": "pause",
}  # fmt: skip
_URGENT = {"late": "bad", "triage": "warn", "checking": "warn"}
_HELP = {
    "late": gettext_lazy("Past their due date, the longest first."),
    "triage": gettext_lazy("Nobody has read these yet; what must be read first is on top."),
    "checking": gettext_lazy("Answered by agencies: is it really done, and does the photo prove it?"),
    "waiting": gettext_lazy("Somebody else must act; their clocks stand still."),
    "planned": gettext_lazy("Promised for a date, and open in public until then."),
}


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _topics(actor: Actor) -> list[str]:
    """What moves this desk's lists."""
    return access.topics_of(actor)


def _frame(request: HttpRequest, queue: str) -> dict[str, Any]:
    """What surrounds every page of the desk. One statement for the counts."""
    actor = _actor(request)
    queues = queues_for(actor)
    chosen = next((one for one in queues if one.name == queue), queues[0])
    return {
        "queue": chosen.name,
        "queue_label": chosen.label,
        "queue_help": _HELP.get(chosen.name, _("What is due first is on top.")),
        "queues": _with_counts(queues, inbox_counts(actor)),
        "desk_name": _desk_name(actor),
        "live_topics": _topics(actor),
        "filters": {"q": request.GET.get("q", "")},
        "lead": actor.has(LEAD),
        "handles_identity": actor.has(LEAD, AUDITOR),
    }


def _with_counts(queues: tuple[Queue, ...], counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "label": one.label,
            "icon": _ICONS.get(one.name, "list"),
            "count": counts.get(one.name, 0),
            "tone": _URGENT.get(one.name, "") if counts.get(one.name) else "",
        }
        for one in queues
    ]


def _desk_name(actor: Actor) -> str:
    if actor.in_centre:
        return _("Operations centre")
    own = [reference.agencies()[i] for i in sorted(actor.agency_ids) if i in reference.agencies()]
    return own[0].name(words.language()) if own else _("Audit")


@require_GET
@staff_only
def desk(request: HttpRequest) -> HttpResponse:
    """A queue, ordered by risk of lateness."""
    context = _frame(request, request.GET.get("queue", ""))
    return render(request, "cases/desk_inbox.html", context | _list(request, context["queue"]))


_SAME_STATE = {"triage", "checking", "extensions", "planned", "new"}  # queues whose rows are all in one state


def _list(request: HttpRequest, queue: str) -> dict[str, Any]:
    filters = {
        "text": request.GET.get("q", ""),
        "unit": request.GET.get("unit", ""),
        "category": request.GET.get("category", ""),
    }
    text = filters["text"]
    page = inbox(_actor(request), "all" if text else queue, filters, request.GET.get("after"), 40)
    return {
        "page": page,
        "rows": [_row(row) for row in page],
        "list_url": request.get_full_path().replace("/desk", "/desk/rows", 1),
        "one_state": queue in _SAME_STATE and not text,
        "looked_for": text,
        "none_title": _("Nothing found") if text else _("Nothing here"),
        "none_text": _("Try fewer words, or the code alone.")
        if text
        else _("No case in this list. Well done, or try another one."),
    }


def _row(row: InboxRow) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in InboxRow.__dataclass_fields__},
        "title": row.category.name(words.language()),
        "where": words.place(row.address, row.unit),
        "excerpt": row.body[:160],
        "urgent": row.group != "timed",
    }


@require_GET
@staff_only
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for the open page."""
    queue = request.GET.get("queue", "") or queues_for(_actor(request))[0].name
    return render(request, "cases/desk_rows.html", {"queue": queue, **_list(request, queue)})


@require_GET
@staff_only
def queue_counts(request: HttpRequest) -> HttpResponse:
    """The queues alone, for the open page."""
    return render(request, "cases/desk_queues.html", _frame(request, request.GET.get("queue", "")))


@require_GET
@staff_only
def case(request: HttpRequest, code: str) -> HttpResponse:
    """One case. Whoever handles it opening it for the first time is noted: the sender sees that it was read."""
    actions.note_read(actor=_actor(request), code=code)
    return _show(request, code)


def _show(
    request: HttpRequest,
    code: str,
    *,
    step: str = "",
    problem: Invalid | None = None,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    found = case_page(_actor(request), code)
    context = _frame(request, request.POST.get("queue") or request.GET.get("queue", ""))
    context |= words.case_words(found, _actor(request))
    context |= {"steps": _steps(found, request, step, problem), "conflict": conflict}
    if problem is not None:
        context["errors"] = {name_of(step, name): text for name, text in problem.fields.items()} or {
            "page": problem.detail
        }
    context["live_topics"] = [*context["live_topics"], f"case:{found.case.pk}"]
    return render(request, "cases/desk_case.html", context, status=status)


def _steps(found: CasePage, request: HttpRequest, taken: str, problem: Invalid | None) -> list[dict[str, Any]]:
    """The steps in the order of the process, what cannot be taken back at the end. The process's first step is what should happen next;
    where it is somebody else's, nothing is recommended here."""
    leaving = processes.process(found.case.process_id).steps_from[found.case.state]
    expected = next((one.name for one in leaving if "system" not in one.by), "")
    steps = [_step(one, found, request, one.name == taken, problem) for one in found.steps]
    for one in steps:
        one["first"] = one["name"] == expected
    steps.sort(key=lambda one: (not one["first"], bool(one["danger"])))
    return steps


def _step(one: StepView, found: CasePage, request: HttpRequest, again: bool, problem: Invalid | None) -> dict[str, Any]:
    """A step as the page shows it; `again`, with what was sent and refused: nobody types twice. A link may fill fields in: the form is then
    open, and still somebody has to send it."""
    begins = f"{one.name}__"
    filled = {} if again else {name: str(value) for name, value in request.GET.items() if name.startswith(begins)}
    return {
        "name": one.name,
        "label": one.label,
        "help": one.help,
        "danger": one.danger,
        "key": one.key,
        "open": again or bool(filled),
        "preview": preview(one, found.case),
        "presets": one.presets,
        "fields": step_fields(
            one,
            sent=request.POST if again else None,
            filled=filled,
            errors=problem.fields if again and problem else {},
            photos=[*found.files_of(CaseFile.Role.BEFORE), *found.files_of(CaseFile.Role.AFTER)],
        ),
    }


@require_GET
@staff_only
def case_panels(request: HttpRequest, code: str) -> HttpResponse:
    """What other rooms know about a case: for the open page, or as a page of its own where scripts do not run."""
    found = case_for(_actor(request), code)
    queue = request.GET.get("queue", "")
    context = {"case": found, "panels": panels.rendered(request, found), "queue": queue}
    if request.headers.get("HX-Request"):
        return render(request, "cases/desk_panels.html", context | {"fragment": True})
    return render(request, "cases/desk_panels_page.html", context | _frame(request, queue))


@require_POST
@staff_only
def take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One step of the process. Whoever was slower is told what happened meanwhile, and sees the case as it is now."""
    actor = _actor(request)
    found = case_page(actor, code)
    view = next((one for one in found.steps if one.name == step), None)
    version = whole_number(request.POST.get("version", ""))
    try:
        data = step_data(view, request, actor=actor) if view else {}
        data |= preset_of(found.case, step, request.POST.get("preset"))
        done = actions.take_step(actor=actor, code=code, step=step, data=data, version=version)
    except Invalid as problem:
        return _show(request, code, step=step, problem=problem, status=422)
    except Conflict as problem:
        return _show(request, code, step=step, conflict=problem.detail, status=409)
    messages.success(
        request, _("%(code)s: %(step)s – done.") % {"code": done.code, "step": view.label if view else step}
    )
    queue = request.POST.get("queue", "")
    if access.roles(actor, done) - {"reporter"}:
        return redirect(f"/desk/cases/{done.code}?queue={queue}")
    return redirect(f"/desk?queue={queue}")  # it has left this desk


@require_POST
@staff_only
def write(request: HttpRequest, code: str) -> HttpResponse:
    """A line to the citizen, or a note among staff."""
    audience = "staff" if request.POST.get("audience") == "staff" else "party"
    try:
        actions.send_message(actor=_actor(request), code=code, body=request.POST.get("body", ""), audience=audience)
    except (Invalid, Forbidden) as problem:
        messages.error(request, problem.fields.get("body") or problem.detail)
    return redirect(f"/desk/cases/{code}#{'notes' if audience == 'staff' else 'talk'}")
