"""POST requests: a report from another system, through the same door as everybody's."""

import base64
import re
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from hues.cases.access import source_of
from hues.cases.models import Case
from hues.kernel import clock, files
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid
from hues.people import vault
from hues.reports import jobs
from hues.reports.actions import file_report
from hues.reports.checks import MAX_FILES
from hues.reports.open311 import params
from hues.reports.open311.services import answers_of, find_service

REPEAT_WITHIN = timedelta(minutes=10)
CONTACT = ("email", "first_name", "last_name", "phone", "account_id", "device_id")
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,64})\](?:\[\d*\])?")

# What the fields of a report are called here.
NAMES = {
    "body": "description",
    "lon": "long",
    "address": "address_string",
    "category": "service_code",
    "file_ids": "media",
}


class BadFields(params.BadArgument):
    """400 with one line for each field."""

    @property
    def lines(self) -> list[str]:
        return [f"{name}: {complaint}" for name, complaint in self.fields.items()]


def file_request(values: QueryDict, uploads: Mapping[str, UploadedFile], actor: Actor) -> list[dict[str, Any]]:
    """Open a case; the answer to POST. Raises BadArgument, NotFound, and what `file_report` raises besides Invalid."""
    if not params.text(values, "service_code"):
        raise params.BadArgument(_("service_code is missing."))
    category = find_service(params.text(values, "service_code"))
    lat, lon = params.number(values, "lat"), params.number(values, "long")
    address = params.text(values, "address_string")
    if lat is None and lon is None and not address:
        if params.text(values, "address_id"):
            raise params.BadArgument(_("address_id is not known here: send lat and long, or address_string."))
        raise params.BadArgument(_("A location is missing: lat and long, or address_string."))
    media = media_address(values)
    photos = _photos(uploads, actor)  # drawn anew before the transaction: that takes its time
    with transaction.atomic():
        marks = fingerprint(values, uploads)
        source = source_of(actor)
        case = repeated(source, marks)
        if case is None:
            case = _open(values, photos, actor, category.code, lat, lon, address, source, marks)
            if media:
                jobs.fetch_media.defer(case_id=str(case.id), url=media)
    return [
        {
            "service_request_id": case.code,
            "service_notice": _("Received. The operations centre reads every report first; follow it by its number."),
            "account_id": None,
        }
    ]


def _open(
    values: QueryDict,
    photos: list[UUID],
    actor: Actor,
    category: str,
    lat: float | None,
    lon: float | None,
    address: str,
    source: str,
    marks: str,
) -> Case:
    number = f"{marks}{int(clock.now().timestamp()):010d}"
    sent = attributes(values)
    try:
        return file_report(
            actor=actor,
            category=category,
            body=values.get("description") or "",
            lat=lat,
            lon=lon,
            address=address,
            place_source="map" if lat is not None else "address",
            answers=answers_of(find_service(category), sent),
            file_ids=photos,
            channel="open311",
            source=source,
            source_id=number,
            source_data=_contact(values, number),
        )
    except Invalid as error:
        raise BadFields(error.detail, fields={_name(field): text for field, text in error.fields.items()}) from error


def _name(field: str) -> str:
    group, _dot, code = field.partition(".")
    return f"attribute[{code}]" if group == "answers" and code else NAMES.get(field, field)


def attributes(values: QueryDict) -> dict[str, list[str]]:
    """attribute[CODE]=…, attribute[CODE][]=… and the numbered attribute[CODE][0]=… of PHP's clients."""
    found: dict[str, list[str]] = {}
    for name in values:
        if match := _ATTRIBUTE.fullmatch(name):
            found.setdefault(match[1], []).extend(str(value) for value in values.getlist(name))
    return found


def fingerprint(values: QueryDict, uploads: Mapping[str, UploadedFile]) -> str:
    """40 hexadecimal digits of everything that was sent but the key."""
    digest = sha256()
    for name in sorted(values):
        if name not in {"api_key", "jurisdiction_id"}:
            digest.update(orjson.dumps([_plain(name), [_plain(value) for value in values.getlist(name)]]))
    for name in sorted(uploads):
        file = uploads[name]
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
    return digest.hexdigest()[:40]


def _plain(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode()


def repeated(source: str, marks: str) -> Case | None:
    """The case that the same key opened with the very same content a moment ago: its answer was lost on the way.

    Takes a lock until the end of the transaction, so that two repetitions at once do not pass each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 311))", [source + marks])
    since = int((clock.now() - REPEAT_WITHIN).timestamp())
    numbers = Case.objects.filter(
        source=source, source_id__gte=f"{marks}{since:010d}", source_id__lte=f"{marks}9999999999"
    )
    return numbers.order_by("-source_id").first()


def _contact(values: QueryDict, number: str) -> dict[str, Any]:
    """Who reported, as the other system says: sealed, for nobody but the centre, and never part of a case's own
    fields.
    """
    given = {name: params.text(values, name)[:200] for name in CONTACT if params.text(values, name)}
    if not given:
        return {}
    plain = orjson.dumps({name: _plain(value) for name, value in given.items()})
    return {"contact": base64.b64encode(vault.seal(plain, number.encode())).decode()}


def contact_of(case: Case) -> dict[str, str]:
    """What `_contact` sealed. Raises vault.Unreadable."""
    sealed = case.source_data.get("contact")
    return orjson.loads(vault.open_sealed(base64.b64decode(sealed), case.source_id.encode())) if sealed else {}


def media_address(values: Mapping[str, str]) -> str:
    """media_url, as an address that a job may try to fetch later (hues.kernel.outbound decides whether it will)."""
    url = params.text(values, "media_url")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(url) <= 2000 and url.isprintable()
    except ValueError:
        sound = False
    if not sound:
        raise params.BadArgument(_("media_url: a web address that begins with http:// or https://."))
    return url


def _photos(uploads: Mapping[str, UploadedFile], actor: Actor) -> list[UUID]:
    """Photos sent along (an extension, by multipart/form-data). Raises Invalid."""
    photos = [file for _name, file in sorted(uploads.items())]
    if len(photos) > MAX_FILES:
        raise Invalid(_("At most %(limit)d photos.") % {"limit": MAX_FILES}, fields={"media": _("Too many photos.")})
    return [files.store_image(photo, owner_id=actor.id).file.id for photo in photos]
