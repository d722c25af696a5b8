"""The doors for telephone systems. Everything is signed (`signing`); docs/telephony.md is their guide."""

from typing import Any
from uuid import UUID

import orjson
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from hues.city import queries as city
from hues.hotline import events as reading
from hues.hotline import signing, sources
from hues.hotline.actions import said, taking
from hues.hotline.models import Call, Recording
from hues.hotline.queries import announcements_for, sound_of
from hues.kernel import limits
from hues.kernel.errors import Invalid, NotFound, SignInNeeded, TooLarge
from hues.kernel.geo import parse_point
from hues.kernel.http import client_address, read_json

router = Router(tags=["telephony"])

EVENTS_A_MINUTE = 6000
UNSIGNED_A_MINUTE = 30


def _signed(request: HttpRequest, body: bytes) -> str:
    """The source whose secret signed this. Raises SignInNeeded, TooMany."""
    try:
        source, _message_id = signing.verify(sources.secrets(), request.headers, body)
    except signing.Unsigned as problem:
        limits.spend(f"cti:unsigned:{client_address(request)}", limit=UNSIGNED_A_MINUTE, window=60)
        text = _("The signature does not count: {why}. See docs/telephony.md.").format(why=problem)
        raise SignInNeeded(text, code="unsigned") from None
    limits.spend(f"cti:{source}", limit=EVENTS_A_MINUTE, window=60)
    return source


@router.post("/cti/events", response={202: Any}, summary="What a telephone system tells of calls")
def take_events(request: HttpRequest) -> HttpResponse:
    """One CloudEvent or a list of at most a hundred, all or none. Repeating an id changes nothing."""
    source = _signed(request, request.body)
    found = reading.read_all(source, read_json(request))
    calls = taking.take_events(source=source, events=found)
    told = [{"id": event.id, "call": call.code, "state": call.state} for event, call in zip(found, calls, strict=True)]
    return _json({"taken": told}, 202)


@router.get("/cti/announcements", summary="What callers are told before somebody answers")
def announcements(request: HttpRequest) -> HttpResponse:
    """Signed is the path with its query. `unit` (code, several times) or `lat` and `lon`; `language`."""
    _signed(request, request.get_full_path().encode())
    units = []
    for code in request.GET.getlist("unit")[:20]:
        try:
            units.append(city.unit(code))
        except NotFound:
            raise Invalid(_("There is no such ward."), fields={"unit": _("This is not one of the choices.")}) from None
    if request.GET.get("lat") or request.GET.get("lon"):
        point = parse_point(request.GET.get("lat"), request.GET.get("lon"))
        if hit := city.unit_at(point.lat, point.lon):
            units.append(city.unit_by_id(hit.unit_id))
    return _json(announcements_for(units, request.GET.get("language", "")[:8]), 200)


@router.get("/cti/announcements/{uuid:announcement_id}/{uuid:sound_id}.wav", summary="An announcement as sound")
def announcement_sound(request: HttpRequest, announcement_id: UUID, sound_id: UUID) -> HttpResponse:
    """WAV, 8 kHz, 16 bit, mono. Signed is the path. What is withdrawn or over is gone."""
    _signed(request, request.get_full_path().encode())
    try:
        with default_storage.open(sound_of(announcement_id, sound_id).name) as file:
            content = file.read()
    except FileNotFoundError:
        raise NotFound(_("This announcement is gone already.")) from None
    return HttpResponse(content, content_type="audio/wav")


@router.post("/cti/recordings", response={202: Any}, summary="The sound of a call")
def take_recording(request: HttpRequest) -> HttpResponse:
    """The bytes of WAV, Ogg, MP3 or M4A for `?call=` (the subject of its events), after its event `cti.recording`."""
    content = request.read(said.MOST_BYTES + 1)  # not `body`: that is for small requests
    if len(content) > said.MOST_BYTES:
        raise TooLarge(_("This recording is too large."))
    source = _signed(request, content)
    call = Call.objects.filter(source=source, source_id=request.GET.get("call", "")[:128]).first()
    rows = Recording.objects.filter(call=call, kind=Recording.Kind.SOUND) if call else Recording.objects.none()
    row = rows.filter(state=Recording.State.WAITING).order_by("made_at").first()
    if call is None or not rows.exists():
        raise NotFound(_("Send the event cti.recording of this call first."))
    kept = row is not None and said.store_sound(recording_id=row.pk, content=content)
    return _json({"call": call.code, "kept": kept, "consent": call.consent}, 202)


def _json(content: Any, status: int) -> HttpResponse:
    answer = HttpResponse(orjson.dumps(content), content_type="application/json", status=status)
    answer["Cache-Control"] = "no-store"
    return answer
