"""A step of a process as a form: the fields to show, and what came back. Used by the desk and by the sender's page.

Names on the page are `<step>__<field>`, so that many steps can stand on one page with ids of their own.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import engine, processes
from hues.cases.definition import pick
from hues.cases.models import Case, CaseFile
from hues.cases.queries import StepView
from hues.cases.queries.one import FieldView
from hues.kernel import files
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, Problem
from hues.kernel.text import whole_number

_KINDS = {"integer": "number", "boolean": "check", "date": "date", "files": "file", "case_files": "checks"}
_CHOSEN = ("choice", "agency", "category")  # where a default is there, none is not a choice
_LONG = 300  # characters above which a text gets several lines


def name_of(step: str, field: str) -> str:
    return f"{step}__{field}"


def step_fields(
    step: StepView,
    *,
    sent: QueryDict | None = None,
    filled: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    photos: list[CaseFile] | None = None,
) -> list[dict[str, Any]]:
    """The fields as `{% field %}` wants them, with defaults, with what a link fills in, or with what was sent and refused.
    Files that are needed are uploaded; files of the case are ticked."""
    shown = [one for one in step.fields if one.type != "position"]  # a phone knows it, nobody types it
    fields = [_field(step, one, sent, (errors or {}).get(one.name, ""), photos or []) for one in shown]
    for one, field in zip(shown, fields, strict=True):
        offered = {option["value"] for option in field.get("options", ())}
        value = (filled or {}).get(field["name"])
        if value and (value in offered or (one.type == "case" and engine.is_code(value))):
            field["value"] = value
    return fields


def _field(
    step: StepView, one: FieldView, sent: QueryDict | None, error: str, photos: list[CaseFile]
) -> dict[str, Any]:
    name = name_of(step.name, one.name)
    value: Any = one.default
    if sent is not None and one.type != "files":
        value = sent.getlist(name) if one.type == "case_files" else sent.get(name, "")
    spec: dict[str, Any] = {
        "name": name,
        "label": one.label,
        "hint": one.help,
        "required": one.required or (one.type in _CHOSEN and bool(one.default)),
        "error": error,
        "value": value,
        "kind": _kind(one),
    }
    if one.type in _CHOSEN:
        spec["options"] = [{"value": code, "label": label} for code, label in one.options]
    if one.type == "case_files":
        spec["options"] = [
            {"value": str(p.file_id), "label": _photo_name(p, n), "photo": p.file} for n, p in enumerate(photos, 1)
        ]
    if one.type == "files":
        spec |= {
            "multiple": True,
            "accept": "image/*",
            "hint": one.help or _("Up to %(n)s photos.") % {"n": one.max or 4},
        }
    if one.type == "integer":
        spec |= {"min": one.min, "max": one.max, "inputmode": "numeric"}
    if one.type == "text":
        spec |= {"minlength": one.min, "maxlength": one.max, "rows": 3}
    if one.only_when or one.required_when:
        wanted = one.only_when or one.required_when
        spec["hint"] = one.help or _when(step, wanted)
    if one.only_when:
        spec["when"] = {name_of(step.name, other): list(values) for other, values in one.only_when.items()}
        spec["when_json"] = json.dumps(spec["when"])
    return spec


def _photo_name(photo: CaseFile, number: int) -> str:
    words = {CaseFile.Role.BEFORE: _("Photo %(n)s, before"), CaseFile.Role.AFTER: _("Photo %(n)s, after")}
    return words.get(CaseFile.Role(photo.role), _("Photo %(n)s")) % {"n": number}


def _kind(one: FieldView) -> str:
    if one.type == "text":
        return "textarea" if (one.max or _LONG + 1) > _LONG else "text"
    if one.type == "choice":
        return "radio" if len(one.options) <= 3 else "select"
    if one.type in ("agency", "category"):
        return "select"
    return _KINDS.get(one.type, "text")


def _when(step: StepView, wanted: Mapping[str, Any]) -> str:
    """ "Only for: Planned for a date", in the words of the field that decides."""
    words = []
    for name, values in wanted.items():
        other = next((field for field in step.fields if field.name == name), None)
        labels = dict(other.options) if other else {}
        words += [labels.get(value, value) for value in values]
    return _("For: %(values)s") % {"values": ", ".join(words)}


def step_data(step: StepView, request: HttpRequest, *, actor: Actor) -> dict[str, Any]:
    """What the form said, by the step's field names; new photos are stored first. Raises Invalid on a photo that cannot be kept."""
    data: dict[str, Any] = {}
    for one in step.fields:
        name = name_of(step.name, one.name)
        if one.type == "files":
            data[one.name] = _stored(request, name, one, actor)
        elif one.type == "case_files":
            data[one.name] = request.POST.getlist(name)
        elif one.type == "boolean":
            data[one.name] = name in request.POST
        elif name in request.POST:
            data[one.name] = request.POST[name]
    return data


def preset_of(case: Case, step: str, chosen: str | None) -> dict[str, Any]:
    """The fields of the preset that was pressed, its texts in the reader's language; {} where none was."""
    found = processes.process(case.process_id).steps.get(step)
    number = whole_number(chosen or "")
    if found is None or number is None or number >= len(found.presets):
        return {}
    language = get_language() or "vi"
    return {
        name: pick(value, language) if isinstance(value, Mapping) else value
        for name, value in found.presets[number].data.items()
    }


def _stored(request: HttpRequest, name: str, one: FieldView, actor: Actor) -> list[UUID]:
    stored = []
    for upload in request.FILES.getlist(name)[: (one.max or 4) + 1]:
        try:
            stored.append(files.store_upload(upload, owner_id=actor.id).file.id)
        except Problem as problem:
            raise Invalid(problem.detail, fields={one.name: f"{upload.name}: {problem.detail}"}) from problem
    return stored
