"""A bridge from logs to events: for telephone systems that can only write lines (Kamailio's xlog), run beside them
(`hues cti bridge --url …`). Needs no database: it reads lines and posts signed events.

A line counts when it holds `CTI ` and JSON: {"kind": "ring", "call": "…", "at": 1764039845.123, "from": "sip:…", …}. An id is made
of what the line says, so that a line read twice is one event.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from hues.hotline import signing
from hues.kernel.ids import new_id

log = logging.getLogger(__name__)

MARK = "CTI "
_DATA = ("from", "to", "agent", "queue", "direction", "consent", "language", "cause", "url", "text")
Post = Callable[[bytes, dict[str, str]], int]
TRIES, TIMEOUT_SECONDS = 8, 10.0


def read(line: str, source: str) -> dict[str, Any] | None:
    """A line as an event, or None."""
    _before, mark, text = line.partition(MARK)
    if not mark:
        return None
    try:
        told = json.loads(text[: text.rindex("}") + 1])
        at = datetime.fromtimestamp(float(told["at"]), UTC)
        kind, call = str(told["kind"]), str(told["call"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    data = {name: told[name] for name in _DATA if told.get(name) not in (None, "", "<null>")}
    digest = hashlib.sha256(f"{source}\n{kind}\n{call}\n{told['at']}".encode()).hexdigest()[:32]
    return {
        "specversion": "1.0", "id": str(told.get("id") or digest), "source": source, "type": f"cti.{kind}",
        "time": at.isoformat(), "subject": call, "data": data,
    }  # fmt: skip


def follow(lines: Iterable[str], *, source: str, secret: str, post: Post) -> int:
    """Post an event for each line that is one; returns how many. A city that does not answer is asked again."""
    sent = 0
    for line in lines:
        event = read(line, source)
        if event is None:
            continue
        body = orjson.dumps(event)
        if _deliver(body, secret, post):
            sent += 1
    return sent


def _deliver(body: bytes, secret: str, post: Post) -> bool:
    message_id = f"msg_{new_id().hex}"
    for attempt in range(TRIES):
        status = post(body, signing.headers(secret, message_id, body))  # signed anew: the moment counts
        if 200 <= status < 300:
            return True
        if 400 <= status < 500 and status not in (408, 425, 429):
            log.error("an event was refused: %d", status)
            return False
        time.sleep(min(30.0, 0.2 * 2**attempt))
    log.error("the city did not take an event: given up")
    return False


def poster(url: str) -> Post:
    """To a city's `/api/v1/cti/events`."""
    client = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)

    def post(body: bytes, headers: dict[str, str]) -> int:
        try:
            answer = client.post(url, content=body, headers={**headers, "content-type": "application/cloudevents+json"})
        except httpx.HTTPError:
            return 503
        return answer.status_code

    return post
