"""Cases as JSON, straight from rows to bytes: the shapes describe what comes out, and are not built on the way."""

from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.translation import get_language

from hues.cases import captions, queries
from hues.cases.definition import pick
from hues.cases.models import CaseFile
from hues.city.models import Agency, Category, Unit


def send(content: Any, *, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(content, option=orjson.OPT_UTC_Z), status=status, content_type="application/json")


def reader() -> str:
    return get_language() or "vi"


def named(thing: Category | Unit | Agency | None, language: str) -> dict[str, str] | None:
    return {"code": thing.code, "name": pick(thing.names, language)} if thing else None


def row_of(row: Any, language: str) -> dict[str, Any]:
    """What every list has of a case."""
    return {
        "code": row.code,
        "state": row.state,
        "stage": row.stage,
        "phase": row.phase,
        "is_open": row.is_open,
        "group": row.group,
        "category": named(row.category, language),
        "unit": named(row.unit, language),
        "agency": named(row.agency, language),
        "body": row.body,
        "address": row.address,
        "received_at": row.received_at,
        "due_at": row.due_at,
        "published_at": getattr(row, "published_at", None),
        "outcome": row.outcome,
        "rating": row.rating,
        "photo": row.photo,
    }


def public_row_of(row: queries.PublicRow, language: str) -> dict[str, Any]:
    more = ("lat", "lon", "merged_count", "support_count", "is_sample")
    return row_of(row, language) | {name: getattr(row, name) for name in more}


def full_of(page: queries.CasePage) -> dict[str, Any]:
    case, language = page.case, reader()
    row = {
        "code": case.code,
        "state": case.state,
        "stage": page.stage,
        "phase": case.phase,
        "is_open": case.is_open,
        "group": case.group,
        "category": named(case.category, language),
        "unit": named(case.unit, language),
        "agency": named(case.agency, language),
        "photo": page.files[0].file_id if page.files else None,
    }
    kept = (
        "body", "address", "received_at", "due_at", "published_at", "outcome", "rating", "version", "priority",
        "visibility", "lat", "lon", "answers", "answer",
    )  # fmt: skip
    return {
        **row,
        **{name: getattr(case, name) for name in kept},
        "reporter": page.reporter,
        "state_name": page.state_name,
        "files": [file_of(each, captions.what_of(case)) for each in page.files],
        "messages": [
            {
                "id": m.id,
                "at": m.at,
                "from_reporter": m.author_kind in ("citizen", "key"),
                "audience": m.audience,
                "body": m.body,
            }
            for m in page.messages
        ],
        "timeline": [event_of(each) for each in page.timeline],
        "steps": [step_of(each) for each in page.steps],
    }


def file_of(file: CaseFile, what: str) -> dict[str, Any]:
    """`what` it shows, where nobody said it."""
    alt = file.caption or captions.default_alt(file.role, what)
    stored = file.file
    return {
        "id": file.file_id,
        "role": file.role,
        "caption": file.caption,
        "alt": alt,
        "kind": "video" if stored.is_video else "photo",
        "state": stored.masking,
        "width": stored.width,
        "height": stored.height,
        "duration_s": stored.duration_s,
    }


def event_of(event: queries.Event) -> dict[str, Any]:
    return {"at": event.at, "action": event.action, "who": event.who, "text": event.text}


def step_of(step: queries.StepView) -> dict[str, Any]:
    fields = [
        {
            "name": field.name,
            "type": field.type,
            "label": field.label,
            "required": field.required,
            "options": [[value, label] for value, label in field.options],
        }
        for field in step.fields
    ]
    return {"name": step.name, "label": step.label, "danger": step.danger, "fields": fields}
