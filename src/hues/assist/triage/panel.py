"""On the desk's case page: what the assistant thinks a report is about, with its reasons. One press fills in the step; the operator takes it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.assist import queries
from hues.cases import panels, processes
from hues.cases.definition import Step
from hues.cases.models import Case
from hues.cases.step_forms import name_of
from hues.kernel.actors import Actor

SURE, LIKELY = 0.75, 0.45
WORTH_SAYING = 0.03  # what comes second or third with less is noise


@dataclass(frozen=True)
class Line:
    """A suggested category: `take` is the link that fills in the step, "" where it is not this reader's to take."""

    choice: queries.Choice
    words: str
    percent: int
    chosen: bool  # what the case has now
    take: str


def how_sure(confidence: float) -> str:
    """A confidence in words."""
    if confidence >= SURE:
        return _("quite sure")
    return _("likely") if confidence >= LIKELY else _("a guess")


def render(request: HttpRequest, case: Case) -> str | None:
    """While a case is classified. No statement once warm."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.in_centre or not case.is_open or not case.body.strip():
        return None
    step = _classifying(case)
    if step is None:
        return None
    language = get_language() or "vi"
    found = queries.suggest(
        case.body, lat=case.lat, lon=case.lon, at=case.received_at, address=case.address, language=language
    )
    if not found.categories and not found.flags:
        return None
    shown = [choice for place, choice in enumerate(found.categories) if not place or choice.confidence >= WORTH_SAYING]
    lines = [_line(request, case, choice, step, found if not place else None) for place, choice in enumerate(shown)]
    context = {
        "lines": lines,
        "agrees": bool(lines and lines[0].chosen),
        "found": found,
        "urgent": found.urgency.level == "immediate",
        "private": [excerpt for kind, excerpt in found.flags if kind == "private"],
        "abusive": [excerpt for kind, excerpt in found.flags if kind == "abusive"],
        "trained": found.model != queries.KEYWORD_MODEL,
    }
    return render_to_string("assist/panel_suggestion.html", context, request)


def _classifying(case: Case) -> Step | None:
    """The step that would classify the case from where it stands, if there is one."""
    for step in processes.process(case.process_id).steps_from[case.state]:
        if "operator" in step.by and any(field.type == "category" for field in step.fields.values()):
            return step
    return None


def _line(
    request: HttpRequest, case: Case, choice: queries.Choice, step: Step, first: queries.Suggestion | None
) -> Line:
    filled = {"queue": request.GET.get("queue", "")}
    for name, field in step.fields.items():
        if field.type == "category":
            filled[name_of(step.name, name)] = choice.code
        elif field.type == "agency" and first and first.agency:
            filled[name_of(step.name, name)] = first.agency.code
    return Line(
        choice=choice,
        words=how_sure(choice.confidence),
        percent=round(choice.confidence * 100),
        chosen=choice.code == case.category.code,
        take=f"/desk/cases/{case.code}?{urlencode(filled)}#step-{step.name}",
    )


panels.register("suggestion", 10, render)
