"""Handing messages to push services: encrypted one by one, many under way at once, and what each service said."""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Literal, TypeVar
from uuid import UUID

import httpcore

from hues.kernel import clock, outbound
from hues.notifications.push import vapid
from hues.notifications.push.encryption import Unusable, encrypt
from hues.notifications.push.network import CONNECTIONS, parse, pool

log = logging.getLogger(__name__)

T = TypeVar("T")

UNDER_WAY = 4 * CONNECTIONS
TIMEOUT = {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 20.0}
WHOLE_SECONDS = 45.0  # for one exchange: whoever answers byte by byte must not keep a batch beyond its lease
LONGEST_WAIT = 3600.0  # seconds that we let a push service put us off
Answer = Literal["taken", "gone", "later", "too-large", "refused"]


@dataclass(frozen=True)
class Message:
    """To one browser. `short` goes instead where `plain` is too large for the push service."""

    subscription_id: UUID
    endpoint: str
    public_key: bytes
    auth: bytes
    plain: bytes
    short: bytes
    topic: str = ""  # replaces what still waits under the same topic (RFC 8030 §5.4)
    urgent: bool = False
    ttl: int = 86400  # seconds that the service may keep it


@dataclass(frozen=True)
class Result:
    subscription_id: UUID
    answer: Answer
    status: int = 0
    wait: float = 0.0  # seconds; for "later", when the service said so


def topic_of(text: str) -> str:
    """At most 32 characters of base64url (RFC 8030 §5.4), which tell the push service nothing."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:24]).decode()


class Sender:
    """A pool of connections with its own event loop, on a thread of its own: whoever calls may have a loop that runs.

    Use it with `with`.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="push")
        self._runner = asyncio.Runner()  # its loop is made on first use, which is on that thread
        self._pool: httpcore.AsyncConnectionPool | None = None

    def __enter__(self) -> "Sender":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._run(self._pool.aclose())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """What became of each, in the same order. Never raises for what a push service does."""
        return self._run(self._send(messages))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, work).result()

    async def _send(self, messages: Sequence[Message]) -> list[Result]:
        if self._pool is None:
            self._pool = pool()
        gate = asyncio.Semaphore(UNDER_WAY)
        return list(await asyncio.gather(*(self._one(self._pool, gate, message) for message in messages)))

    async def _one(self, pool_: httpcore.AsyncConnectionPool, gate: asyncio.Semaphore, message: Message) -> Result:
        async with gate:
            result = await self._post(pool_, message, message.plain)
            if result.answer == "too-large":
                result = await self._post(pool_, message, message.short)
            return result

    async def _post(self, pool_: httpcore.AsyncConnectionPool, message: Message, plain: bytes) -> Result:
        try:
            parse(message.endpoint)
            body = encrypt(plain, message.public_key, message.auth)
        except (outbound.Refused, Unusable):
            return Result(message.subscription_id, "gone")  # we shall never go there
        except ValueError:
            return Result(message.subscription_id, "too-large")
        try:
            # Only the head of an answer is read: a page without end would fill our memory.
            async with (
                asyncio.timeout(WHOLE_SECONDS),
                pool_.stream(
                    "POST",
                    message.endpoint,
                    headers=headers(message, len(body)),
                    content=body,
                    extensions={"timeout": TIMEOUT},
                ) as response,
            ):
                return result_of(message.subscription_id, response.status, _header(response, b"retry-after"))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            log.info("push: %s", type(error).__name__)  # no address: it names a person's browser
            return Result(message.subscription_id, "later")


def headers(message: Message, length: int) -> list[tuple[str, str]]:
    """RFC 8030 §5.2–5.4, RFC 8291 §4, RFC 8292 §3."""
    found = [
        ("Authorization", vapid.authorization(message.endpoint)),
        ("Content-Encoding", "aes128gcm"),
        ("Content-Type", "application/octet-stream"),
        ("Content-Length", str(length)),
        ("TTL", str(message.ttl)),
        ("Urgency", "high" if message.urgent else "normal"),
    ]
    return [*found, ("Topic", message.topic)] if message.topic else found


def result_of(subscription_id: UUID, status: int, retry_after: str) -> Result:
    """404 and 410: the browser is gone (RFC 8030 §7.3). 429 and 5xx: later. 413: too large. Else refused for good."""
    if 200 <= status < 300:
        return Result(subscription_id, "taken", status)
    if status in (404, 410):
        return Result(subscription_id, "gone", status)
    if status == 413:
        return Result(subscription_id, "too-large", status)
    if status in (408, 425, 429) or status >= 500:
        return Result(subscription_id, "later", status, _seconds(retry_after))
    log.warning("push: a push service answered %d", status)
    return Result(subscription_id, "refused", status)


def _header(response: httpcore.Response, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == name), "")


def _seconds(retry_after: str) -> float:
    """Retry-After in either form (RFC 9110 §10.2.3); 0 for what is neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after[:9]), LONGEST_WAIT)
    try:
        wait = (parsedate_to_datetime(retry_after) - clock.now()).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return min(max(wait, 0.0), LONGEST_WAIT)
