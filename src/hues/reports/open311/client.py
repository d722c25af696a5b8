"""A client for GeoReport v2 servers: XML, which every server must speak, read as generously as it is written.

What servers of other cities really do: leave out optional elements, put a namespace on everything, send dates without
an offset, ignore `page`, and stop at a number of rows of their own. Reading must survive all of it; what cannot be read
is counted, not fatal.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit
from xml.etree.ElementTree import Element, ParseError
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from hues.kernel import outbound

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
PAGE = 1000
STEP = timedelta(days=7)  # small answers: a window that is full is split anyway
SMALLEST = timedelta(seconds=2)
MAX_BYTES = 20_000_000
SECONDS = 60.0  # a thousand requests can take a slow server that long
IDS_AT_ONCE = 50


class RemoteError(Exception):
    """The other server refused, broke, or cannot be understood; the text is for the operator."""


@dataclass(frozen=True)
class RemoteRequest:
    """A <request>, as far as we use it."""

    id: str
    status: str
    service_code: str = ""
    service_name: str = ""
    description: str = ""
    status_notes: str = ""
    agency: str = ""
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    requested_at: datetime | None = None
    updated_at: datetime | None = None
    expected_at: datetime | None = None
    media_url: str = ""

    @property
    def is_open(self) -> bool:
        """Extended statuses besides: whatever is not closed by another name is open."""
        return self.status.lower() not in {
            "closed",
            "fixed",
            "duplicate",
            "no_further_action",
            "not_councils_responsibility",
        }


@dataclass(frozen=True)
class RemoteNews:
    """A <request_update>."""

    update_id: str
    request_id: str
    status: str
    description: str
    at: datetime | None


@dataclass(frozen=True)
class Receipt:
    """What POST requests gave: the number, or a token for it."""

    request_id: str = ""
    token: str = ""


@dataclass(frozen=True)
class Endpoint:
    """A server: its address without a slash at the end, the jurisdiction there, our key there, and its zone for
    careless dates.
    """

    url: str
    jurisdiction_id: str = ""
    api_key: str = ""
    zone: ZoneInfo | None = None

    def services(self) -> dict[str, str]:
        """service_code → service_name."""
        root = self._get("services.xml", {})
        return {_text(item, "service_code"): _text(item, "service_name") for item in _children(root, "service")}

    def by_ids(self, ids: list[str]) -> list[RemoteRequest]:
        return list(self._requests({"service_request_id": ",".join(ids)}))

    def requested(self, start: datetime, end: datetime) -> Iterator[RemoteRequest]:
        """Every request made from `start` until `end`, oldest window first; a number may come twice."""
        while start < end:
            stop = min(start + STEP, end)
            yield from self._window(start, stop)
            start = stop

    def news(self, start: datetime, end: datetime) -> list[RemoteNews] | None:
        """servicerequestupdates; None where the server has no such thing."""
        span = {"start_date": _w3(start), "end_date": _w3(end)}
        try:
            root = self._get("servicerequestupdates.xml", span)
        except RemoteMissing:
            return None
        return [
            RemoteNews(
                update_id=_text(item, "update_id"),
                request_id=_text(item, "service_request_id"),
                status=_text(item, "status"),
                description=_text(item, "description"),
                at=self._moment(_text(item, "updated_datetime")),
            )
            for item in _children(root, "request_update")
        ]

    def post(self, fields: Mapping[str, str], *, idempotency_key: str) -> Receipt:
        """POST requests. Raises RemoteError; RemoteRefused where trying again would not help."""
        body = {**fields, "api_key": self.api_key}
        if self.jurisdiction_id:
            body["jurisdiction_id"] = self.jurisdiction_id
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "Idempotency-Key": idempotency_key,
        }
        root = self._send("POST", "requests.xml", urlencode(body).encode(), headers)
        for item in _children(root, "request"):
            receipt = Receipt(_text(item, "service_request_id"), _text(item, "token"))
            if receipt.request_id or receipt.token:
                return receipt
        raise RemoteError("the answer to POST holds neither service_request_id nor token")

    def number_of(self, token: str) -> str:
        """The service_request_id of a token; "" while there is none."""
        try:
            root = self._get(f"tokens/{quote(token, safe='')}.xml", {})
        except RemoteMissing:
            return ""
        return next((_text(item, "service_request_id") for item in _children(root, "request")), "")

    def _window(self, start: datetime, end: datetime) -> Iterator[RemoteRequest]:
        """Pages where the server has them; where it has not and the window is full, halves of it."""
        seen: set[str] = set()
        span = {"start_date": _w3(start), "end_date": _w3(end)}
        page = 1
        while True:
            rows = list(self._requests({**span, "page": str(page), "page_size": str(PAGE)}))
            fresh = [row for row in rows if row.id not in seen]
            if page == 2 and rows and not fresh and len(seen) >= PAGE and end - start > SMALLEST:
                middle = start + (end - start) / 2
                yield from self._window(start, middle)
                yield from self._window(middle, end)
                return
            seen.update(row.id for row in fresh)
            yield from fresh
            if not fresh or (page == 1 and len(rows) < 10):
                return
            page += 1

    def _requests(self, parameters: Mapping[str, str]) -> Iterator[RemoteRequest]:
        for item in _children(self._get("requests.xml", parameters), "request"):
            yield RemoteRequest(
                id=_text(item, "service_request_id"),
                status=_text(item, "status"),
                service_code=_text(item, "service_code"),
                service_name=_text(item, "service_name"),
                description=_text(item, "description"),
                status_notes=_text(item, "status_notes"),
                agency=_text(item, "agency_responsible"),
                address=_text(item, "address"),
                lat=_degrees(_text(item, "lat"), 90),
                lon=_degrees(_text(item, "long"), 180),
                requested_at=self._moment(_text(item, "requested_datetime")),
                updated_at=self._moment(_text(item, "updated_datetime")),
                expected_at=self._moment(_text(item, "expected_datetime")),
                media_url=_text(item, "media_url"),
            )

    def _moment(self, raw: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(raw)
            return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone or UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def _get(self, path: str, parameters: Mapping[str, str]) -> Element:
        query = dict(parameters)
        if self.jurisdiction_id:
            query["jurisdiction_id"] = self.jurisdiction_id
        if self.api_key:
            query["api_key"] = self.api_key
        return self._send("GET", f"{path}?{urlencode(query)}" if query else path, None, {})

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Element:
        reply = outbound.fetch(
            f"{self.url}/{path}",
            method=method,
            body=body,
            headers={"Accept": "text/xml", **headers},
            timeout=SECONDS,
            max_bytes=MAX_BYTES,
        )
        root = _parse(reply.body) if reply.body.lstrip()[:1] == b"<" else None
        if reply.status >= 400:
            said = (
                "; ".join(_text(item, "description") for item in _children(root, "error")) if root is not None else ""
            )
            kind = RemoteMissing if reply.status == 404 else RemoteRefused if reply.status < 500 else RemoteError
            raise kind(f"{urlsplit(self.url).hostname} answered {reply.status} {said}".strip())
        if root is None:
            raise RemoteError(f"{urlsplit(self.url).hostname} answered something that is not XML")
        return root


class RemoteRefused(RemoteError):
    """A 4xx: the same again would be refused again."""


class RemoteMissing(RemoteRefused):
    """404."""


def discover(url: str, *, jurisdiction_id: str = "", zone: ZoneInfo | None = None) -> Endpoint:
    """The endpoint at `url`, which may be the endpoint itself or a discovery document that names it."""
    url = url.rstrip("/")
    if not url.endswith(("/discovery.xml", "/discovery.json")):
        return Endpoint(url, jurisdiction_id, zone=zone)
    base, _slash, _file = url.rpartition("/")
    root = Endpoint(base)._get("discovery.xml", {})
    offered = [
        item for item in root.iter() if _tag(item) == "endpoint" and _text(item, "specification") == SPECIFICATION
    ]
    offered.sort(key=lambda item: _text(item, "type") != "production")
    if not offered:
        raise RemoteError("the discovery document names no GeoReport v2 endpoint")
    return Endpoint(_text(offered[0], "url").rstrip("/"), jurisdiction_id, zone=zone)


def _parse(content: bytes) -> Element:
    try:
        root: Element = fromstring(content, forbid_dtd=True)
        return root
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise RemoteError(f"the answer is not sound XML: {error}") from error


def _tag(element: Element) -> str:
    """The name without a namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _children(root: Element | None, name: str) -> list[Element]:
    return [item for item in root if _tag(item) == name] if root is not None else []


def _text(element: Element, name: str) -> str:
    return next(("".join(child.itertext()).strip() for child in element if _tag(child) == name), "")


def _degrees(raw: str, bound: int) -> float | None:
    try:
        value = float(raw)
    except ValueError:
        return None
    return value if abs(value) <= bound else None


def _w3(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
