"""On the desk's case page: the telephone calls about it, and for the centre a way to call its sender. Agencies read that
somebody called, never who.
"""

from django.http import HttpRequest
from django.template.loader import render_to_string

from hues.cases.models import Case
from hues.hotline import access, queries
from hues.hotline.models import CallBack
from hues.kernel.actors import Actor


def render(request: HttpRequest, case: Case) -> str | None:
    """Two statements; none of a number."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    links = queries.calls_of_case(case.pk)
    can_call = actor.in_centre and case.reporter_id is not None
    if not links and not can_call:
        return None
    waits = can_call and CallBack.objects.filter(case_id=case.pk, state=CallBack.State.OPEN).exists()
    context = {"case": case, "links": links, "reads": access.may_read(actor), "can_call": can_call, "waits": waits}
    return render_to_string("hotline/panel.html", context, request)
