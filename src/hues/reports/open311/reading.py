"""Reading another city: its requests become cases of ours, by the way of every import."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

from hues.cases import reference
from hues.cases.models import Case, Outcome
from hues.kernel import clock
from hues.kernel.text import clean, vn_fold
from hues.reports.imports.actions import CHUNK, Tally, store_chunk
from hues.reports.imports.incoming import BadRow, Incoming
from hues.reports.imports.lookups import load_lookups
from hues.reports.models import RemoteCity
from hues.reports.open311.client import IDS_AT_ONCE, Endpoint, RemoteRequest

Tell = Callable[[str], None]
OVERLAP = timedelta(days=1)  # requests that were entered late, or clocks that differ


def source_of_city(city: RemoteCity) -> str:
    """Case.source of what is read there: 32 characters."""
    return f"open311:{city.name}"[:32]


def read_city(
    city: RemoteCity,
    endpoint: Endpoint,
    names: Mapping[str, str],
    *,
    since: datetime | None,
    bad: Tell,
    progress: Callable[[Tally], None],
) -> Tally:
    """Read what is new since the last time (or since `since`), then what became of the cases that are still open here.
    `names` are its services: service_code → service_name.

    Interrupted anywhere, the next run goes on from the last chunk stored; nothing comes twice. Raises
    client.RemoteError.
    """
    lookups, source = load_lookups(), source_of_city(city)
    until = clock.now()
    start = since or (city.read_until - OVERLAP if city.read_until else until - timedelta(days=90))
    total = Tally()

    def store(requests: Iterable[RemoteRequest]) -> None:
        nonlocal total
        rows, refused = _rows(requests, city.services_in, names, bad)
        done, not_stored = store_chunk(source=source, rows=rows, lookups=lookups, channel="open311")
        for row, error in not_stored:
            bad(f"{row.source_id}: {error}")
        total += done + Tally(read=refused, bad=refused)
        progress(total)

    seen: set[str] = set()
    fresh = _once(endpoint.requested(start, until), seen)
    while chunk := list(islice(fresh, CHUNK)):
        store(chunk)
        # Windows come oldest first, so everything before the youngest of this chunk less a window is here.
        youngest = max((request.requested_at for request in chunk if request.requested_at), default=None)
        if youngest:
            _remember(city, youngest - timedelta(days=7))
    _remember(city, until)
    rest = [number for number in open_numbers(source) if number not in seen]
    for first in range(0, len(rest), IDS_AT_ONCE):
        store(endpoint.by_ids(rest[first : first + IDS_AT_ONCE]))
    return total


def open_numbers(source: str) -> list[str]:
    """The numbers there of what is still open here."""
    return list(
        Case.objects.filter(source=source, is_open=True).order_by("source_id").values_list("source_id", flat=True)
    )


def _remember(city: RemoteCity, moment: datetime) -> None:
    if city.read_until is None or moment > city.read_until:
        city.read_until = moment
        RemoteCity.objects.filter(pk=city.pk).update(read_until=moment)


def _once(requests: Iterable[RemoteRequest], seen: set[str]) -> Iterable[RemoteRequest]:
    for request in requests:
        if request.id not in seen:
            seen.add(request.id)
            yield request


def _rows(
    requests: Iterable[RemoteRequest], known: Mapping[str, str], names: Mapping[str, str], bad: Tell
) -> tuple[list[Incoming], int]:
    rows: list[Incoming] = []
    refused = 0
    for request in requests:
        try:
            rows.append(incoming(request, known, names))
        except BadRow as error:
            refused += 1
            bad(f"{request.id or '(no service_request_id)'}: {error}")
    return rows, refused


def incoming(request: RemoteRequest, known: Mapping[str, str], names: Mapping[str, str]) -> Incoming:
    """A request there as a case here. Raises BadRow."""
    if not request.id or len(request.id) > 64:
        raise BadRow("no service_request_id, or one that is too long")
    if request.requested_at is None:
        raise BadRow("no requested_datetime")
    if request.requested_at > clock.now() + timedelta(days=1):
        raise BadRow("requested in the future")
    closed_at = None if request.is_open else request.updated_at or request.requested_at
    duplicate = "duplicate" in request.status.lower()
    return Incoming(
        source_id=request.id,
        category=category_for(request, known, names),
        received_at=request.requested_at,
        due_at=request.expected_at,
        closed_at=closed_at,
        updated_at=request.updated_at,
        lat=request.lat if request.lon is not None else None,
        lon=request.lon if request.lat is not None else None,
        address=_tidy(request.address, 300),
        body=_tidy(request.description, 4000) or _tidy(request.service_name, 4000),
        answer=_tidy(request.status_notes, 4000),
        outcome=Outcome.DUPLICATE if duplicate else "",
        data={
            name: _tidy(value, 300)
            for name, value in (
                ("service_code", request.service_code),
                ("service_name", request.service_name),
                ("agency_responsible", request.agency),
                ("status", request.status),
                ("media_url", request.media_url if urlsplit(request.media_url).scheme in {"http", "https"} else ""),
            )
            if value
        },
    )


def category_for(request: RemoteRequest, known: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Our category for a service there: as the operator said, else of the same code, else of the same name."""
    if request.service_code in known:
        return known[request.service_code]
    ours = reference.categories_by_code()
    if request.service_code in ours:
        return request.service_code
    wanted = vn_fold(request.service_name or names.get(request.service_code, ""))
    for code, category in ours.items():
        if wanted and wanted in {vn_fold(name) for name in category.names.values()}:
            return code
    if "*" not in known:
        raise BadRow(f"no category for service {request.service_code!r} ({request.service_name[:60]})")
    return known["*"]


def _tidy(text: str, limit: int) -> str:
    return clean(text.replace("\x00", "")[:limit], max_length=limit, multiline=limit > 300)
