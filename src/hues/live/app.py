"""The event-stream server: `GET /stream?ticket=…` and `GET /healthz`, plain ASGI, run by uvicorn.

Server-sent events as in the HTML standard §9.2. It knows no person and no case: a signed ticket names the topics, the
journal's events say that something happened, and the page fetches what changed from where permission is checked.
"""

import asyncio
import os
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from hues.kernel.tickets import Ticket, TicketRefused, open_ticket
from hues.live.bus import Bus
from hues.live.hub import Hub, Viewer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

PLACE = re.compile(r"[0-9]{1,18}")

HEARTBEAT = 15.0  # seconds between comments, so that proxies keep the line and dead ones are noticed
SEND_LIMIT = 20.0  # seconds that one send may hang before the viewer is let go
RETRY_MS = 2_000  # how soon a browser comes back
PAGE_AGE = 2.0  # seconds between a page's reading of the database and the making of its ticket, at most
MAX_VIEWERS = int(os.environ.get("HUES_LIVE_MAX_VIEWERS", "10000"))

# What the page has to do, as named events beside the unnamed ones of the journal.
RENEW = b"event: renew\ndata: {}\n\n"  # the ticket is over: fetch a new one
RELOAD = b"event: reload\ndata: {}\n\n"  # we cannot say what you missed: fetch everything once


class Live:
    """The ASGI application."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.bus = Bus(self.hub)
        self.listening: asyncio.Task[None] | None = None
        public = urlsplit(os.environ.get("HUES_PUBLIC_URL", "http://127.0.0.1:8000"))
        self.public_origin = f"{public.scheme}://{public.netloc}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            await self.answer(scope, receive, send)

    async def live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.listening = asyncio.create_task(self.bus.run())
                await send({"type": "lifespan.startup.complete"})
            else:
                if self.listening is not None:
                    self.listening.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await reply(send, 405, {"title": "GET only"}, [(b"allow", b"GET")])
        elif scope["path"] == "/healthz":
            await reply(send, 200, self.health())
        elif scope["path"] == "/stream":
            await self.stream(scope, receive, send)
        else:
            await reply(send, 404, {"title": "no such page"})

    def health(self) -> dict[str, Any]:
        return {
            "status": "ok" if self.bus.connected else "waiting",
            "nats": self.bus.connected,
            "viewers": self.hub.viewers,
            "last_place": self.hub.last_place,
            "events_sent": self.hub.sent,
        }

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check who asks, then send until the ticket is over, the viewer hangs up, or it cannot follow."""
        headers = dict(scope["headers"])
        query = parse_qs(scope["query_string"].decode("latin-1"))
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and not self.welcome(origin, headers.get(b"host", b"").decode("latin-1")):
            return await reply(send, 403, {"title": "not from this origin"})
        cors: Headers = (
            [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")] if origin else []
        )
        try:
            ticket = open_ticket(query.get("ticket", [""])[0])
        except TicketRefused as refused:
            return await reply(send, 401, {"title": f"ticket {refused}"}, cors)
        if ticket.topics & self.hub.over:
            return await reply(send, 401, {"title": "ticket over"}, cors)
        if self.hub.viewers >= MAX_VIEWERS:
            return await reply(send, 503, {"title": "too many viewers"}, [*cors, (b"retry-after", b"10")])
        last = headers.get(b"last-event-id", b"").decode("latin-1") or query.get("last_event_id", [""])[0]
        viewer = Viewer(ticket.topics)
        self.hub.join(viewer)  # before looking back, so that nothing falls between
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [*STREAM_HEADERS, *cors]})
            await self.follow(viewer, ticket, self.opening(ticket, last), receive, send)
        finally:
            self.hub.part(viewer)

    def welcome(self, origin: str, host: str) -> bool:
        """Pages of the public address, or of the host that serves the stream (on any port)."""
        if origin == self.public_origin:
            return True
        try:
            theirs, ours = urlsplit(origin).hostname, urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return theirs is not None and theirs == ours

    def opening(self, ticket: Ticket, last: str) -> bytes:
        """The first bytes: where the log stands, what the viewer missed since it left or since its page was made."""
        place = self.hub.last_place
        head = b"retry: %d\n" % RETRY_MS + (b"id: %d\n\n" % place if place is not None else b"\n")
        if last:
            missed = self.hub.after(int(last), ticket.topics) if PLACE.fullmatch(last) else None
            if missed is None:
                return head + RELOAD
        else:
            missed = self.hub.since(ticket.issued - PAGE_AGE, ticket.topics)
        return head + b"".join(event.frame(ticket.topics) for event in missed)

    async def follow(self, viewer: Viewer, ticket: Ticket, opening: bytes, receive: Receive, send: Send) -> None:
        hang_up = asyncio.ensure_future(wait_for_hang_up(receive, viewer))
        try:
            await send_part(send, opening)
            while not viewer.gone:
                left = ticket.expires - time.time()
                await viewer.wait(min(HEARTBEAT, max(left, 0)))
                if viewer.gone or viewer.slow:
                    break
                if viewer.over or (left <= 0 and not viewer.pending):
                    await send_part(send, RENEW)
                    break
                await send_part(send, viewer.take() or b":\n\n")
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            pass  # does not read: the server closes the line, and the browser comes back with Last-Event-ID
        finally:
            hang_up.cancel()


STREAM_HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


async def wait_for_hang_up(receive: Receive, viewer: Viewer) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    viewer.leave()


async def send_part(send: Send, body: bytes) -> None:
    async with asyncio.timeout(SEND_LIMIT):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def reply(send: Send, status: int, body: dict[str, Any], headers: Headers | None = None) -> None:
    """A short answer in JSON; errors as RFC 9457 problems."""
    kind = b"application/json" if status == 200 else b"application/problem+json"
    content = orjson.dumps(body if status == 200 else {"status": status, **body})
    sized = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(content)),
        (b"cache-control", b"no-store"),
        *(headers or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": content})


application = Live()
