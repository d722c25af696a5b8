"""JSON doors of cases: what everyone may read, one's own cases, the desk. Assembled by config/api.py."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Query, Router

from hues.cases import actions, captions, queries
from hues.cases.api.rendering import event_of, file_of, full_of, public_row_of, reader, row_of, send
from hues.cases.api.shapes import (
    DeskFilters,
    DeskPage,
    Filters,
    FullCase,
    MessageIn,
    MessageSent,
    OwnPage,
    PublicCase,
    PublicPage,
    StepIn,
    StepTaken,
    Supported,
)
from hues.cases.queries.timeline import public_timeline
from hues.kernel import geo, limits
from hues.kernel.actors import Actor
from hues.kernel.idempotency import idempotent
from hues.people.auth import key, signed_in, staff

public_router = Router(tags=["cases"])
mine_router = Router(tags=["me"], auth=signed_in)
desk_router = Router(tags=["desk"], auth=staff)

WRITES = (120, 3600)  # messages and steps of a person, an hour


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _spend(request: HttpRequest) -> None:
    """Before the transaction of what it guards, so that senders do not wait for each other at the counter."""
    actor = _actor(request)
    limits.spend(f"write:{actor.id}", limit=WRITES[0] * 10 if actor.kind == "staff" else WRITES[0], window=WRITES[1])


# ── Everyone ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@public_router.get("/cases", response=PublicPage, summary="Published cases, newest first")
def case_list(
    request: HttpRequest,
    filters: Query[Filters],
    after: str | None = Query(None, max_length=400, description="`next` of the page before"),
    limit: int = Query(50, ge=1, le=100),
) -> HttpResponse:
    page = queries.public_list(filters.dict(), after, limit)
    tongue = reader()
    return send({"items": [public_row_of(row, tongue) for row in page.items], "next": page.next})


@public_router.get("/cases/{code}", response=PublicCase, summary="A published case")
def case_detail(request: HttpRequest, code: str) -> HttpResponse:
    case = queries.public_case(code)
    tongue = reader()
    what = captions.what(case.category.name(tongue), case.address)
    return send(
        {
            **public_row_of(case, tongue),
            "visibility": case.visibility,
            "reporter": case.reporter_shown,
            "answer": case.answer,
            "legal_ground": case.legal_ground,
            "updated_at": case.updated_at,
            "answered_at": case.answered_at,
            "closed_at": case.closed_at,
            "wake_on": case.wake_on,
            "reopened": case.reopened,
            "merged_into": case.parent_code,
            "files": [file_of(file, what) for file in case.files],
            "timeline": [event_of(event) for event in public_timeline(case.id)],
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
    tongue = reader()
    rows = [{**row_of(row, tongue), "updated_at": row.updated_at} for row in page.items]
    return send({"items": rows, "next": page.next})


@mine_router.get("/cases/{code}", response=FullCase, auth=[signed_in, key("reports")], summary="One of my cases")
def my_case(request: HttpRequest, code: str) -> HttpResponse:
    return send(full_of(queries.case_page(_actor(request), code)))


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
    return send({"id": sent.id if sent else None, "state": case.state}, status=201)


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
    return send({"code": case.code, "state": case.state, "version": case.version, "due_at": case.due_at})


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
    tongue = reader()
    rows = [
        {
            **row_of(row, tongue),
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
    return send({"items": rows, "next": page.next, "counts": queries.inbox_counts(actor)})


@desk_router.get("/cases/{code}", response=FullCase, summary="A case with everything that its desk needs")
def desk_case(request: HttpRequest, code: str) -> HttpResponse:
    return send(full_of(queries.case_page(_actor(request), code)))


# ── "Me too" ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@public_router.post("/cases/{code}/support", response=Supported, auth=signed_in, summary="I have the same trouble")
def support(request: HttpRequest, code: str) -> HttpResponse:
    """Counts once a person; where the case was merged into another, that one is supported and answered with."""
    case = actions.support_case(actor=_actor(request), code=code)
    return send({"code": case.code, "supporters": case.support_count, "mine": True})


@public_router.delete("/cases/{code}/support", response=Supported, auth=signed_in, summary="Not any more")
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    case = actions.withdraw_support(actor=_actor(request), code=code)
    return send({"code": case.code, "supporters": case.support_count, "mine": False})
