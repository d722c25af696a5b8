"""The same request twice is done once."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from hues.kernel import clock, idempotency, journal
from hues.kernel.actors import GUEST, SYSTEM, Actor
from hues.kernel.errors import Conflict, Invalid
from hues.kernel.idempotency import idempotent, once
from hues.kernel.models import IdempotencyKey, JournalEntry

pytestmark = pytest.mark.django_db
done: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_done() -> Iterator[None]:
    done.clear()
    yield


@idempotent("tests.open")
def door(request: HttpRequest, answer: int = 201) -> HttpResponse:
    journal.record(actor=SYSTEM, action="case.opened", subject_kind="case", subject_id=uuid4())
    done.append(request.method or "")
    response = JsonResponse({"code": f"PA-{len(done)}"}, status=answer)
    response["Location"] = f"/cases/PA-{len(done)}"
    return response


def request(body: Any = '{"a": 1}', key: str = "0193-abcd", actor: Actor = GUEST, **more: Any) -> HttpRequest:
    made = RequestFactory().post(
        "/reports", body, content_type="application/json", headers={"Idempotency-Key": key}, **more
    )
    made.actor = actor  # type: ignore[attr-defined]
    return made


def test_a_repeated_request_gets_the_first_answer() -> None:
    answers = [door(request()) for _ in range(5)]
    assert len(done) == 1
    assert {(a.status_code, a.content, a["Location"], a["Content-Type"]) for a in answers} == {  # type: ignore[attr-defined]
        (201, b'{"code": "PA-1"}', "/cases/PA-1", "application/json")
    }
    assert [a.get("Idempotent-Replayed") for a in answers] == [None, *["true"] * 4]


def test_it_costs_two_statements_more_than_the_work() -> None:
    with CaptureQueriesContext(connection) as asked:
        door(request())
    words = [q["sql"].split()[0].lower() for q in asked.captured_queries]
    assert [w for w in words if w not in ("savepoint", "release")] == ["insert", "insert", "update"]


def test_the_same_key_for_something_else_is_refused() -> None:
    door(request())
    with pytest.raises(Invalid) as refused:
        door(request('{"a": 2}'))
    assert refused.value.code == "idempotency-key-reused"
    assert len(done) == 1


def test_keys_of_one_person_are_not_anothers() -> None:
    door(request(actor=Actor("citizen", uuid4())))
    door(request(actor=Actor("citizen", uuid4())))
    assert len(done) == 2


def test_after_an_error_nothing_is_kept_and_the_key_may_be_tried_again() -> None:
    before = JournalEntry.objects.count()
    assert door(request(), answer=422).status_code == 422
    assert JournalEntry.objects.count() == before, "what the refused request had written is undone"

    @idempotent("tests.open")
    def clash(_request: HttpRequest) -> HttpResponse:
        raise Conflict("somebody was faster")

    with pytest.raises(Conflict):
        clash(request())
    assert door(request()).status_code == 201


@pytest.mark.parametrize("key", ["short", "x" * 129, "with space in it", "ế" * 9])
def test_keys_that_are_none_are_refused(key: str) -> None:
    with pytest.raises(Invalid):
        door(request(key=key))


def test_without_a_key_everything_is_done_unless_one_is_required() -> None:
    door(request(key=""))
    door(request(key=""))
    assert len(done) == 2
    with pytest.raises(Invalid):
        idempotent("tests.strict", required=True)(lambda _request: HttpResponse())(request(key=""))


def test_a_form_is_the_same_form_with_a_new_csrf_token_and_other_boundaries() -> None:
    def form(text: str, photo: bytes, token: str) -> HttpRequest:
        fields = {"idempotency_key": "form-0001", "body": text, "csrfmiddlewaretoken": token}
        made = RequestFactory().post("/reports", {**fields, "photo": SimpleUploadedFile("a.jpg", photo)})
        made.actor = GUEST  # type: ignore[attr-defined]
        return made

    door(form("Ổ gà", b"photo", "one"))
    door(form("Ổ gà", b"photo", "two"))
    assert len(done) == 1
    for other in (form("Ổ gà to", b"photo", "one"), form("Ổ gà", b"another", "one")):
        with pytest.raises(Invalid):
            door(other)


def test_old_keys_are_forgotten() -> None:
    door(request())
    assert idempotency.forget_old() == 0
    with clock.at(clock.now() + idempotency.KEEP + timedelta(seconds=1)):
        assert idempotency.forget_old() == 1


def test_of_two_at_the_same_moment_one_is_done_and_the_other_waits_for_its_answer() -> None:
    """In connections of their own, which really commit."""
    scope, inside, go_on = f"tests.race:{uuid4()}", threading.Event(), threading.Event()
    answers: list[bytes] = []

    def work() -> HttpResponse:
        done.append("once")
        inside.set()
        go_on.wait(10)
        return HttpResponse(b"first")

    def ask() -> None:
        try:
            answers.append(once(scope, "race-0001", "hash", work).content)  # type: ignore[attr-defined]
        finally:
            connections.close_all()

    first, second = threading.Thread(target=ask), threading.Thread(target=ask)
    first.start()
    assert inside.wait(10)
    second.start()
    second.join(0.3)
    assert second.is_alive(), "it waits"
    go_on.set()
    first.join(10)
    second.join(10)

    def forget() -> None:
        IdempotencyKey.objects.filter(scope=scope).delete()
        connections.close_all()

    cleaner = threading.Thread(target=forget)
    cleaner.start()
    cleaner.join(10)
    assert answers == [b"first", b"first"]
    assert done == ["once"]
