"""One decision taken back: nothing was done and nobody told before its moment, and afterwards it says honestly why it is too late."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hues.cases.actions import send_message, take_step
from hues.cases.models import Case
from hues.console import actions, queries, sieve
from hues.console.models import Bulk, BulkItem, Lease
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid, NotFound
from hues.kernel.models import JournalEntry
from tests.cases.conftest import MONDAY, People, journal_of, told

Reports = Callable[..., list[Case]]
Browser = Callable[[Actor], Client]
LATER = MONDAY + timedelta(seconds=21)
SPAM = {"reason": "spam", "text": "Không phải phản ánh của thành phố."}


def state(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def steps(case: Case) -> list[str]:
    return [entry.action for entry in journal_of(case) if entry.action not in ("case.opened", "case.read")]


def send(client: Client, path: str, data: dict[str, Any]) -> Any:
    return client.post(path, json.dumps(data), content_type="application/json", headers={"accept": "application/json"})


def decide(client: Client, case: Case, verb: str, **data: Any) -> Any:
    return send(client, f"/desk/triage/cases/{case.code}/decide", {"verb": verb, "version": case.version, **data})


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("accept", {}),
        ("accept", {"category": "DT04"}),
        ("assign", {"agency": "CVX"}),
        ("reject", SPAM),
        ("redirect", {"to": "procedures", "text": "Việc này do bộ phận một cửa trả lời."}),
        ("merge", {}),
        ("ask", {"text": "Xin cho biết đèn nào trên {street}?"}),
    ],
)
def test_every_decision_waits_and_is_carried_out_once(
    one: Actor, reports: Reports, verb: str, data: dict[str, str]
) -> None:
    first, case = reports(2)
    given = data or ({"parent": first.code} if verb == "merge" else {})
    taken = actions.start_decision(actor=one, code=case.code, verb=verb, data=given, version=case.version)
    assert taken.waits is not None and taken.said
    assert state(case) == "triage" and steps(case) == [], "nothing is done, nobody is told"
    with clock.at(LATER):
        assert actions.fire_bulks() == 1 and actions.fire_bulks() == 0
    assert state(case) != "triage" and not Lease.objects.exists()
    kept = Bulk.objects.get().data
    assert not {"text", "public_body"} & set(kept), "no word of it is kept beside the case"
    assert not JournalEntry.objects.filter(subject_kind="bulk").exists(), "the step itself is the history"


def test_taken_back_it_is_as_before_and_stands_before_the_operator(one: Actor, two: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    taken = actions.start_decision(actor=one, code=case.code, verb="reject", data=SPAM, version=case.version)
    assert taken.waits
    assert queries.listed(two, sieve.read({})).items == [], "it is out of the list while it waits"
    with clock.at(MONDAY + timedelta(seconds=15)):
        actions.undo_bulk(actor=one, bulk_id=taken.waits.pk)
        actions.undo_bulk(actor=one, bulk_id=taken.waits.pk)  # pressed twice
        assert [row.code for row in queries.listed(one, sieve.read({})).items] == [case.code]
        lease = Lease.objects.get()
        assert (lease.case_id, lease.operator_id) == (case.pk, one.id)
    with clock.at(LATER):
        assert actions.fire_bulks() == 0
    after = Case.objects.get(pk=case.pk)
    assert (after.state, after.version, after.answer) == ("triage", case.version, case.answer)
    assert steps(case) == ["case.taken_back"], "journalled once"
    entry = next(entry for entry in journal_of(case) if entry.action == "case.taken_back")
    assert entry.actor_id == one.id and entry.parts["centre"]["verb"] == "reject"
    assert not told(entry) and "spam" not in str(entry.parts), "its sender has nothing to hear"
    again = actions.start_decision(actor=one, code=case.code, verb="accept", data={}, version=case.version)
    assert again.waits, "what was taken back can be decided again"


def test_who_may_and_until_when(one: Actor, two: Actor, lead: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    taken = actions.start_decision(actor=one, code=case.code, verb="accept", data={}, version=case.version)
    assert taken.waits
    for other in (two, lead):
        with pytest.raises(NotFound):
            actions.undo_bulk(actor=other, bulk_id=taken.waits.pk)
    with pytest.raises(Conflict):
        actions.start_decision(actor=one, code=case.code, verb="reject", data=SPAM)
    with clock.at(LATER), pytest.raises(Conflict) as caught:
        actions.undo_bulk(actor=one, bulk_id=taken.waits.pk)
    assert "quá lúc hoàn tác" in caught.value.detail


def test_it_is_refused_once_the_agency_acted_and_the_operator_hears_that_it_was_not_done(
    one: Actor, people: People, lights: Any, reports: Reports, browser_of: Browser
) -> None:
    """A case that an agency has is given to another one; in those seconds the first accepts it."""
    (case,) = reports(1)
    given = actions.decide(actor=one, code=case.code, verb="accept", data={}, version=case.version)
    assert given.agency
    move = {"agency": "HEP", "text": "Đèn này thuộc đơn vị khác quản lý."}
    client = browser_of(one)
    answer = decide(client, given, "assign", **move)
    assert answer.status_code == 200, answer.content
    officer = people.officer(given.agency)
    take_step(actor=officer, code=case.code, step="start", data={})
    refused = send(client, f"/desk/triage/bulk/{answer.json()['id']}/undo", {})
    assert refused.status_code == 409 and "làm trước" in refused.json()["detail"]
    with clock.at(LATER):
        actions.fire_bulks()
    assert BulkItem.objects.get().state == "failed"
    entry = JournalEntry.objects.get(action="bulk.done")
    assert told(entry) == {one.id} and case.code in str(entry.parts["notify"])


def test_a_word_of_the_sender_is_a_reason_to_take_it_back(one: Actor, citizen: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    taken = actions.start_decision(actor=one, code=case.code, verb="reject", data=SPAM, version=case.version)
    assert taken.waits
    send_message(actor=citizen, code=case.code, body="Tôi gửi thêm vị trí")
    assert actions.undo_bulk(actor=one, bulk_id=taken.waits.pk).state == "undone"


def test_what_is_wrong_is_said_at_once_and_nothing_waits(one: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    before = [entry.action for entry in journal_of(case)]
    for wrong in ({"reason": "spam", "text": "Thiếu [điều gì]"}, {"reason": "no such", "text": "Không phải."}):
        with pytest.raises(Invalid):
            actions.start_decision(actor=one, code=case.code, verb="reject", data=wrong, version=case.version)
    with pytest.raises(Conflict):
        actions.start_decision(actor=one, code=case.code, verb="accept", data={}, version=case.version + 1)
    assert not Bulk.objects.exists() and [entry.action for entry in journal_of(case)] == before


def test_what_cannot_wait_goes_out_at_once(one: Actor, browser_of: Browser, reports: Reports) -> None:
    tree, other = reports(2, category="DT03", body="Cây đổ chắn đường")
    answer = decide(browser_of(one), tree, "accept").json()
    assert state(tree) == "dispatched" and "id" not in answer, "seconds count: nobody waits for an undo"
    assert "id" in decide(browser_of(one), other, "reject", **SPAM).json(), "a refusal by mistake is taken back"
    assert state(other) == "triage"


def test_without_scripts_the_next_page_has_the_button(one: Actor, browser_of: Browser, reports: Reports) -> None:
    case, _next = reports(2)
    client = browser_of(one)
    sent = {"verb": "accept", "version": case.version}
    page = client.post(f"/desk/triage/cases/{case.code}/decide", sent, follow=True).content.decode()
    undo = f"/desk/triage/bulk/{Bulk.objects.get().pk}/undo"
    assert f'action="{undo}"' in page and f"{case.code}: Đã giao" in page
    assert f'action="{undo}"' in client.get(f"/desk/triage/cases/{case.code}").content.decode()
    back = client.post(undo, follow=True)
    assert back.redirect_chain[-1][0] == f"/desk/triage?case={case.code}"
    assert "không báo cho ai" in back.content.decode().lower() or "chưa báo" in back.content.decode().lower()
    assert state(case) == "triage"
    again = client.post(f"/desk/triage/cases/{case.code}/decide", sent)
    with clock.at(LATER):
        late = client.post(f"/desk/triage/bulk/{Bulk.objects.get(state='waiting').pk}/undo", follow=True)
    assert again.status_code == 302 and "quá lúc hoàn tác" in late.content.decode()
