"""The panel of a case that tells what came before and what belongs to it: recurrence, common cause, promises."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from hues.cases import access, causes, panels, recurrence
from hues.cases.models import Case, Promise, Recurrence


def render(request: HttpRequest, case: Case) -> str | None:
    """Five small statements; nothing where the case stands alone. Codes of other agencies' cases lead nowhere for who may not see them."""
    came_back = Recurrence.objects.filter(earlier_id=case.pk).select_related("case").order_by("received_at")[:5]
    visible = Case.objects.filter(access.visible_to(request.actor))  # type: ignore[attr-defined]
    again, cause, effects = recurrence.of(case), causes.cause_of(case.pk), causes.effects_of(case.pk)
    mentioned = [one.case_id for one in came_back] + [again.earlier_id if again else None, cause.pk if cause else None]
    seen = set(visible.filter(pk__in=[pk for pk in mentioned if pk]).values_list("pk", flat=True))
    context = {
        "again": again if again and again.earlier_id in seen else None,
        "came_back": [one.case for one in came_back if one.case_id in seen],
        "cause": cause if cause and cause.pk in seen else None,
        "effects": effects,
        "promises": list(Promise.objects.filter(case_id=case.pk).order_by("pk")),
    }
    return render_to_string("cases/panel_belongs.html", context, request) if any(context.values()) else None


panels.register("belongs", 30, render)
