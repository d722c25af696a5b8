"""Feeds of what is public: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1, with the filters of the public list.

Cheap to ask again: a feed that has not changed is answered from one statement with 304 (RFC 9110 §13).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from hues.cases.models import LISTED, Case
from hues.cases.queries import public_case, public_list
from hues.cases.queries.public import PublicRow, filtered
from hues.cases.queries.timeline import public_timeline
from hues.city.pack import settings as city_settings
from hues.reports.pages import shown
from hues.reports.words import language

MOST = 50
FILTERS = ("category", "unit", "agency", "domain", "state")
GEORSS = "http://www.georss.org/georss"
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Entry:
    """One entry of a feed, in the reader's language."""

    id: str
    url: str
    title: str
    html: str
    published: datetime
    updated: datetime
    kind: str
    photo: str = ""
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True)
class Feed:
    title: str
    about: str
    page: str  # what it is a feed of
    here: str  # where it is
    updated: datetime
    entries: list[Entry]


# Doors


@require_safe
def of_list(request: HttpRequest, form: str) -> HttpResponse:
    """The newest of the public list. Two statements, or one where nothing has changed."""
    filters = _filters(request)
    stamps = list(
        filtered(Case.objects.filter(LISTED), filters)
        .order_by("-received_at", "-id")
        .values_list("id", "updated_at")[:MOST]
    )
    changed = max((stamp for _pk, stamp in stamps), default=None)
    mark = (form, language(), sorted(filters.items()), [(str(pk), at.isoformat()) for pk, at in stamps])

    def build() -> Feed:
        query = f"?{urlencode(filters)}" if filters else ""
        rows = public_list(filters, limit=MOST).items
        return Feed(
            title=f"{_city()} · {_('Reports of the city')}",
            about=_("What people report, and what became of it."),
            page=f"{settings.PUBLIC_URL}/cases{query}",
            here=settings.PUBLIC_URL + request.get_full_path(),
            updated=changed or datetime(2020, 1, 1, tzinfo=UTC),
            entries=[_of_case(row) for row in rows],
        )

    return _answer(request, form, mark, changed, build)


@require_safe
def of_case(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """What happens to one case. Three statements."""
    found = public_case(code)
    link = f"{settings.PUBLIC_URL}/cases/{found.code}"
    events = [event for event in public_timeline(found.id) if event.text][-MOST:]

    def build() -> Feed:
        return Feed(
            title=f"{found.code} · {shown.title(found.category)}",
            about=shown.where(found.address, found.unit),
            page=link,
            here=settings.PUBLIC_URL + request.get_full_path(),
            updated=found.updated_at,
            entries=[
                Entry(
                    id=f"urn:uuid:{event.id}",
                    url=link,
                    title=event.text,
                    html=_paragraphs(str(event.facts.get("text") or "")),
                    published=event.at,
                    updated=event.at,
                    kind=found.category.code,
                    lat=found.lat,
                    lon=found.lon,
                )
                for event in reversed(events)
            ],
        )

    return _answer(request, form, (form, language(), [str(event.id) for event in events]), found.updated_at, build)


def _filters(request: HttpRequest) -> dict[str, str]:
    """Those of the public list. Raises Invalid for values that are none (in `filtered`)."""
    found = {name: value for name in FILTERS if (value := request.GET.get(name, "").strip())}
    if request.GET.get("open", "").lower() in ("1", "true", "yes"):
        found["state"] = "open"
    if text := request.GET.get("q", "").strip():
        found["text"] = text
    return found


def _city() -> str:
    names: Mapping[str, str] = city_settings()["app_names"] | {}
    city: Mapping[str, str] = city_settings()["short_names"]
    return f"{names.get(language()) or next(iter(names.values()))} {city.get(language()) or next(iter(city.values()))}"


# Entries


def _of_case(row: PublicRow) -> Entry:
    base = settings.PUBLIC_URL
    where, state = shown.where(row.address, row.unit), shown.state_words(row)
    handled = f"{_('Handled by')}: {shown.name(row.agency)}" if row.agency else ""
    return Entry(
        id=f"urn:uuid:{row.id}",
        url=f"{base}/cases/{row.code}",
        title=f"{shown.title(row.category)} · {where}",
        html=_paragraphs(row.body, f"{state}. {handled}".strip()),
        published=row.received_at,
        updated=row.updated_at,
        kind=row.category.code,
        photo=f"{base}/files/{row.photo}/medium" if row.photo else "",
        lat=row.lat,
        lon=row.lon,
    )


def _paragraphs(*texts: str) -> str:
    return "".join(f"<p>{escape(_clean(text))}</p>".replace("\n", "<br>") for text in texts if text)


def _clean(text: str) -> str:
    """Without what XML cannot say; an import may have brought it."""
    return _NO_XML.sub("", text)


# Forms


class _Place:
    """GeoRSS-Simple points and the picture, in either form of XML."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:georss": GEORSS}  # type: ignore[misc]

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)  # type: ignore[misc]
        if item["lat"] is not None:
            handler.addQuickElement("georss:point", f"{item['lat']:.5f} {item['lon']:.5f}")


class _Atom(_Place, Atom1Feed):
    pass


class _Rss(_Place, Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:georss": GEORSS}


def _xml(kind: type[Atom1Feed] | type[Rss201rev2Feed], feed: Feed) -> str:
    made = kind(
        title=_clean(feed.title),
        link=feed.page,
        description=_clean(feed.about),
        subtitle=_clean(feed.about),
        language=language(),
        feed_url=feed.here,
        feed_guid=feed.here,
        author_name=_city(),
    )
    made.latest_post_date = lambda: feed.updated  # type: ignore[method-assign]
    for entry in feed.entries:
        picture = f'<p><img src="{escape(entry.photo)}" alt=""></p>' if entry.photo else ""
        made.add_item(
            title=_clean(entry.title),
            link=entry.url,
            description=picture + entry.html,
            unique_id=entry.id,
            unique_id_is_permalink=False,
            pubdate=entry.published,
            updateddate=entry.updated,
            categories=[entry.kind],
            lat=entry.lat,
            lon=entry.lon,
        )
    return made.writeString("utf-8")


def _json(feed: Feed) -> str:
    """JSON Feed 1.1."""
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "description": feed.about,
            "home_page_url": feed.page,
            "feed_url": feed.here,
            "language": language(),
            "items": [
                {
                    "id": entry.id,
                    "url": entry.url,
                    "title": entry.title,
                    "content_html": entry.html,
                    "date_published": entry.published.isoformat(timespec="seconds"),
                    "date_modified": entry.updated.isoformat(timespec="seconds"),
                    "tags": [entry.kind],
                    **({"image": entry.photo} if entry.photo else {}),
                    **({"_place": {"lat": entry.lat, "lon": entry.lon}} if entry.lat is not None else {}),
                }
                for entry in feed.entries
            ],
        },
        ensure_ascii=False,
    )


FORMS: dict[str, tuple[str, Callable[[Feed], str]]] = {
    "atom": ("application/atom+xml; charset=utf-8", lambda feed: _xml(_Atom, feed)),
    "rss": ("application/rss+xml; charset=utf-8", lambda feed: _xml(_Rss, feed)),
    "json": ("application/feed+json; charset=utf-8", _json),
}


def _answer(
    request: HttpRequest, form: str, mark: object, changed: datetime | None, build: Callable[[], Feed]
) -> HttpResponse:
    etag = f'"{sha256(json.dumps(mark).encode()).hexdigest()[:24]}"'
    when = int(changed.timestamp()) if changed else None
    known = get_conditional_response(request, etag=etag, last_modified=when)
    if known is None:
        kind, write = FORMS[form]
        known = HttpResponse(write(build()), content_type=kind)
        known["ETag"] = etag
        if changed:
            known["Last-Modified"] = changed.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    known["Cache-Control"] = "public, max-age=60"
    patch_vary_headers(known, ("Accept-Language", "Cookie"))
    return known
