"""The stream as a browser sees it: only what the ticket allows, nothing twice, nothing lost on the way back."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests import loops

from hues.kernel.tickets import issue
from hues.live import app as live_app
from hues.live import hub as live_hub
from hues.live.app import Live
from hues.live.hub import Event

CASE, OTHER, WARD = "case:11", "case:22", "agency:7"


def happened(place: int, *topics: str, action: str = "case.accept") -> Event:
    return Event(place=place, entry_id=f"e{place}", action=action, subject="case/11", topics=topics)


class Browser:
    """One request to the server, and what has come back so far."""

    def __init__(
        self, server: Live, path: str = "/stream", query: str = "", method: str = "GET", **headers: str
    ) -> None:
        self.scope = {
            "type": "http", "method": method, "path": path, "query_string": query.encode(),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        self.server, self.status, self.headers, self.text = server, 0, {}, ""
        self.closed = asyncio.Event()  # by the browser
        self.reading = asyncio.Event()
        self.reading.set()
        self.changed = asyncio.Event()
        self.task = asyncio.create_task(server(self.scope, self.receive, self.send))

    async def receive(self) -> dict[str, Any]:
        await self.closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.reading.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.text += message["body"].decode()
        self.changed.set()

    async def until(self, text: str) -> str:
        async with asyncio.timeout(5):
            while text not in self.text:
                self.changed.clear()
                await self.changed.wait()
        return self.text

    async def end(self) -> str:
        async with asyncio.timeout(5):
            await self.task
        return self.text

    @property
    def events(self) -> list[dict[str, Any]]:
        data = [line[6:] for line in self.text.splitlines() if line.startswith("data: ") and line != "data: {}"]
        return [json.loads(line) for line in data]


def story(test: Callable[[Live], Awaitable[None]]) -> Callable[[], None]:
    """Each test has its own server, without a bus: the test is the bus."""

    def run() -> None:
        loops.run(test(Live()))

    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run


def opened(server: Live, *topics: str, ttl: float = 60, query: str = "", **headers: str) -> Browser:
    return Browser(server, query=f"ticket={issue(topics, ttl)}{query}", host="city.example:8001", **headers)


@story
async def test_a_viewer_receives_only_the_topics_of_the_ticket(server: Live) -> None:
    citizen = opened(server, CASE)
    await citizen.until("retry:")
    server.hub.publish(happened(1, OTHER, WARD))
    server.hub.publish(happened(2, CASE, WARD, "centre"))
    await citizen.until("id: 2\n")
    assert citizen.events == [{"id": "e2", "action": "case.accept", "subject": "case/11", "topics": [CASE]}]
    assert WARD not in citizen.text and "centre" not in citizen.text


@story
async def test_an_event_of_several_topics_comes_once(server: Live) -> None:
    officer = opened(server, CASE, WARD)
    await officer.until("retry:")
    server.hub.publish(happened(1, CASE, WARD))
    server.hub.publish(happened(1, CASE, WARD))  # the bus delivers at least once
    server.hub.publish(happened(2, CASE))
    await officer.until("id: 2\n")
    assert [event["id"] for event in officer.events] == ["e1", "e2"]


@story
async def test_whoever_comes_back_gets_what_was_missed(server: Live) -> None:
    for place in range(1, 6):
        server.hub.publish(happened(place, CASE if place % 2 else OTHER))
    by_header = opened(server, CASE, last_event_id="1")
    await by_header.until("id: 5\ndata")
    assert [event["id"] for event in by_header.events] == ["e3", "e5"]
    by_address = opened(server, CASE, query="&last_event_id=3")  # with a new ticket a browser cannot send the header
    await by_address.until("id: 5\ndata")
    assert [event["id"] for event in by_address.events] == ["e5"]


@story
async def test_a_page_gets_what_happened_while_it_was_being_made(server: Live) -> None:
    ticket = issue([CASE])
    server.hub.publish(happened(1, CASE))
    page = Browser(server, query=f"ticket={ticket}")
    await page.until("id: 1\ndata")


@pytest.mark.parametrize("last", ["3", "99", "-1", "x", "9" * 5000, "1e3"])
def test_a_gap_that_we_cannot_fill_is_admitted(last: str) -> None:
    async def run() -> None:
        server = Live()
        server.hub.ring = type(server.hub.ring)(maxlen=2)
        for place in (9, 10, 11):
            server.hub.publish(happened(place, CASE))
        page = opened(server, CASE, last_event_id=last)
        await page.until("event: reload")
        assert page.events == []

    loops.run(run())


@story
async def test_the_stream_ends_with_the_ticket_and_says_so(server: Live) -> None:
    page = opened(server, CASE, ttl=0.05)
    assert (await page.end()).endswith("event: renew\ndata: {}\n\n")
    assert server.hub.viewers == 0 and not server.hub.by_topic


@story
async def test_nobody_is_kept_who_hung_up(server: Live) -> None:
    page = opened(server, CASE)
    await page.until("retry:")
    assert server.hub.viewers == 1
    page.closed.set()
    await page.end()
    assert server.hub.viewers == 0 and not server.hub.by_topic


def test_a_slow_reader_is_let_go_and_others_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_hub, "PENDING", 3)
    monkeypatch.setattr(live_app, "SEND_LIMIT", 0.05)

    async def run() -> None:
        server = Live()
        slow, quick = opened(server, CASE), opened(server, CASE)
        await slow.until("retry:")
        await quick.until("retry:")
        slow.reading.clear()
        for place in range(1, 10):
            server.hub.publish(happened(place, CASE))
            await quick.until(f"id: {place}\n")
        await slow.end()
        assert server.hub.viewers == 1
        assert len(quick.events) == 9

    loops.run(run())


def test_a_quiet_line_is_kept_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_app, "HEARTBEAT", 0.01)

    async def run() -> None:
        page = opened(Live(), CASE)
        await page.until("\n\n:\n\n")

    loops.run(run())


@story
async def test_only_pages_of_this_city_may_listen(server: Live) -> None:
    for origin in ("http://127.0.0.1:8000", "http://city.example:8000", "https://city.example"):
        page = opened(server, CASE, origin=origin)
        await page.until("retry:")
        assert page.headers["access-control-allow-origin"] == origin
    for origin in ("https://evil.example", "null", "http://[", "http://city.example.evil.example"):
        page = opened(server, CASE, origin=origin)
        await page.end()
        assert page.status == 403


@story
async def test_no_stream_without_a_ticket(server: Live) -> None:
    for query in ("", "ticket=", "ticket=%00", "ticket=forged.forged", f"ticket={issue([CASE], -5)}"):
        page = Browser(server, query=query)
        await page.end()
        assert page.status == 401
        assert page.headers["content-type"] == "application/problem+json"


@story
async def test_other_doors(server: Live) -> None:
    health = Browser(server, path="/healthz")
    assert json.loads(await health.end())["status"] == "waiting"
    assert health.status == 200
    for path, method, status in (("/", "GET", 404), ("/stream", "POST", 405)):
        page = Browser(server, path=path, method=method)
        await page.end()
        assert page.status == status


@story
async def test_a_full_house_asks_to_come_back(server: Live) -> None:
    server.hub.viewers = live_app.MAX_VIEWERS
    page = opened(server, CASE)
    await page.end()
    assert page.status == 503 and page.headers["retry-after"]


@story
async def test_a_wall_hears_that_something_changed_and_never_what(server: Live) -> None:
    wall = opened(server, "wall", "until:screen:5")
    await wall.until("retry:")
    server.hub.publish(happened(1, CASE, "centre", "person:3", action="people.reveal_read"))
    server.hub.publish(happened(2, WARD, CASE))
    server.hub.publish(happened(3, "calls", "call:8", action="call.rang"))
    await wall.until("id: 3\n")
    assert wall.events == [{"topics": ["wall"]}] * 2, "neither action nor subject, and nothing that is not the centre's"
    for word in ("reveal", "case", "person", "call:"):
        assert word not in wall.text


@story
async def test_public_pages_hear_of_public_cases_and_of_no_others(server: Live) -> None:
    page = opened(server, "public")
    await page.until("retry:")
    server.hub.publish(happened(1, CASE, "centre"))
    server.hub.publish(happened(2, CASE, "centre", "public:11"))
    await page.until("id: 2\n")
    assert page.events == [{"topics": ["public"]}]


@story
async def test_an_ended_screen_is_cut_off_and_cannot_come_back(server: Live) -> None:
    ended, other = opened(server, "wall", "until:screen:5"), opened(server, "wall", "until:screen:6")
    await ended.until("retry:")
    await other.until("retry:")
    server.hub.publish(happened(1, "centre", "until:screen:5", action="wall.screen_ended"))
    assert "event: renew" in await ended.end() and ended.events == []
    assert (await other.until("id: 1\n")) and other.events == [{"topics": ["wall"]}]
    again = opened(server, "wall", "until:screen:5")
    await again.end()
    assert again.status == 401
