"""A provider for any HTTP gateway: one signed JSON POST for each message (docs: README of this room).

    POST HUES_SMS_URL
    Content-Type: application/json
    Idempotency-Key: <message id>            a gateway sends the same id once
    X-Hues-Timestamp: <Unix seconds>
    X-Hues-Signature: sha256=<hex HMAC-SHA256 with HUES_SMS_KEY over "<timestamp>.<body>">
    {"id": "…", "sender": "Hue-S", "to": "+84905123456", "text": "…"}

2xx: taken. 408, 425, 429, 5xx or no answer: tried again by the job. Anything else: refused for good.
"""

import hmac
import json
from hashlib import sha256
from uuid import UUID

import httpx
from django.conf import settings

from hues.kernel import clock
from hues.people.sms import PROVIDERS, NotSent, Refused, Unsure

TIMEOUT_SECONDS = 10
TRY_AGAIN = frozenset({408, 425, 429})


def signature(key: str, timestamp: str, body: bytes) -> str:
    return "sha256=" + hmac.new(key.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


@PROVIDERS.register("gateway")
class Gateway:
    immediate = False

    def ready(self) -> bool:
        return bool(settings.SMS_URL and settings.SMS_KEY)

    def send(self, to: str, text: str, *, message_id: UUID) -> None:
        if not self.ready():
            raise Refused("HUES_SMS_URL and HUES_SMS_KEY are not set")
        body = json.dumps(
            {"id": str(message_id), "sender": settings.SMS_SENDER, "to": to, "text": text}, ensure_ascii=False
        ).encode()
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(message_id),
            "X-Hues-Timestamp": timestamp,
            "X-Hues-Signature": signature(settings.SMS_KEY, timestamp, body),
        }
        try:
            answer = httpx.post(
                settings.SMS_URL, content=body, headers=headers, timeout=TIMEOUT_SECONDS, follow_redirects=False
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotSent(type(error).__name__) from None  # the error's text may name the number
        except httpx.HTTPError as error:  # the request may have arrived
            raise Unsure(type(error).__name__) from None
        if answer.is_success:
            return
        if answer.status_code in TRY_AGAIN or answer.status_code >= 500:
            raise NotSent(f"the gateway answered {answer.status_code}")
        raise Refused(f"the gateway answered {answer.status_code}")
