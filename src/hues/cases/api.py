"""JSON doors of cases: what everyone may read, one's own cases, the desk. Assembled by config/api.py.

Lists are written straight from rows to bytes; the models here describe them for OpenAPI.
"""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from hues.cases import actions, queries
from hues.cases.definition import pick
from hues.cases.models import CaseFile
from hues.cases.queries.timeline import public_timeline
from hues.city.models import Agency, Category, Unit
from hues.kernel import geo, limits
from hues.kernel.actors import Actor
from hues.kernel.idempotency import idempotent
from hues.people.auth import key, signed_in, staff

public_router = Router(tags=["cases"])
mine_router = Router(tags=["me"], auth=signed_in)
desk_router = Router(tags=["desk"], auth=staff)

WRITES = (120, 3600)  # messages and steps of a person, an hour


# ── What is sent ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Named(Schema):
    code: str
    name: str


class CaseRow(Schema):
    code: str
    state: str
    stage: str
    phase: str
    is_open: bool
    group: str
    category: Named
    unit: Named | None
    agency: Named | None
    body: str
    address: str
    received_at: datetime
    due_at: datetime | None
    published_at: datetime | None
    outcome: str
    rating: str
    photo: UUID | None = Field(description="GET /files/{photo}/thumb")


class PublicRow(CaseRow):
    lat: float | None
    lon: float | None
    merged_count: int
    is_sample: bool


class OwnRow(CaseRow):
    updated_at: datetime


class DeskRow(CaseRow):
    version: int
    priority: int
    visibility: str
    late: bool
    hops: int
    reopened: int


class PublicPage(Schema):
    items: list[PublicRow]
    next: str | None


class OwnPage(Schema):
    items: list[OwnRow]
    next: str | None


class DeskPage(Schema):
    items: list[DeskRow]
    next: str | None
    counts: dict[str, int]


class FileRef(Schema):
    id: UUID
    role: str
    caption: str
    width: int | None
    height: int | None


class EventOut(Schema):
    at: datetime
    action: str
    who: str
    text: str


class MessageOut(Schema):
    id: UUID
    at: datetime
    from_reporter: bool
    audience: str
    body: str


class FieldOut(Schema):
    name: str
    type: str
    label: str
    required: bool
    options: list[list[str]]


class StepOut(Schema):
    name: str
    label: str
    danger: bool
    fields: list[FieldOut]


class PublicCase(PublicRow):
    visibility: str
    answer: str
    legal_ground: str
    updated_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    wake_on: date | None
    reopened: int
    merged_into: str
    files: list[FileRef]
    timeline: list[EventOut]


class FullCase(CaseRow):
    """A case as its reporter or its staff sees it."""

    version: int
    priority: int
    visibility: str
    lat: float | None
    lon: float | None
    answers: dict[str, Any]
    answer: str
    reporter: str = Field(description="The pseudonym; never who it is")
    state_name: str
    files: list[FileRef]
    messages: list[MessageOut]
    timeline: list[EventOut]
    steps: list[StepOut]


class MessageIn(Schema):
    model_config = ConfigDict(extra="forbid")

    body: str = Field("", max_length=4000)
    file_ids: list[UUID] = Field(default_factory=list, max_length=4)
    audience: Literal["party", "staff"] = "party"


class MessageSent(Schema):
    id: UUID | None = Field(description="None where the message was the reply that the process waited for")
    state: str


class StepIn(Schema):
    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any] = Field(
        default_factory=dict, description="The step's fields, as `steps` of the case lists them"
    )
    version: int | None = Field(
        None, ge=0, le=2**31 - 1, description="Of the case as it was seen; an older one is refused (409)"
    )


class StepTaken(Schema):
    code: str
    state: str
    version: int
    due_at: datetime | None


class Filters(Schema):
    unit: str = Field("", max_length=64)
    category: str = Field("", max_length=64)
    domain: str = Field("", max_length=64)
    group: str = Field("", max_length=16)
    state: Literal["", "open", "done", "resolved", "planned", "late"] = ""
    text: str = Field("", max_length=200)


class DeskFilters(Schema):
    unit: str = Field("", max_length=64)
    category: str = Field("", max_length=64)
    agency: str = Field("", max_length=64)
    group: str = Field("", max_length=16)
    priority: str = Field("", max_length=1)
    text: str = Field("", max_length=200)


# ── Everyone ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@public_router.get("/cases", response=PublicPage, summary="Published cases, newest first")
def case_list(
    request: HttpRequest,
    filters: Query[Filters],
    after: str | None = Query(None, max_length=400, description="`next` of the page before"),
    limit: int = Query(50, ge=1, le=100),
) -> HttpResponse:
    page = queries.public_list(filters.dict(), after, limit)
    language = _language()
    return _json({"items": [_public_row(row, language) for row in page.items], "next": page.next})


@public_router.get("/cases/{code}", response=PublicCase, summary="A published case")
def case_detail(request: HttpRequest, code: str) -> HttpResponse:
    case = queries.public_case(code)
    language = _language()
    return _json(
        {
            **_public_row(case, language),
            "visibility": case.visibility,
            "answer": case.answer,
            "legal_ground": case.legal_ground,
            "updated_at": case.updated_at,
            "answered_at": case.answered_at,
            "closed_at": case.closed_at,
            "wake_on": case.wake_on,
            "reopened": case.reopened,
            "merged_into": case.parent_code,
            "files": [_file(file) for file in case.files],
            "timeline": [_event(event) for event in public_timeline(case.id)],
        }
    )


@public_router.get("/map", summary="Published cases on a map (GeoJSON): clusters from afar, points from near")
def case_map(
    request: HttpRequest,
    filters: Query[Filters],
    bbox: str = Query(max_length=100, description="west,south,east,north in degrees"),
    zoom: int = Query(ge=0, le=22),
) -> HttpResponse:
    content = queries.public_map(geo.parse_box(bbox), zoom, filters.dict())
    response = HttpResponse(content, content_type="application/geo+json")
    response["Cache-Control"] = "public, max-age=15"
    return response


# ── The reporter ─────────────────────────────────────────────────────────────────────────────────────────────────────


@mine_router.get("/cases", response=OwnPage, summary="My cases, newest first")
def my_cases(
    request: HttpRequest, after: str | None = Query(None, max_length=400), limit: int = Query(20, ge=1, le=100)
) -> HttpResponse:
    actor = _actor(request)
    assert actor.id is not None  # noqa: S101 - the router lets signed-in people in only
    page = queries.mine(actor.id, after, limit)
    language = _language()
    rows = [{**_row(row, language), "updated_at": row.updated_at} for row in page.items]
    return _json({"items": rows, "next": page.next})


@mine_router.get("/cases/{code}", response=FullCase, auth=[signed_in, key("reports")], summary="One of my cases")
def my_case(request: HttpRequest, code: str) -> HttpResponse:
    return _json(_full(queries.case_page(_actor(request), code)))


@public_router.post(
    "/cases/{code}/messages",
    response={201: MessageSent},
    auth=[signed_in, key("reports")],
    summary="Write in the talk of a case",
)
def write(request: HttpRequest, code: str, message: MessageIn) -> HttpResponseBase:
    _spend(request)
    return _write(request, code, message)


@idempotent("messages")
def _write(request: HttpRequest, code: str, message: MessageIn) -> HttpResponse:
    actor = _actor(request)
    sent = actions.send_message(
        actor=actor, code=code, body=message.body, file_ids=message.file_ids, audience=message.audience
    )
    case = queries.case_for(actor, code)
    return _json({"id": sent.id if sent else None, "state": case.state}, status=201)


@public_router.post(
    "/cases/{code}/steps/{step}",
    response=StepTaken,
    auth=[signed_in, key("reports")],
    summary="Take a step of the case's process: accept, answer, publish, rate, reopen, …",
)
def take_step(request: HttpRequest, code: str, step: str, given: StepIn) -> HttpResponseBase:
    _spend(request)
    return _take_step(request, code, step, given)


@idempotent("steps")
def _take_step(request: HttpRequest, code: str, step: str, given: StepIn) -> HttpResponse:
    case = actions.take_step(actor=_actor(request), code=code, step=step, data=given.data, version=given.version)
    return _json({"code": case.code, "state": case.state, "version": case.version, "due_at": case.due_at})


# ── The desk ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@desk_router.get("/inbox", response=DeskPage, summary="My desk's work, what is due first on top")
def inbox(
    request: HttpRequest,
    filters: Query[DeskFilters],
    queue: str = Query("", max_length=32),
    after: str | None = Query(None, max_length=400),
    limit: int = Query(50, ge=1, le=100),
) -> HttpResponse:
    actor = _actor(request)
    page = queries.inbox(actor, queue, filters.dict(), after, limit)
    language = _language()
    rows = [
        {
            **_row(row, language),
            "published_at": None,
            "version": row.version,
            "priority": row.priority,
            "visibility": row.visibility,
            "late": row.is_late,
            "hops": row.hops,
            "reopened": row.reopened,
        }
        for row in page.items
    ]
    return _json({"items": rows, "next": page.next, "counts": queries.inbox_counts(actor)})


@desk_router.get("/cases/{code}", response=FullCase, summary="A case with everything that its desk needs")
def desk_case(request: HttpRequest, code: str) -> HttpResponse:
    return _json(_full(queries.case_page(_actor(request), code)))


# ── Rendering ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _json(content: Any, *, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(content, option=orjson.OPT_UTC_Z), status=status, content_type="application/json")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _spend(request: HttpRequest) -> None:
    """Before the transaction of what it guards, so that senders do not wait for each other at the counter."""
    actor = _actor(request)
    limits.spend(f"write:{actor.id}", limit=WRITES[0] * 10 if actor.kind == "staff" else WRITES[0], window=WRITES[1])


def _language() -> str:
    return get_language() or "vi"


def _named(thing: Category | Unit | Agency | None, language: str) -> dict[str, str] | None:
    return {"code": thing.code, "name": pick(thing.names, language)} if thing else None


def _row(row: Any, language: str) -> dict[str, Any]:
    """What every list has of a case."""
    return {
        "code": row.code,
        "state": row.state,
        "stage": row.stage,
        "phase": row.phase,
        "is_open": row.is_open,
        "group": row.group,
        "category": _named(row.category, language),
        "unit": _named(row.unit, language),
        "agency": _named(row.agency, language),
        "body": row.body,
        "address": row.address,
        "received_at": row.received_at,
        "due_at": row.due_at,
        "published_at": getattr(row, "published_at", None),
        "outcome": row.outcome,
        "rating": row.rating,
        "photo": row.photo,
    }


def _public_row(row: queries.PublicRow, language: str) -> dict[str, Any]:
    place = {"lat": row.lat, "lon": row.lon, "merged_count": row.merged_count, "is_sample": row.is_sample}
    return _row(row, language) | place


def _full(page: queries.CasePage) -> dict[str, Any]:
    case, language = page.case, _language()
    row = {
        "code": case.code,
        "state": case.state,
        "stage": page.stage,
        "phase": case.phase,
        "is_open": case.is_open,
        "group": case.group,
        "category": _named(case.category, language),
        "unit": _named(case.unit, language),
        "agency": _named(case.agency, language),
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
        "files": [_file(file) for file in page.files],
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
        "timeline": [_event(event) for event in page.timeline],
        "steps": [_step(step) for step in page.steps],
    }


def _file(file: CaseFile) -> dict[str, Any]:
    stored = file.file
    return {
        "id": file.file_id,
        "role": file.role,
        "caption": file.caption,
        "width": stored.width,
        "height": stored.height,
    }


def _event(event: queries.Event) -> dict[str, Any]:
    return {"at": event.at, "action": event.action, "who": event.who, "text": event.text}


def _step(step: queries.StepView) -> dict[str, Any]:
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
