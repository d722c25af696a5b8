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
from ninja import File, Router, Schema
from ninja.decorators import decorate_view
from ninja.files import UploadedFile
from pydantic import ConfigDict, Field

from hues.cases.models import Case
from hues.city import queries as city
from hues.city.clock import city_zone
from hues.kernel import files, limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid
from hues.kernel.http import read_json
from hues.kernel.idempotency import idempotent
from hues.people.auth import key, signed_in
from hues.reports.actions import file_report
from hues.reports.checks import MAX_ADDRESS, MAX_ASSET, MAX_BODY, MAX_FILES

router = Router(tags=["reports"], auth=[signed_in, key("reports")])

A_PERSON = (30, 3600)  # reports an hour
A_PROGRAM = (600, 60)  # reports a minute, of one key
PHOTOS = (120, 3600)  # of a person, an hour


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
    emergency: list[Emergency] = Field(description="Numbers to call now, if the text speaks of danger to life")


class FileOut(Schema):
    id: UUID
    width: int
    height: int
    lat: float | None = Field(description="Where the photo says that it was taken; not kept with it")
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
        "emergency": [{"number": row.number, "name": row.name(language)} for row in city.danger(case.body)],
    }


@router.post("/files", response={201: FileOut}, summary="Send a photo, to be attached to a report", openapi_extra=_KEY)
@decorate_view(idempotent("files"))
def upload_photo(request: HttpRequest, file: File[UploadedFile]) -> HttpResponse:
    """At most 20 MB; kept drawn anew, without what the camera wrote into it. Unused photos vanish after a day."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    limits.spend(f"photo:{actor.id}", limit=PHOTOS[0], window=PHOTOS[1])
    taken = files.store_image(file, owner_id=actor.id)
    body = {
        "id": taken.file.id,
        "width": taken.file.width,
        "height": taken.file.height,
        "lat": taken.lat,
        "lon": taken.lon,
        "taken_at": _with_zone(taken.taken_at),
    }
    return HttpResponse(orjson.dumps(body), status=201, content_type="application/json")


def _with_zone(taken_at: datetime | None) -> datetime | None:
    """A camera without a zone shows the city's time."""
    return taken_at.replace(tzinfo=city_zone()) if taken_at and taken_at.tzinfo is None else taken_at
