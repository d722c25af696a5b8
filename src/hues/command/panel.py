"""On the desk's case page: the incident that a case belongs to; and the way to make one of it, or to join one."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from hues.cases import panels
from hues.cases.models import Case
from hues.command import access
from hues.command.models import LinkedCase
from hues.command.queries.rows import incidents_of, joinable
from hues.kernel.actors import Actor


def render(request: HttpRequest, case: Case) -> str | None:
    """At most five statements."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    links = incidents_of(case.pk, actor)
    here = {code for code, _name, _state, link in links if link == LinkedCase.State.LINKED}
    may = bool(access.roles(actor)) and case.is_open
    others = [row for row in joinable(actor) if row.code not in here] if may else []
    if not links and not may:
        return None
    context = {"case": case, "links": links, "others": others, "may_open": may and not here}
    return render_to_string("command/panel.html", context, request)


panels.register("incident", 40, render)
