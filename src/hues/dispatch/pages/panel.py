"""Beside a case at the desk: the ladder, who goes, and whom to send."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from hues.cases import panels, processes
from hues.cases.models import Case
from hues.dispatch import queries
from hues.dispatch.pages.board import case_context
from hues.kernel.actors import Actor


def render(request: HttpRequest, case: Case) -> str | None:
    """At most twelve statements, none for cases of other processes."""
    if not processes.process(case.process_id).sends:
        return None
    actor: Actor = request.actor  # type: ignore[attr-defined]
    view = queries.view_of(actor, case, brief=True)
    if not view.parties and not view.may_send:
        return None
    mine = next((task for task in view.parties if task.is_open and task.agency_id in actor.agency_ids), None)
    context = case_context(view, actor) | {"mine": mine, "in_centre": actor.in_centre}
    return render_to_string("dispatch/panel.html", context, request)


panels.register("dispatch", 5, render)
