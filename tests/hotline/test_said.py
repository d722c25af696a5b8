"""What was said in a call: with consent, sealed, for a while, for a reason."""

import struct
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.test import Client

from hues.hotline import actions, jobs, signing
from hues.hotline.actions import said
from hues.hotline.models import Call, Recording, RecordingAccess
from hues.kernel import clock, outbound
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people import vault
from tests.hotline import peers
from tests.hotline.conftest import NOW, SECRET, at_desk, event, staff, tell

SOUND = b"RIFF" + struct.pack("<I", 4036) + b"WAVEfmt " + bytes(4028)
WHY = "Người dân khiếu nại nội dung trả lời"


@pytest.fixture(autouse=True)
def _files(settings: LazySettings, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path)}},
    }


def recorded(over: Callable[..., Call], name: str = "c1", *, consent: bool = True, at: float = 0) -> Call:
    """A call of which a recording came."""
    over(name, at=at, consent=consent)
    return tell(event("recording", name, at=at + 189))


def upload(name: str = "c1", content: bytes = SOUND, secret: str = SECRET) -> Client:
    headers = signing.headers(secret, f"msg_{uuid4().hex}", content)
    return Client().post(f"/api/v1/cti/recordings?call={name}", content, content_type="audio/wav", headers=headers)


def test_a_recording_is_kept_sealed_where_the_caller_agreed(over: Callable[..., Call]) -> None:
    call = recorded(over)
    answer = upload()
    assert (answer.status_code, answer.json()["kept"]) == (202, True)
    row = Recording.objects.get()
    assert (row.state, row.media_type, row.size) == ("stored", "audio/wav", len(SOUND))
    with default_storage.open(said.name_of(row)) as file:
        kept = file.read()
    assert b"WAVE" not in kept and vault.open_sealed(kept, row.id.bytes) == SOUND
    assert row.delete_at == NOW + timedelta(days=90)
    assert upload().json()["kept"] is False, "once"
    assert call.consent == "given"


def test_without_consent_nothing_is_stored(over: Callable[..., Call]) -> None:
    recorded(over, "refused", consent=False)
    assert upload("refused").json() == {"call": Call.objects.get().code, "kept": False, "consent": "refused"}
    tell(event("transcript", "refused", at=190, text="Alo, tôi muốn hỏi"))
    rows = Recording.objects.all()
    assert {row.state for row in rows} == {"refused"} and not any(row.sealed_text or row.fetch_url for row in rows)


def test_nobody_asked_is_no_consent(over: Callable[..., Call]) -> None:
    over()
    tell(event("recording", at=189, url="https://pbx.example/1.wav"), event("transcript", at=190, text="Alo"))
    assert upload().json()["kept"] is False
    with clock.at(NOW + timedelta(days=2)):
        assert said.delete_due() == 1
    assert set(Recording.objects.values_list("state", "fetch_url")) == {("refused", "")}


def test_a_no_counts_more_than_a_yes_whenever_it_comes(
    over: Callable[..., Call], seated: Actor, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    call = recorded(over)
    upload()
    tell(event("transcript", at=190, text="Alo, tôi ở kiệt 12"))
    name = said.name_of(Recording.objects.get(kind="sound"))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        actions.note_consent(actor=seated, call_id=call.pk, agreed=False)
    assert not default_storage.exists(name)
    assert {(row.state, bytes(row.sealed_text)) for row in Recording.objects.all()} == {("refused", b"")}
    assert actions.note_consent(actor=seated, call_id=call.pk, agreed=True).consent == "refused"


def test_consent_that_comes_after_the_recording_is_in_time(over: Callable[..., Call]) -> None:
    over()
    tell(event("recording", at=189))
    tell(event("consent", at=1, consent=True))
    assert upload().json()["kept"] is True


def test_a_recording_is_fetched_from_the_telephone_system_through_the_guard(
    over: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(peer: peers.Peer, wire: object) -> None:
        peer.asked.append(peers.http_request(wire)[1])  # type: ignore[arg-type]
        peers.http_answer(wire, 200, SOUND)  # type: ignore[arg-type]

    peer = peers.Peer(serve)
    over(consent=True)
    tell(event("recording", at=189, url=f"http://127.0.0.1:{peer.port}/rec/1.wav"))
    row = Recording.objects.get()
    with pytest.raises(outbound.Refused):
        jobs.fetch_recording(str(row.pk))
    assert peer.asked == [], "an address inside our network is not fetched from unless it is allowed"
    monkeypatch.setenv("HUES_OUTBOUND_ALLOW", f"127.0.0.1:{peer.port}")
    jobs.fetch_recording(str(row.pk))
    jobs.fetch_recording(str(row.pk))
    row.refresh_from_db()
    assert (row.state, row.fetch_url, peer.asked) == ("stored", "", ["/rec/1.wav"])
    peer.close()


@pytest.mark.parametrize("content", [b"", b"<html>", b"MZ\x90", b"RIFFxxxxAVI "])
def test_what_is_no_sound_is_refused(content: bytes, over: Callable[..., Call]) -> None:
    recorded(over)
    assert upload(content=content).status_code == 422
    assert Recording.objects.get().state == "waiting"


def test_a_recording_needs_its_event_and_a_signature(over: Callable[..., Call]) -> None:
    over(consent=True)
    assert upload().status_code == 404
    recorded(over, "c2")
    assert upload("c2", secret=signing.secret_of("wrong")).status_code == 401


# ── opening ──


def test_it_opens_for_a_reason_and_the_log_stays(
    over: Callable[..., Call], seated: Actor, colleague: Actor, lead: Actor
) -> None:
    call = recorded(over)
    upload()
    with pytest.raises(Forbidden):
        actions.open_recording(actor=colleague, call_id=call.pk, ground="complaint", reason=WHY)
    for ground, reason in (("curiosity", WHY), ("complaint", "vì"), ("complaint", "")):
        with pytest.raises(Invalid):
            actions.open_recording(actor=lead, call_id=call.pk, ground=ground, reason=reason)
    opened = actions.open_recording(actor=lead, call_id=call.pk, ground="complaint", reason=WHY)
    actions.open_recording(actor=seated, call_id=call.pk, ground="report", reason="Nghe lại địa chỉ của người dân")
    entry = JournalEntry.objects.filter(action="call.recording_opened").order_by("id")[0]
    assert entry.actor_id == lead.id and entry.parts["audit"]["reason"] == WHY and WHY not in str(entry.parts["centre"])
    assert at_desk(lead).get(f"/desk/calls/heard/{opened.pk}").status_code == 200
    assert RecordingAccess.objects.count() == 2
    assert at_desk(seated).get(f"/desk/calls/heard/{opened.pk}").status_code == 404, "one's own opening only"
    with clock.at(NOW + timedelta(minutes=16)):
        assert at_desk(lead).get(f"/desk/calls/heard/{opened.pk}").status_code == 404


def test_leads_and_auditors_read_who_else_listened_without_listening(
    over: Callable[..., Call], seated: Actor, colleague: Actor, lead: Actor
) -> None:
    call = recorded(over)
    upload()
    actions.open_recording(actor=seated, call_id=call.pk, ground="report", reason="Nghe lại địa chỉ của người dân")
    auditor = staff("thanh.tra", "auditor")
    for who in (lead, auditor):
        for door in (f"/desk/calls/{call.pk}", "/desk/calls/heard"):
            page = at_desk(who).get(door).content.decode()
            assert "Nghe lại địa chỉ của người dân" in page and "Ai đã nghe" in page, (who.name, door)
            listed = page[page.index("Nghe lại địa chỉ") - 400 :]
            assert "Truc.May" in listed and "Bổ sung hoặc sửa phản ánh" in listed, (who.name, door)
    assert RecordingAccess.objects.count() == 1, "reading the log opens nothing"
    for who in (seated, colleague):
        assert at_desk(who).get("/desk/calls/heard").status_code == 404
        assert "Ai đã nghe" not in at_desk(who).get(f"/desk/calls/{call.pk}").content.decode()
    opened = actions.open_recording(actor=lead, call_id=call.pk, ground="complaint", reason=WHY)
    assert "Truc.May" in at_desk(lead).get(f"/desk/calls/heard/{opened.pk}").content.decode()


def test_a_recording_is_opened_and_held_on_the_page(over: Callable[..., Call], lead: Actor, seated: Actor) -> None:
    call = recorded(over)
    upload()
    desk, door = at_desk(lead), f"/desk/calls/{call.pk}/recording"
    assert "Mở" in desk.get(door).content.decode()
    assert desk.post(door, {"ground": "complaint", "reason": ""}).status_code == 422
    answer = desk.post(door, {"ground": "complaint", "reason": WHY})
    opened = RecordingAccess.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/calls/heard/{opened.pk}")
    assert "<audio" in desk.get(answer["Location"]).content.decode()
    hold = f"/desk/calls/{call.pk}/hold-recording"
    at_desk(seated).post(hold, {"days": "365", "reason": WHY})
    assert Recording.objects.get().held_until is None
    assert desk.post(hold, {"days": "365", "reason": WHY})["Location"] == f"/desk/calls/{call.pk}"
    row = Recording.objects.get()
    assert (row.held_until, row.held_for, row.held_by_id) == (NOW + timedelta(days=365), WHY, lead.id)
    assert WHY in desk.get(f"/desk/calls/heard/{opened.pk}").content.decode()
    desk.post(hold, {"days": "0", "reason": ""})
    assert Recording.objects.get().held_until is None


def test_the_sound_comes_in_parts(over: Callable[..., Call], lead: Actor) -> None:
    call = recorded(over)
    upload()
    tell(event("transcript", at=190, text="Tôi ở kiệt 12, nước ngập"))
    opened = actions.open_recording(actor=lead, call_id=call.pk, ground="quality", reason="Kiểm tra cách trả lời")
    desk = at_desk(lead)
    assert "Tôi ở kiệt 12, nước ngập" in desk.get(f"/desk/calls/heard/{opened.pk}").content.decode()
    address = f"/desk/calls/heard/{opened.pk}/{Recording.objects.get(kind='sound').pk}"
    whole = desk.get(address)
    assert (whole.status_code, whole["Content-Type"], whole["Accept-Ranges"]) == (200, "audio/wav", "bytes")
    assert b"".join(whole.streaming_content) == SOUND
    part = desk.get(address, headers={"range": "bytes=0-3"})
    assert (part.status_code, b"".join(part.streaming_content), part["Content-Range"]) == (
        206,
        b"RIFF",
        f"bytes 0-3/{len(SOUND)}",
    )
    assert desk.get(address, headers={"range": "bytes=99999-"}).status_code == 416
    assert "no-store" in whole["Cache-Control"] or "max-age=0" in whole["Cache-Control"]


def test_volunteers_and_agencies_hear_nothing(over: Callable[..., Call], lead: Actor, volunteer: Actor) -> None:
    call = recorded(over)
    upload()
    actions.begin_surge(actor=lead, reason="Mưa lớn, lũ lên nhanh")
    for who in (volunteer, staff("cay.xanh", "officer", "CVX")):
        with pytest.raises(NotFound):
            actions.open_recording(actor=who, call_id=call.pk, ground="report", reason=WHY)
        assert at_desk(who).get(f"/desk/calls/{call.pk}/recording").status_code == 404


def test_nothing_kept_opens_nothing(over: Callable[..., Call], lead: Actor) -> None:
    with pytest.raises(Conflict):
        actions.open_recording(actor=lead, call_id=over().pk, ground="complaint", reason=WHY)


# ── how long ──


def test_it_is_deleted_in_time_unless_it_is_held(
    over: Callable[..., Call], lead: Actor, seated: Actor, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    kept, gone = recorded(over, "kept"), recorded(over, "gone", at=200)
    upload("kept"), upload("gone")
    with pytest.raises(Forbidden):
        actions.hold_recording(actor=seated, call_id=kept.pk, days=365, reason=WHY)
    assert actions.hold_recording(actor=lead, call_id=kept.pk, days=365, reason=WHY) == 1
    with clock.at(NOW + timedelta(days=89)):
        assert said.delete_due() == 0
    with clock.at(NOW + timedelta(days=91)), django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        jobs.each_night(0)
    row = Recording.objects.get(call=gone)
    assert row.state == "deleted" and not default_storage.exists(said.name_of(row))
    assert Recording.objects.get(call=kept).state == "stored"
    with clock.at(NOW + timedelta(days=366)):
        assert said.delete_due() == 1
    assert JournalEntry.objects.filter(action="call.recording_deleted").count() == 2
