"""What the citizen will read once a step is taken, before it is taken: the definition's own text, with gaps where the form decides."""

from string import Formatter

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases.models import Case
from hues.cases.queries import StepView
from hues.cases.step_forms import name_of

# What a placeholder of the text is filled from: the first of these fields that the step has.
_FIELDS = {
    "agency": ("agency",),
    "text": ("text", "question", "rating"),
    "reason": ("reason",),
    "days": ("days",),
    "date": ("date",),
    "other": ("to", "parent"),
}


def preview(step: StepView, case: Case) -> list[dict[str, str]]:
    """Parts of the text, `{"text"}` or `{"text", "field"}`: a part with a field changes while that field is filled in."""
    template = step.tells.get("reporter", "")
    parts = []
    for text, name, _spec, _conversion in Formatter().parse(template):
        if text:
            parts.append({"text": text, "field": ""})
        if name is not None:
            parts.append(_gap(name, step, case))
    return parts


def _gap(name: str, step: StepView, case: Case) -> dict[str, str]:
    field = next((one for wanted in _FIELDS.get(name, ()) for one in step.fields if one.name == wanted), None)
    if field is not None:
        shown = dict(field.options).get(str(field.default), field.default or "…")
        return {"text": str(shown), "field": name_of(step.name, field.name)}
    return {"text": _known(name, case) or "…", "field": ""}


def _known(name: str, case: Case) -> str:
    language = get_language() or "vi"
    if name == "due":
        return _("(the date is set when this is sent)")
    if name == "days":
        return str(case.pending.get("request_extension", {}).get("days", ""))
    words = {
        "code": case.code,
        "title": case.category.name(language),
        "agency": case.agency.name(language) if case.agency else "",
    }
    return words.get(name, "")
