"""Other cities: reading them however they speak, feeding them, and following what they make of it.

The other city is a small server of its own, written from the examples of the specification and the habits of real ones.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hues.cases.actions import take_step
from hues.cases.models import Case, CaseFile
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.models import JournalEntry
from hues.people.models import User
from hues.reports.imports.actions import Tally
from hues.reports.models import RemoteCase, RemoteCity
from hues.reports.open311 import client, feeding, media
from hues.reports.open311.actions import know_city
from hues.reports.open311.client import Endpoint, RemoteError, RemoteRefused, discover
from hues.reports.open311.reading import read_city
from tests.reports.conftest import HERE, LAMP, NOW, actor_of, photo, report

ONE = """<request>
  <service_request_id>{id}</service_request_id><status>{status}</status><status_notes>{notes}</status_notes>
  <service_name>Street lamp</service_name><service_code>006</service_code><description>{text}</description>
  <agency_responsible></agency_responsible><service_notice></service_notice>
  <requested_datetime>{at}</requested_datetime><updated_datetime>{updated}</updated_datetime>
  <address>8TH AVE and JUDAH ST</address><address_id>545483</address_id><zipcode>94122</zipcode>
  <lat>{lat}</lat><long>{lon}</long><media_url>http://city.gov.s3.amazonaws.com/requests/media/638344.jpg </media_url>
</request>"""


@dataclass
class OtherCity:
    """A server, and how it behaves."""

    requests: list[dict[str, str]] = field(default_factory=list)
    pages: bool = True
    limit: int = 1000
    namespace: str = ""
    tokens: dict[str, str] = field(default_factory=dict)  # token → number, once there is one
    batch: bool = False
    fail: list[int] = field(default_factory=list)  # statuses to answer with before behaving
    posted: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    files: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    url: str = ""

    def add(self, number: int, at: datetime, status: str = "open", **more: str) -> None:
        row = {"id": str(number), "status": status, "notes": "", "text": f"Lamp {number} is out", "at": at.isoformat()}
        self.requests.append(row | {"updated": at.isoformat(), "lat": str(HERE[0]), "lon": str(HERE[1])} | more)

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, str]) -> tuple[int, str]:
        self.asked.append(path)
        if self.fail:
            return self.fail.pop(0), "<errors><error><code>x</code><description>Not now</description></error></errors>"
        if path.endswith("/services.xml"):
            return 200, (
                "<services><service><service_code>006</service_code><service_name>Street lamp</service_name>"
                "</service></services>"
            )
        if path.endswith("/discovery.xml"):
            return 200, (
                "<discovery><endpoints><endpoint><specification>http://wiki.open311.org/GeoReport_v2</specification>"
                f"<url>{self.url}/test</url><type>test</type></endpoint><endpoint>"
                f"<specification>http://wiki.open311.org/GeoReport_v2</specification><url>{self.url}/v2</url>"
                "<type>production</type></endpoint></endpoints></discovery>"
            )
        if "/tokens/" in path:
            token = path.rpartition("/")[2].removesuffix(".xml")
            number = self.tokens.get(token)
            found = f"<request><service_request_id>{number}</service_request_id><token>{token}</token></request>"
            return (200, f"<service_requests>{found}</service_requests>") if number else (404, "<errors/>")
        if method == "POST":
            return self.take(body)
        if path.endswith("/requests.xml"):
            rows = "".join(ONE.format(**row) for row in self.find(query))
            return 200, f"<service_requests{self.namespace}>{rows}</service_requests>"
        return 404, "<errors><error><code>404</code><description>Nothing here</description></error></errors>"

    def find(self, query: dict[str, str]) -> list[dict[str, str]]:
        if ids := query.get("service_request_id"):
            return [row for row in self.requests if row["id"] in ids.split(",")]
        start, end = (datetime.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        assert end - start <= timedelta(days=90)
        found = [row for row in self.requests if start <= datetime.fromisoformat(row["at"]) <= end]
        page, size = (int(query["page"]), min(int(query["page_size"]), self.limit)) if self.pages else (1, self.limit)
        return found[(page - 1) * size : page * size]

    def take(self, body: dict[str, str]) -> tuple[int, str]:
        if body.get("api_key") != "their-key":
            return 403, "<errors><error><code>403</code><description>Invalid api_key</description></error></errors>"
        self.posted.append(body)
        name, value = ("token", "t-1") if self.batch else ("service_request_id", f"9{len(self.posted)}")
        return 200, f"<service_requests><request><{name}>{value}</{name}></request></service_requests>"


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtherCity]:
    city = OtherCity()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path in city.files:
                status, headers, content = city.files[parts.path]
                return self.reply(status, content, headers)
            status, text = city.answer("GET", parts.path, flat(parts.query), {})
            return self.reply(status, f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode(), {})

        def do_POST(self) -> None:
            body = flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, text = city.answer("POST", urlsplit(self.path).path, {}, body)
            self.reply(status, text.encode(), {})

        def reply(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    city.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    monkeypatch.setenv("HUES_OUTBOUND_ALLOW", "127.0.0.1")
    yield city
    server.shutdown()
    server.server_close()


def flat(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}


# Reading


def read(other: OtherCity, **given: Any) -> tuple[Tally, list[str]]:
    city = know_city(name="elsewhere", url=f"{other.url}/v2", services_in={"006": LAMP})
    bad: list[str] = []
    since = given.get("since", NOW - timedelta(days=30))
    endpoint = Endpoint(city.url, zone=None)
    total = read_city(city, endpoint, endpoint.services(), since=since, bad=bad.append, progress=lambda _total: None)
    return total, bad


def test_their_requests_become_cases_once(other: OtherCity) -> None:
    other.add(1, NOW - timedelta(days=20))
    other.add(
        2, NOW - timedelta(days=3), "closed", notes="Bulb replaced", updated=(NOW - timedelta(days=1)).isoformat()
    )
    assert read(other)[0].added == 2
    first, second = Case.objects.order_by("source_id")
    assert (first.source, first.source_id, first.channel) == ("open311:elsewhere", "1", "open311")
    assert (first.is_open, first.category.code, first.body) == (True, LAMP, "Lamp 1 is out")
    assert (second.is_open, second.answer, second.closed_at) == (False, "Bulb replaced", NOW - timedelta(days=1))
    assert first.unit is not None
    again, _bad = read(other)
    assert (again.added, again.changed) == (0, 0)


def test_what_happened_there_since_is_seen_the_next_time(other: OtherCity) -> None:
    other.add(1, NOW - timedelta(days=20))
    read(other)
    other.requests[0] |= {"status": "closed", "notes": "Done", "updated": NOW.isoformat()}
    with clock.at(NOW + timedelta(days=60)):
        total, _bad = read(other, since=None)  # its day lies before what is read again; it is asked for by number
    assert total.changed == 1
    case = Case.objects.get()
    assert (case.state, case.answer) == ("closed", "Done")
    assert list(JournalEntry.objects.filter(subject_id=case.pk).order_by("id").values_list("action", flat=True)) == [
        "case.imported",
        "case.synced",
    ]


@pytest.mark.parametrize("pages", [True, False])
def test_more_than_a_server_gives_at_once_is_read_all_the_same(
    other: OtherCity, pages: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 100)  # in life 1000
    other.pages, other.limit = pages, 100
    for number in range(330):
        other.add(number, NOW - timedelta(hours=40, seconds=number * 7))
    assert read(other)[0].added == 330


@pytest.mark.parametrize("limit", [20, 50])
def test_a_server_with_small_pages_of_its_own(other: OtherCity, limit: int) -> None:
    other.limit = limit
    for number in range(130):
        other.add(number, NOW - timedelta(hours=number))
    assert read(other)[0].added == 130


def test_what_cannot_be_a_case_is_told_and_the_rest_comes(other: OtherCity) -> None:
    day = NOW - timedelta(days=2)
    other.add(1, day)
    other.add(2, day, lat="", lon="")
    other.add(3, day, lat="999", lon="nan")
    other.requests.append(other.requests[0] | {"id": ""})
    total, bad = read(other)
    assert (total.added, total.bad) == (3, 1)
    assert "service_request_id" in bad[0]
    assert Case.objects.get(source_id="3").lat is None


def test_a_service_that_means_nothing_here_is_told(other: OtherCity) -> None:
    other.add(1, NOW - timedelta(days=2))
    city = know_city(name="elsewhere", url=f"{other.url}/v2")
    bad: list[str] = []
    read_city(city, Endpoint(city.url), {}, since=NOW - timedelta(days=5), bad=bad.append, progress=lambda _total: None)
    assert bad == ["1: no category for service '006' (Street lamp)"]


def test_dates_without_an_offset_and_names_with_a_namespace(other: OtherCity) -> None:
    from zoneinfo import ZoneInfo

    other.namespace = ' xmlns="http://wiki.open311.org/GeoReport_v2"'
    other.add(1, NOW - timedelta(days=1))
    other.requests[0]["at"] = "2026-11-23T02:00:00+00:00"
    found = list(Endpoint(f"{other.url}/v2").requested(NOW - timedelta(days=3), NOW))
    assert [row.id for row in found] == ["1"]
    assert Endpoint("x", zone=ZoneInfo("America/New_York"))._moment("2010-04-14T06:37:38") == datetime(
        2010, 4, 14, 10, 37, 38, tzinfo=UTC
    )


def test_discovery_leads_to_the_production_endpoint(other: OtherCity) -> None:
    assert discover(f"{other.url}/discovery.xml").url == f"{other.url}/v2"
    assert discover(f"{other.url}/v2/").url == f"{other.url}/v2"


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>Welcome",
        b"{}",
        b"",
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><service_requests>&b;</service_requests>',
    ],
)
def test_an_answer_that_is_not_sound_xml_is_an_error_not_a_crash(other: OtherCity, answer: bytes) -> None:
    other.files["/v2/services.xml"] = (200, {}, answer)
    with pytest.raises(RemoteError):
        Endpoint(f"{other.url}/v2").services()


def test_a_refusal_says_what_the_other_server_said(other: OtherCity) -> None:
    other.fail = [400]
    with pytest.raises(RemoteRefused, match="Not now"):
        Endpoint(f"{other.url}/v2").services()


# Feeding


@pytest.fixture
def redirected(other: OtherCity, citizen: User, operator: Actor) -> Callable[[], Case]:
    know_city(
        name="elsewhere", url=f"{other.url}/v2", api_key="their-key", services_out={LAMP: "006"}, feed_on="elsewhere"
    )

    def make() -> Case:
        case = report(actor_of(citizen))
        told = {"to": "elsewhere", "text": "Đèn này thuộc thành phố bên cạnh"}
        take_step(actor=operator, code=case.code, step="redirect", data=told)
        for entry in journal.read(
            JournalEntry.objects.filter(subject_id=case.pk).values_list("id", flat=True)
        ).values():
            feeding.queue_redirected(entry)
        return Case.objects.get(pk=case.pk)

    return make


def test_a_redirected_case_is_sent_once_and_without_the_reporter(
    other: OtherCity, redirected: Callable[[], Case], citizen: User
) -> None:
    case = redirected()
    for _ in range(3):
        feeding.send_and_ask()
    assert len(other.posted) == 1
    sent = other.posted[0]
    assert (sent["service_code"], sent["description"]) == ("006", case.body)
    assert (sent["lat"], sent["address_string"]) == (f"{HERE[0]:.6f}", "12 Lê Lợi")
    assert citizen.username not in str(sent)
    row = RemoteCase.objects.get()
    assert (row.remote_id, row.status) == ("91", "open")
    assert "91" in case.messages.get().body


def test_what_the_other_city_does_is_told_in_the_case(other: OtherCity, redirected: Callable[[], Case]) -> None:
    case = redirected()
    feeding.send_and_ask()
    other.add(91, NOW, "closed", notes="Bulb replaced")
    feeding.send_and_ask()  # not its turn yet
    assert case.messages.count() == 1
    with clock.at(NOW + timedelta(hours=1)):
        feeding.send_and_ask()
    assert "Bulb replaced" in case.messages.order_by("-id")[0].body
    row = RemoteCase.objects.get()
    assert (row.status, row.next_try_at) == ("closed", None)


def test_a_server_that_gives_tokens_is_asked_for_the_number(other: OtherCity, redirected: Callable[[], Case]) -> None:
    other.batch = True
    redirected()
    feeding.send_and_ask()
    assert RemoteCase.objects.get().token == "t-1"
    with clock.at(NOW + timedelta(hours=1)):
        feeding.send_and_ask()
        assert RemoteCase.objects.get().remote_id == ""
        other.tokens["t-1"] = "777"
    with clock.at(NOW + timedelta(hours=2)):
        feeding.send_and_ask()
    assert RemoteCase.objects.get().remote_id == "777"
    assert len(other.posted) == 1


def test_a_server_that_is_down_is_tried_again_later_and_later(other: OtherCity, redirected: Callable[[], Case]) -> None:
    redirected()
    other.fail = [500, 502]
    waits = []
    for _ in range(3):
        row = RemoteCase.objects.get()
        assert row.next_try_at is not None
        waits.append(row.next_try_at - clock.now())
        with clock.at(row.next_try_at):
            feeding.send_and_ask()
    row = RemoteCase.objects.get()
    assert (row.remote_id, row.tries, row.error) == ("91", 0, "")
    assert waits[1] < waits[2]


def test_a_server_that_refuses_is_left_alone_and_the_reason_kept(
    other: OtherCity, redirected: Callable[[], Case]
) -> None:
    know_city(name="elsewhere", url=f"{other.url}/v2", api_key="wrong")
    redirected()
    feeding.send_and_ask()
    row = RemoteCase.objects.get()
    assert row.next_try_at is None and "Invalid api_key" in row.error


def test_only_what_that_city_takes_goes_there(other: OtherCity, redirected: Callable[[], Case], citizen: User) -> None:
    know_city(name="elsewhere", url=f"{other.url}/v2", services_out={})
    redirected()
    assert not RemoteCase.objects.exists()


def test_our_key_there_is_sealed(other: OtherCity) -> None:
    know_city(name="elsewhere", url=f"{other.url}/v2", api_key="their-key")
    city = RemoteCity.objects.get()
    assert b"their-key" not in bytes(city.sealed_key or b"")
    assert feeding.endpoint_of(city).api_key == "their-key"


# Photos that others only name


def test_a_named_photo_is_fetched_and_drawn_anew(other: OtherCity, citizen: User) -> None:
    case = report(actor_of(citizen))
    other.files["/a.jpg"] = (200, {"Content-Type": "image/jpeg"}, photo())
    other.files["/b"] = (302, {"Location": "/a.jpg"}, b"")
    assert media.attach_remote_photo(case_id=case.pk, url=f"{other.url}/b") is True
    kept = CaseFile.objects.select_related("file").get()
    assert (kept.role, kept.public, kept.file.media_type) == ("before", False, "image/jpeg")


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        ("/page.jpg", (200, {}, b"<html><script>alert(1)</script>")),
        ("/loop", (302, {"Location": "/loop"}, b"")),
        ("/inside", (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b"")),
        ("/gone", (404, {}, b"not here")),
    ],
)
def test_what_is_no_photo_changes_nothing(
    other: OtherCity, citizen: User, path: str, reply: tuple[int, dict[str, str], bytes]
) -> None:
    case = report(actor_of(citizen))
    other.files[path] = reply
    assert media.attach_remote_photo(case_id=case.pk, url=other.url + path) is False
    assert not CaseFile.objects.exists()


def test_a_photo_inside_the_house_is_never_asked_for(
    other: OtherCity, citizen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUES_OUTBOUND_ALLOW")
    other.files["/a.jpg"] = (200, {}, photo())
    case = report(actor_of(citizen))
    assert media.attach_remote_photo(case_id=case.pk, url=f"{other.url}/a.jpg") is False
    assert other.asked == []
