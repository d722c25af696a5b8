"""Somebody files for somebody else: with their consent, their code or only their number, and never to see the number again."""

import re
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.models import JournalEntry
from hues.people import actions
from hues.people.models import SandboxMessage, User
from hues.reports.helping import actions as helping
from hues.reports.helping.models import OnBehalf
from hues.reports.jobs import tell_person
from tests.reports.conftest import HERE, LAMP

PHONE = "0900000077"


@pytest.fixture
def helper(db: None, settings: LazySettings) -> User:
    settings.SMS_PROVIDER = "sandbox"
    user = actions.create_staff(actor=SYSTEM, username="to.cong.nghe", password="mưa dầm thấm đất Huế")
    actions.grant_role(actor=SYSTEM, user_id=user.pk, role="helper")
    return user


@pytest.fixture
def door(client: Client, helper: User) -> Client:
    client.force_login(helper)
    return client


def report_for(client: Client, behalf: str, **more: object) -> dict[str, object]:
    body = {
        "category": LAMP,
        "body": "Đèn trước nhà mệ tắt",
        "lat": HERE[0],
        "lon": HERE[1],
        "for_other": behalf,
        **more,
    }
    answer = client.post("/api/v1/reports", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def code_sent() -> str:
    found = re.search(r"\b(\d{6})\b", SandboxMessage.objects.latest("at").text)
    assert found
    return found.group(1)


def test_nobody_is_helped_without_their_consent(door: Client) -> None:
    answer = door.post("/report/for", {"phone": PHONE, "go": "1"})
    assert answer.status_code == 422 and 'id="e-consent"' in answer.content.decode()
    assert not OnBehalf.objects.exists()


def test_with_the_code_read_out_they_are_the_reporter(door: Client, helper: User) -> None:
    answer = door.post("/report/for", {"consent": "1", "phone": PHONE, "code": "1"})
    step = answer["Location"]
    assert PHONE[-9:] not in door.get(step).content.decode(), "only the end of the number is shown"
    answer = door.post(step, {"code": code_sent(), "confirm": "1"})
    behalf = answer["Location"].rpartition("=")[2]
    told = report_for(door, behalf)
    case = Case.objects.select_related("reporter").get(code=told["code"])
    assert case.reporter is not None and case.reporter.kind == "citizen" and case.reporter_id != helper.pk
    entry = JournalEntry.objects.get(action="case.filed_for", subject_id=case.pk)
    assert set(entry.parts) == {"staff"} and helper.name in entry.parts["staff"]["said"]["vi"]
    assert door.get(f"/me/cases/{case.code}").status_code in (302, 404), "the helper does not follow it as theirs"
    assert str(told["code"]) in door.get(step).content.decode()


def test_with_a_number_alone_they_get_a_link_and_the_number_is_sealed(door: Client) -> None:
    answer = door.post("/report/for", {"consent": "1", "phone": PHONE, "go": "1"})
    behalf = answer["Location"].rpartition("=")[2]
    told = report_for(door, behalf)
    row = OnBehalf.objects.get()
    assert row.person_id is None and PHONE[-9:].encode() not in bytes(row.sealed_phone)
    assert Case.objects.get().reporter_id is None
    tell_person(str(row.pk))
    tell_person(str(row.pk))  # a job runs at least once
    assert bytes(OnBehalf.objects.get().sealed_phone) == b"", "it was given for one message"
    messages = SandboxMessage.objects.filter(to__endswith=PHONE[-9:])
    text = messages.get().text
    assert str(told["code"]) in text
    found = re.search(r"/t/(\S+)", text)
    assert found
    page = Client().get(f"/t/{found.group(1)}")
    assert page.status_code == 200 and str(told["code"]) in page.content.decode()
    assert "Đèn trước nhà mệ tắt" not in page.content.decode(), "the link shows where it stands, not what was said"
    assert Client().get("/t/sai-roi").status_code == 404


def test_a_consent_counts_once_for_its_own_helper_and_for_a_day(
    door: Client, operator: Actor, make_citizen: Callable[[str], User]
) -> None:
    behalf = door.post("/report/for", {"consent": "1", "go": "1"})["Location"].rpartition("=")[2]
    body = {"category": LAMP, "body": "Đèn tắt", "lat": HERE[0], "lon": HERE[1], "for_other": behalf}
    citizen = Client()
    citizen.force_login(make_citizen("nguoi-la"))
    answer = citizen.post("/api/v1/reports", body, content_type="application/json")
    assert answer.status_code == 422 and "for_other" in answer.json()["fields"]
    for nothing in ({"id": behalf}, [behalf], 7, "mệ"):
        answer = door.post("/api/v1/reports", {**body, "for_other": nothing}, content_type="application/json")
        assert answer.status_code == 422 and "for_other" in answer.json()["fields"], nothing
    with clock.at(clock.now() + helping.LIFE * 1.01):
        assert helping.purge() == 1
    behalf = door.post("/report/for", {"consent": "1", "go": "1"})["Location"].rpartition("=")[2]
    report_for(door, behalf)
    answer = door.post("/api/v1/reports", {**body, "for_other": behalf}, content_type="application/json")
    assert answer.status_code == 409 and Case.objects.count() == 1


def test_who_is_no_helper_finds_no_such_page(browser: Client) -> None:
    assert browser.get("/report/for").status_code == 404
    assert Client().get("/report/for").status_code == 302


def test_what_is_kept_of_somebody_who_was_helped_can_be_erased(
    door: Client, make_citizen: Callable[[str], User]
) -> None:
    behalf = door.post("/report/for", {"consent": "1", "phone": PHONE, "go": "1"})["Location"].rpartition("=")[2]
    person = make_citizen("duoc-giup")
    OnBehalf.objects.filter(pk=behalf).update(person=person)
    assert len(helping.export_of(person.pk)) == 1
    assert helping.erase_of(person.pk) == {"filed_for": 1}
    assert helping.erase_of(person.pk) == {"filed_for": 0}
    assert bytes(OnBehalf.objects.get().sealed_phone) == b""
