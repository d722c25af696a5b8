"""JSON doors of the channel: file a report, send a photo. Assembled by config/api.py; docs/integrators.md tells how to
use them.
"""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema
from ninja.decorators import decorate_view
from ninja.files import UploadedFile
from pydantic import ConfigDict, Field

from hues.cases.models import Case
from hues.cases.moderation import scrub
from hues.city import queries as city
from hues.city.clock import city_zone
from hues.kernel import files, limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.files.problems import video_problem
from hues.kernel.http import read_json
from hues.kernel.idempotency import idempotent
from hues.kernel.models import StoredFile
from hues.people.auth import key, signed_in
from hues.reports.actions import file_report
from hues.reports.checks import MAX_ADDRESS, MAX_ASSET, MAX_BODY, MAX_FILES

router = Router(tags=["reports"], auth=[signed_in, key("reports")])

A_PERSON = (30, 3600)  # reports an hour
A_PROGRAM = (600, 60)  # reports a minute, of one key
PHOTOS = (120, 3600)  # of a person, an hour; videos among them
VIDEOS = (20, 3600)


class ReportIn(Schema):
    """What is wrong, where, and what kind of thing it is. A text or a photo, and a point or an address, are needed."""

    model_config = ConfigDict(extra="forbid")

    category: str = Field(max_length=64, description="A code of GET /categories")
    body: str = Field("", max_length=MAX_BODY)
    lat: float | None = Field(None, ge=-90, le=90, description="WGS 84, inside the city")
    lon: float | None = Field(None, ge=-180, le=180)
    address: str = Field("", max_length=MAX_ADDRESS, description="As typed; finds the place where no point is given")
    place_source: Literal["", "photo", "device", "map", "address"] = ""
    answers: dict[str, Any] = Field(default_factory=dict, description="By the codes of the category's questions")
    file_ids: list[UUID] = Field(default_factory=list, max_length=MAX_FILES, description="From POST /files")
    anonymous: bool = Field(True, description="The pseudonym is hidden in public too")
    language: Literal["", "vi", "en"] = Field("", description="Of the text; empty: that of the request")
    written_at: datetime | None = Field(None, description="When it was written, if it had to wait for a network")
    asset: str = Field("", max_length=MAX_ASSET, description="What is written on the broken thing: a lamp's number")
    joins: str = Field("", max_length=16, description="Code of an open public case that this is about as well")
    for_other: str = Field("", max_length=36, description="Of a helper: whom this is for, from /report/for")


class Emergency(Schema):
    number: str
    name: str


class ReportOut(Schema):
    code: str
    state: str
    received_at: datetime
    due_at: datetime | None = Field(description="Until when the centre reads it")
    url: str
    joined: str | None = Field(description="The case that it was merged into, where `joins` named one")
    kept_apart: bool = Field(description="It was not merged, for it may be dangerous: the centre reads it first")
    emergency: list[Emergency] = Field(description="Numbers to call now, if the text speaks of danger to life")


class FileState(Schema):
    id: UUID
    kind: Literal["photo", "video"]
    state: Literal["waiting", "done", "failed"] = Field(
        description="What the public sees is being made (faces and plates hidden; a video re-encoded), is there, or will not be"
    )
    problem: str = Field(description="Why not, in the reader's language; empty otherwise")
    width: int | None
    height: int | None
    duration_s: float | None = Field(description="Of a video")
    alt: str = Field(description="What it shows, in the sender's words")


class FileOut(FileState):
    lat: float | None = Field(description="Where the photo or video says that it was taken; not kept with it")
    lon: float | None
    taken_at: datetime | None


FIELDS = frozenset(ReportIn.model_fields)
_KEY = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]{8,128}$"},
            "description": "The same key again is the same sending: the first answer is given again",
        }
    ],
}
# Read by hand: `file_report` checks every value once, in the reader's language, at a tenth of what a second model would
# cost.
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": ReportIn.model_json_schema(ref_template="#/components/schemas/{model}")}
        },
    },
    **_KEY,
}


@router.post("/reports", response={201: ReportOut}, summary="File a report", openapi_extra=_BODY)
def create_report(request: HttpRequest) -> HttpResponseBase:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    limit, window = A_PROGRAM if actor.kind == "key" else A_PERSON
    limits.spend(f"report:{actor.id}", limit=limit, window=window)
    return _create(request)


@idempotent("reports", keep=timedelta(days=90))  # a phone may lie in a drawer between sending and hearing the answer
def _create(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    payload = read_json(request)
    if not isinstance(payload, dict):
        raise Invalid(_("Send one report, as a JSON object."))
    if unknown := payload.keys() - FIELDS:
        raise Invalid(
            _("Some of it needs mending."), fields={name[:64]: _("There is no such field.") for name in unknown}
        )
    case = file_report(actor=actor, channel="api", **{"category": "", **payload})
    response = HttpResponse(orjson.dumps(_told(case)), status=201, content_type="application/json")
    response["Location"] = f"/api/v1/me/cases/{case.code}"
    return response


def _told(case: Case) -> dict[str, Any]:
    language = get_language() or "vi"
    return {
        "code": case.code,
        "state": case.state,
        "received_at": case.received_at,
        "due_at": case.due_at,
        "url": f"{settings.PUBLIC_URL}/me/cases/{case.code}",
        "joined": case.parent.code if case.parent_id and case.parent else None,
        "kept_apart": bool(case.same_as),
        "emergency": [{"number": row.number, "name": row.name(language)} for row in city.danger(case.body)],
    }


@router.post(
    "/files", response={201: FileOut}, summary="Send a photo or video, to be attached to a report", openapi_extra=_KEY
)
@decorate_view(idempotent("files"))
def upload_file(request: HttpRequest, file: File[UploadedFile], alt: Form[str] = "") -> HttpResponse:
    """A photo of at most 25 MB (JPEG, PNG, WebP), drawn anew without what the camera wrote into it; or a video of at most
    60 seconds and 80 MB (MP4, MOV, WebM), which is re-encoded within minutes. `alt` says what it shows. The public sees
    them with faces and number plates hidden. What no report uses vanishes after a day."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    limits.spend(f"photo:{actor.id}", limit=PHOTOS[0], window=PHOTOS[1])
    if (file.content_type or "").startswith("video/") or (file.size or 0) > files.MAX_UPLOAD:
        limits.spend(f"video:{actor.id}", limit=VIDEOS[0], window=VIDEOS[1])
    taken = files.store_upload(file, owner_id=actor.id, alt=scrub(alt))  # public with the photo
    body = _file(taken.file) | {"lat": taken.lat, "lon": taken.lon, "taken_at": _with_zone(taken.taken_at)}
    return HttpResponse(orjson.dumps(body), status=201, content_type="application/json")


@router.get("/files/{file_id}", response=FileState, summary="How far a photo or video of one's own is")
def file_state(request: HttpRequest, file_id: UUID) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = StoredFile.objects.filter(pk=file_id, owner_id=actor.id).first()
    if found is None:
        raise NotFound(_("There is no such file."))
    return HttpResponse(orjson.dumps(_file(found)), content_type="application/json")


def _file(file: StoredFile) -> dict[str, Any]:
    problem = file.found.get("problem", "") if file.masking == StoredFile.Masking.FAILED else ""
    return {
        "id": file.id,
        "kind": "video" if file.is_video else "photo",
        "state": file.masking,
        "problem": video_problem(problem) if problem and file.is_video else problem and _("Not shown"),
        "width": file.width,
        "height": file.height,
        "duration_s": file.duration_s,
        "alt": file.alt,
    }


def _with_zone(taken_at: datetime | None) -> datetime | None:
    """A camera without a zone shows the city's time."""
    return taken_at.replace(tzinfo=city_zone()) if taken_at and taken_at.tzinfo is None else taken_at
