"""The doors: the board, one case on it, the officer's phone, the panel beside a case."""

import json
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from io import BytesIO

import pytest
from django.conf import LazySettings
from django.test import Client
from PIL import Image

from hues.cases.models import Case
from hues.dispatch import actions
from hues.dispatch.models import Call, LogLine, Task
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.models import JournalEntry
from hues.notifications import actions as notices
from hues.notifications import sending
from tests.cases.conftest import MONDAY, at_most
from tests.dispatch.conftest import FAR, NEAR, Crew, Scene, agency
from tests.notifications.peers import Browser, PushService, push_service  # noqa: F401 - a fixture

SignIn = Callable[[Actor], Client]
HX = {"HX-Request": "true", "Accept": "application/json"}


@pytest.fixture(autouse=True)
def open_doors(settings: LazySettings) -> None:
    settings.SANDBOX, settings.LIMITS = True, False


def photo() -> BytesIO:
    found = BytesIO()
    Image.effect_noise((320, 240), 50).convert("RGB").save(found, "JPEG")
    found.seek(0)
    found.name = "hien-truong.jpg"
    return found


def test_one_click_on_the_board_sends_the_nearest(scene: Scene, crew: Callable[..., Crew], browser_of: SignIn) -> None:
    crew("CVX", "Tổ gần", lat=16.464, lon=107.591)
    centre = browser_of(scene.operator)
    board = centre.get("/desk/dispatch").content.decode()
    assert scene.code in board and "27 Lê Lợi" in board
    page = centre.get(f"/desk/dispatch/{scene.code}").content.decode()
    assert "Tổ gần" in page and 'data-key="1"' in page
    team = Task._meta.get_field("team").related_model.objects.get(name="Tổ gần")
    for _press in range(2):
        sent = centre.post(
            f"/desk/dispatch/{scene.code}/send",
            {"agency": "CVX", "team": str(team.pk), "idempotency_key": "one-press-0001"},
        )
        assert sent.status_code == 302
    task = Task.objects.get()
    assert task.team == team and task.distance_m is not None and task.distance_m < 100, (
        "looked up, not taken from the form"
    )
    assert JournalEntry.objects.filter(action="task.sent").count() == 1
    panel = centre.get(f"/desk/cases/{scene.code}/panels").content.decode()
    assert "Tổ gần" in panel and "ladder-rungs" in panel


def test_the_board_has_no_more_statements_with_more_tasks(scene: Scene, browser_of: SignIn) -> None:
    from hues.cases.actions import open_case
    from tests.cases.conftest import INSIDE, upload

    for n in range(6):
        case = open_case(
            actor=scene.citizen, category="DT03", body=f"Cây ngã {n}", file_ids=[upload(scene.citizen.id)], **INSIDE
        )
        actions.send_task(actor=scene.operator, code=case.code, agency_id=agency("CVX").pk)
    centre = browser_of(scene.operator)
    centre.get("/desk/dispatch")
    with at_most(16):
        assert centre.get("/desk/dispatch/cards").status_code == 200


def test_an_officer_goes_all_the_way_on_the_phone(scene: Scene, browser_of: SignIn) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    phone, base = browser_of(scene.officer), f"/desk/tasks/{task.pk}"
    assert scene.code in phone.get("/desk/tasks").content.decode()
    page = phone.get(base).content.decode()
    assert "geo:16.463700,107.590900" in page and f"{base}/accept" in page and "tel:" in page
    assert f"{base}/set-out" in phone.post(f"{base}/accept", {"minutes": "10"}, headers=HX).content.decode()
    assert f"{base}/arrive" in phone.post(f"{base}/set-out", headers=HX).content.decode()
    refused = phone.post(f"{base}/arrive", {"lat": FAR["lat"], "lon": FAR["lon"], "accuracy": "10"}, headers=HX)
    assert refused.status_code == 422 and "1,3 km" in refused.json()["fields"]["files"]
    plain = phone.post(f"{base}/arrive", {"lat": FAR["lat"], "lon": FAR["lon"], "accuracy": "10"})
    assert plain.status_code == 422 and "1,3 km" in plain.content.decode(), "without scripts too"
    arrived = phone.post(f"{base}/arrive", {"lat": NEAR["lat"], "lon": NEAR["lon"], "accuracy": "10"}, headers=HX)
    assert f"{base}/finish" in arrived.content.decode()
    done = {"outcome": "fixed_with_evidence", "text": "Đã cưa và dọn sạch đường."}
    assert phone.post(f"{base}/finish", done, headers=HX).status_code == 422, "a photo is the evidence"
    assert phone.post(f"{base}/finish", {**done, "photos": photo()}, headers=HX).status_code == 200
    assert (Case.objects.get(code=scene.code).state, Task.objects.get().state) == ("done", "done")


def test_a_photo_proves_arrival_and_all_parties_see_it(scene: Scene, browser_of: SignIn) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    help_ = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    phone = browser_of(scene.officer)
    phone.post(f"/desk/tasks/{task.pk}/accept")
    phone.post(f"/desk/tasks/{task.pk}/arrive", {"photos": photo()})
    line = LogLine.objects.get(kind="arrived")
    assert line.file_id
    helper = browser_of(scene.helper)
    assert helper.get(f"/files/{line.file_id}/medium").status_code == 200
    stranger = browser_of(scene.people.officer(agency("SYT")))
    assert stranger.get(f"/files/{line.file_id}/medium").status_code == 404
    assert stranger.get(f"/desk/tasks/{help_.pk}").status_code == 404
    assert stranger.post(f"/desk/tasks/{help_.pk}/accept").status_code == 404


def test_the_same_request_sent_again_by_a_phone_is_answered_and_not_done_again(
    scene: Scene, browser_of: SignIn
) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.accept_task(actor=scene.officer, task_id=task.pk)
    phone = browser_of(scene.officer)
    happened = (MONDAY + timedelta(minutes=7)).isoformat()
    said = {"text": "Đã tới, đang cưa", "idempotency_key": "kept-on-the-phone-1", "happened_at": happened}
    with clock.at(MONDAY + timedelta(minutes=40)):
        answers = [phone.post(f"/desk/tasks/{task.pk}/write", said, headers=HX) for _try in range(3)]
        assert {answer.status_code for answer in answers} == {200}
        assert answers[2].headers["Idempotent-Replayed"] == "true"
        line = LogLine.objects.get(kind="said")
        assert line.happened_at == MONDAY + timedelta(minutes=7) and line.at == clock.now()
        moved = {
            "lat": NEAR["lat"],
            "lon": NEAR["lon"],
            "happened_at": happened,
            "idempotency_key": "kept-on-the-phone-2",
        }
        for _try in range(2):
            assert phone.post(f"/desk/tasks/{task.pk}/arrive", moved, headers=HX).status_code == 200
    assert Task.objects.get().arrived_at == MONDAY + timedelta(minutes=7)
    assert JournalEntry.objects.filter(action="case.on_scene").count() == 1


def test_calls_decline_and_recall_at_their_doors(scene: Scene, browser_of: SignIn) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    centre, phone = browser_of(scene.operator), browser_of(scene.officer)
    base = f"/desk/dispatch/{scene.code}"
    assert phone.get(base).status_code == 404, "the board is for the centre and heads"
    call = {"person": str(scene.officer.id), "result": "no_answer"}
    assert centre.post(f"{base}/tasks/{task.pk}/call", call).status_code == 302
    assert (Call.objects.get().person_id, Call.objects.get().result) == (scene.officer.id, "no_answer")
    assert "call-row next" in centre.get(base).content.decode()
    assert centre.post(f"{base}/tasks/{task.pk}/call", {"person": "x", "result": "busy"}).status_code == 404
    assert phone.post(f"/desk/tasks/{task.pk}/decline", {"reason": "no"}, headers=HX).status_code == 422
    assert phone.post(f"/desk/tasks/{task.pk}/decline", {"reason": "Xe hỏng"}, headers=HX).status_code == 200
    again = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    assert centre.post(f"{base}/recall", {"reason": "Báo nhầm, đường thông"}).status_code == 302
    assert "Rút về" in phone.get(f"/desk/tasks/{again.pk}").content.decode()


def test_text_messages_go_with_the_push_and_lead_to_the_task(scene: Scene, settings: LazySettings) -> None:
    from hues.duty import phones
    from hues.kernel import journal
    from hues.notifications.actions import deliver
    from hues.notifications.channels import Outgoing
    from hues.notifications.channels.sms import text_of
    from hues.notifications.models import Delivery
    from hues.notifications.sending import _holding
    from hues.notifications.texts import told

    settings.SMS_PROVIDER, settings.NOTICE_CHANNELS = "sandbox", ("push", "mail", "sms")
    assert scene.officer.id
    phones.keep(scene.officer.id, "+84900000101")
    night = MONDAY.replace(hour=18)  # one o'clock: quiet hours
    with clock.at(night):
        task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
        entry = JournalEntry.objects.get(action="task.sent")
        deliver(journal.read([entry.pk])[entry.pk])
        sms = Delivery.objects.select_related("notice__person").get(channel="sms")
        assert sms.due_at == night, "at once, and not in the morning"
        assert _holding(sms, {"sent"}, night) is None, "also where a push got through"
        words = told(sms.notice.template, sms.notice.data, link=sms.notice.link, language="vi")
        text = text_of(Outgoing(sms, words, sms.notice.link), plain=True)
    assert text.endswith(f"/desk/tasks/{task.pk}") and "27 Le Loi" in text


def test_the_board_says_how_many_it_does_not_show(
    scene: Scene, browser_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = browser_of(scene.operator)
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    assert "chưa hiện" not in board.get("/desk/dispatch").content.decode()
    monkeypatch.setattr(import_module("hues.dispatch.queries.board"), "MOST", 1)
    assert "Còn 1 việc đang mở chưa hiện" in board.get("/desk/dispatch").content.decode()
    one = board.get("/desk/dispatch", {"agency": "HEP"}).content.decode()
    assert "chưa hiện" not in one and one.count("data-row") == 1


def test_who_is_sent_is_woken_by_a_push_at_night(scene: Scene, service: PushService, settings: LazySettings) -> None:
    settings.SANDBOX, settings.NOTICE_CHANNELS = True, frozenset({"push"})
    phone = Browser()
    notices.add_device(actor=scene.officer, endpoint=service.url("phone"), device="Chrome · Android", **phone.keys)
    with clock.at(MONDAY.replace(hour=18)):  # one o'clock: quiet hours
        task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
        entry_id = JournalEntry.objects.get(action="task.sent").pk
        notices.deliver(journal.read([entry_id])[entry_id])
        sending.send_waiting()
    [(_path, headers, body)] = service.got
    shown = json.loads(phone.read(body))
    assert headers["urgency"] == "high" and shown["tag"] == f"/desk/tasks/{task.pk}"
    assert "27 Lê Lợi" in shown["title"] + shown["body"]
