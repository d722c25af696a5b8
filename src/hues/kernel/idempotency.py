"""The same request twice is done once: the first answer is kept, in the transaction of the change, and given again.

Follows draft-ietf-httpapi-idempotency-key-header. The second statement of the happy path is the answer itself, so after
a crash either both the change and its answer are there, or neither.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

import orjson
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from hues.kernel import clock
from hues.kernel.errors import Invalid

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

HEADER = "Idempotency-Key"
FIELD = "idempotency_key"  # of a form
KEEP = timedelta(hours=48)
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")
_MOST = 256_000  # bytes of an answer


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    def response(self, *, replayed: bool) -> HttpResponse:
        response = HttpResponse(self.content, status=self.status, headers=self.headers)
        if replayed:
            response["Idempotent-Replayed"] = "true"
        return response


def idempotent(door: str, *, required: bool = False, keep: timedelta = KEEP) -> Callable[[View[P]], View[P]]:
    """Decorates a view (of django-ninja: through `decorate_view`) so that a repeated request gets the first answer
    again.

    The client sends `Idempotency-Key`, or a form its hidden field. Only answers below 400 are kept: after an error the
    same key may be tried again. The same key with another body raises Invalid. A repetition that comes while the first
    is still being worked on waits for it. Keys of one person are not another's. Answers are kept for `keep`.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            key = _key_of(request)
            if not key:
                if required:
                    raise Invalid(_("The request needs an Idempotency-Key."), code="idempotency-key-missing")
                return view(request, *args, **kwargs)
            scope = f"{door}:{_who(request)}"
            return once(scope, key, _fingerprint(request), lambda: view(request, *args, **kwargs), keep=keep)

        return guarded

    return decorate


def once(
    scope: str, key: str, request_hash: str, work: Callable[[], HttpResponseBase], *, keep: timedelta = KEEP
) -> HttpResponseBase:
    """Do `work` in a transaction, once for this scope and key: two statements more than the work itself."""
    with transaction.atomic():
        claim = _claim(scope, key, request_hash, clock.now() + keep - KEEP)
        if claim is None:
            return _first_answer(scope, key, request_hash).response(replayed=True)
        response = work()
        if response.status_code >= 400:
            transaction.set_rollback(True)
        else:
            _keep(claim, response)
        return response


def forget_old() -> int:
    """Remove keys whose time is over: `at` lies KEEP before that. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("delete from kernel_idempotencykey where at < %s", [clock.now() - KEEP])
        return cursor.rowcount


def _claim(scope: str, key: str, request_hash: str, at: datetime) -> int | None:
    """The id of our new row; None if there is one. Waits for a transaction that is just writing the same key."""
    sql = """
    insert into kernel_idempotencykey (scope, key, request_hash, at) values (%s, %s, %s, %s)
    on conflict (scope, key) do nothing returning id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [scope[:128], key, request_hash, at])
        row = cursor.fetchone()
    return row[0] if row else None


def _keep(claim: int, response: HttpResponseBase) -> None:
    if not isinstance(response, HttpResponse) or len(response.content) > _MOST:
        raise ValueError("an answer that streams, or of this size, is not for an idempotent door")
    headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
    with connection.cursor() as cursor:
        cursor.execute(
            "update kernel_idempotencykey set status = %s, body = %s where id = %s",
            [response.status_code, orjson.dumps(headers) + b"\n" + response.content, claim],
        )


def _first_answer(scope: str, key: str, request_hash: str) -> Answer:
    sql = "select request_hash, status, body from kernel_idempotencykey where scope = %s and key = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [scope[:128], key])
        known_hash, status, body = cursor.fetchone()
    if known_hash != request_hash:
        message = _("This Idempotency-Key was already used for another request.")
        raise Invalid(message, code="idempotency-key-reused")
    headers, _newline, content = bytes(body).partition(b"\n")
    return Answer(status, orjson.loads(headers), content)


def _key_of(request: HttpRequest) -> str:
    key = request.headers.get(HEADER, "").strip().strip('"')
    if not key and request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        key = request.POST.get(FIELD, "")
    if key and not _KEY.fullmatch(key):
        raise Invalid(_("An Idempotency-Key has 8 to 128 visible ASCII characters."), code="idempotency-key-invalid")
    return key


def _who(request: HttpRequest) -> str:
    actor = getattr(request, "actor", None)
    return f"{actor.kind}:{actor.id or ''}" if actor else "guest:"


def _fingerprint(request: HttpRequest) -> str:
    """What was asked, without what differs between two sendings of one form (the CSRF token, multipart boundaries)."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode("utf-8", "replace"))
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        fields = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
        digest.update(repr(fields).encode("utf-8", "replace"))
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(f"\n{name}\n".encode("utf-8", "replace"))
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()
