"""A citizen takes a copy and leaves: the person goes, the city's record and its proof stay."""

import argparse
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from PIL import Image

from hues.cases.actions import moderate_case, open_case, send_message
from hues.cases.models import Case, CaseFile, CaseMessage, Outcome
from hues.cli import restore
from hues.cli import user as user_command
from hues.kernel import clock, files
from hues.kernel.errors import Forbidden, NotFound
from hues.kernel.files.store import UPLOAD, name_of, write_variants
from hues.kernel.log.verify import verify
from hues.kernel.models import JournalEntry, StoredFile
from hues.kernel.relay import run_once
from hues.people import actions, erasing, jobs, queries, receipts
from hues.people.actions import erasure, exports
from hues.people.models import Erasure, Export, OneTimeCode, Passkey, Session, User, VaultRecord
from hues.runtime.trouble import Trouble
from tests.people.conftest import NOW, actor

Make = Callable[..., User]
PLACE = {"lat": 16.4637, "lon": 107.5909, "address": "27 Lê Lợi"}
SECRET, PRIVATE = "Nhà tôi số 27, gọi Mận nhé", "Ông hàng xóm tên Khoai đánh vợ"


def picture(owner: User) -> StoredFile:
    data = BytesIO()
    Image.effect_noise((640, 480), 50).convert("RGB").save(data, "JPEG")
    data.seek(0)
    return files.store_image(data, owner_id=owner.pk).file


@dataclass
class Life:
    """What a citizen leaves behind: a published case, a restricted one, photos, talk, a passkey."""

    citizen: User
    lead: User
    shown: Case
    hidden: Case
    photos: list[StoredFile]

    def erase(self, **wishes: Any) -> Erasure:
        asked = actions.erase_person(actor=actor(self.citizen), **wishes)
        while erasure.go_on(asked.pk):
            pass
        return Erasure.objects.get(pk=asked.pk)


@pytest.fixture
def life(citizen: User, make_staff: Make) -> Life:
    lead = make_staff("truong.ca", "lead")
    who = actor(citizen)
    photos = [picture(citizen) for _one in range(3)]
    actions.set_name(actor=who, user=citizen, name="Trần Thị Mận")
    shown = open_case(actor=who, category="DT01", body=SECRET, file_ids=[photos[0].pk], **PLACE)
    hidden = open_case(actor=who, category="AN02", body=PRIVATE, file_ids=[photos[1].pk], **PLACE)
    send_message(actor=who, code=shown.code, body="Tôi tên Mận, nhà có cổng xanh")
    send_message(actor=actor(lead), code=shown.code, body="Chào cô Mận, đội sẽ đến")
    StoredFile.objects.filter(pk=photos[0].pk).update(masking="done", found={})
    moderate_case(
        actor=actor(lead), code=shown.code, public_body="Đèn đường tắt", public_address="Lê Lợi",
        public_files=[photos[0].pk],
    )  # fmt: skip
    Passkey.objects.create(user=citizen, credential_id=b"x", credential=b"x", name="Máy Mận", created_at=NOW)
    return Life(citizen, lead, shown, hidden, photos)


def everything_kept() -> str:
    """Every text column of every table, as one string."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"select coalesce(string_agg(t::text, chr(10)), '') from \"{table}\" t")  # noqa: S608
            found.append(cursor.fetchone()[0])
    return "\n".join(found)


def test_nothing_of_the_person_is_left_anywhere(life: Life) -> None:
    pseudonym = life.citizen.username
    before = everything_kept()
    assert all(word in before for word in (SECRET, PRIVATE, "Mận", pseudonym, "Máy Mận"))
    receipt = life.erase()
    after = everything_kept()
    for word in (SECRET, PRIVATE, "Mận", "Khoai", pseudonym, "cổng xanh", "27 Lê Lợi"):
        assert word not in after, word
    assert receipt.next_at is None and receipt.held == []
    counts = receipt.done["counts"]
    assert (counts["reports_kept"], counts["reports_erased"], counts["messages"], counts["photos"]) == (1, 1, 2, 1)
    for model in (VaultRecord, Session, Passkey, OneTimeCode):
        assert not model.objects.filter(**({} if model is OneTimeCode else {"user": life.citizen})).exists()


def test_what_everybody_could_read_stays_without_a_link(life: Life, client: Client) -> None:
    life.erase()
    shown, hidden = Case.objects.get(pk=life.shown.pk), Case.objects.get(pk=life.hidden.pk)
    assert (shown.body, shown.address, shown.reporter_id) == ("Đèn đường tắt", "Lê Lợi", None)
    assert shown.moderated and client.get(f"/cases/{shown.code}").status_code == 200
    assert (hidden.body, hidden.address, hidden.lat, hidden.reporter_id) == ("", "", None, None)
    assert hidden.category_id == life.hidden.category_id and hidden.received_at == life.hidden.received_at
    public, private, unused = life.photos
    assert StoredFile.objects.get(pk=public.pk).owner_id is None
    assert not StoredFile.objects.filter(pk__in=[private.pk, unused.pk]).exists()
    assert not any(default_storage.exists(name_of(private.pk, variant)) for variant in files.VARIANTS)
    desk = Client()
    desk.force_login(life.lead)
    assert "Đã xóa" in desk.get(f"/desk/cases/{shown.code}").text


def test_on_wish_published_words_and_photos_go_too(life: Life, client: Client) -> None:
    receipt = life.erase(withdraw_public=True)
    shown = Case.objects.get(pk=life.shown.pk)
    assert (shown.body, shown.public_body, shown.moderated) == ("", "", False)
    assert client.get(f"/cases/{shown.code}").status_code == 404
    assert not CaseFile.objects.filter(case=shown).exists()
    assert receipt.done["counts"]["reports_erased"] == 2


def test_the_face_under_the_mask_goes_the_mask_stays(life: Life) -> None:
    photo = life.photos[0]
    masked = {variant: b"masked " + variant.encode() for variant in files.VARIANTS}
    write_variants(photo.pk, {f"masked-{name}": data for name, data in masked.items()}, masks=1)
    StoredFile.objects.filter(pk=photo.pk).update(found={"version": 1, "regions": []})
    life.erase()
    for variant in files.VARIANTS:
        with files.open_variant(photo.pk, variant) as kept:
            assert kept.read() == masked[variant]


def test_of_a_video_only_the_masked_still_stays(life: Life) -> None:
    video = life.photos[0]
    write_variants(video.pk, {f"masked-{name}": b"masked " + name.encode() for name in files.VARIANTS}, masks=2)
    for film in (files.CLIP, UPLOAD):
        default_storage.save(name_of(video.pk, film), ContentFile(b"a film of Khoai"))
    StoredFile.objects.filter(pk=video.pk).update(media_type="video/mp4", duration_s=12, found={"version": 2})
    life.erase()
    left = StoredFile.objects.get(pk=video.pk)
    assert (left.is_video, left.duration_s, left.mask_version, left.upload_sha256) == (False, None, 0, "")
    assert not any(default_storage.exists(name_of(video.pk, film)) for film in (files.CLIP, UPLOAD))
    with files.open_variant(video.pk, "full") as kept:
        assert kept.read() == b"masked full"


def test_of_a_photo_that_nobody_sees_no_masked_copy_stays(life: Life) -> None:
    photo = life.photos[1]
    write_variants(photo.pk, {f"masked-{name}": b"masked" for name in files.VARIANTS}, masks=1)
    StoredFile.objects.filter(pk=photo.pk).update(masking="done", found={"version": 1})
    life.erase()
    assert not any(default_storage.exists(name_of(photo.pk, f"masked-{name}", 1)) for name in files.VARIANTS)


# After a restore


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUES_DATA_DIR", str(tmp_path))
    return tmp_path


def erased_after_the_backup(life: Life, **wishes: Any) -> Erasure:
    """The database as before the erasure; what lies beside it knows better."""
    with transaction.atomic():
        gone = life.erase(**wishes)
        transaction.set_rollback(True)
    assert queries.account(life.citizen.pk) and SECRET in everything_kept()
    return gone


def test_who_left_after_the_backup_leaves_again(
    life: Life, folder: Path, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = erased_after_the_backup(life, withdraw_public=True)
    for words in (["erase-again"], ["erase-again", str(folder / "erasures.log")], ["erase-again", gone.receipt]):
        assert user_command.run(argparse.Namespace(verb=words[0], what=words[1:])) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("1 erasures done again, 0 were") and said[1].startswith("0 erasures done again, 1 were")
    left = everything_kept()
    assert all(word not in left for word in (SECRET, PRIVATE, "Mận", "Khoai"))
    assert Case.objects.get(pk=life.shown.pk).public_body == "", "the wish is kept too"
    assert gone.receipt in client.get(f"/erasures/{gone.receipt}").text
    with pytest.raises(Trouble):
        user_command.run(argparse.Namespace(verb="erase-again", what=["XD-2222-2222"]))


def test_a_restored_city_redoes_them_by_itself(life: Life, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    restore.erase_again()
    assert "no erasures.log" in capsys.readouterr().out
    gone = erased_after_the_backup(life)
    restore.erase_again()
    assert "1 erasures done again" in capsys.readouterr().out
    assert Erasure.objects.get(receipt=gone.receipt).next_at is None
    stranger = {**json.loads((folder / "erasures.log").read_text().splitlines()[0]), "receipt": "XD-3333-3333"}
    stranger["person"] = "0190f0f0-0000-7000-8000-000000000000"  # came after the backup
    (folder / "erasures.log").write_text(f"{json.dumps(stranger)}\n")
    restore.erase_again()
    assert "1 are of accounts that are not here" in capsys.readouterr().out


def test_the_receipt_is_written_down_when_somebody_leaves_and_says_nothing_of_them(
    life: Life, folder: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    log = folder / "erasures.log"
    with django_capture_on_commit_callbacks(execute=True):
        asked = actions.erase_person(actor=actor(life.citizen))
    assert [line.receipt for line in receipts.read(log)] == [asked.receipt]
    log.write_text(log.read_text() + '{"receipt": "XD-22')  # the power went out
    while erasure.go_on(asked.pk):
        pass
    assert [line.person for line in receipts.read(log)] == [str(life.citizen.pk)]
    assert log.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(log.read_text().splitlines()[-1])) == {
        "receipt", "person", "withdraw_public", "asked_at", "written_at",
    }  # fmt: skip


def test_the_log_proves_as_before(life: Life) -> None:
    run_once()
    before = verify()
    assert before.sound and before.erased == 0
    life.erase(withdraw_public=True)
    run_once()
    after = verify()
    assert after.sound and after.erased > 0 and after.entries > before.entries, after.problems
    entry = JournalEntry.objects.filter(subject_id=life.shown.pk, action="case.message").first()
    assert entry is not None and (entry.parts, bytes(entry.salt)) == ({}, b"")
    assert Client().get(f"/log/proof/{entry.pk}").status_code == 200


def test_it_can_be_killed_between_any_two_steps_and_asked_twice(life: Life) -> None:
    first = actions.erase_person(actor=actor(life.citizen))
    assert queries.account(life.citizen.pk) is None, "closed at once, before the job runs"
    again = actions.erase_person(actor=queries.actor_for(life.citizen))
    assert again.pk == first.pk
    steps = 0
    while erasure.go_on(first.pk):
        steps += 1
        assert Erasure.objects.get(pk=first.pk).next_at is not None
    counts = Erasure.objects.get(pk=first.pk).done["counts"]
    assert steps == len(erasing.ERASERS) + 3
    Erasure.objects.filter(pk=first.pk).update(next_at=clock.now())  # as after a crash behind the last step
    jobs.keep_promises(0)
    assert Erasure.objects.get(pk=first.pk).done["counts"] == counts


def test_a_room_that_fails_is_tried_again_and_the_rest_stays_done(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = actions.erase_person(actor=actor(life.citizen))
    broken = {"now": True}

    def erase(person_id: object) -> dict[str, int]:
        if broken["now"]:
            raise OSError("no room on the disk")
        return {"broken": 1}

    monkeypatch.setattr(erasing.ERASERS, "_plugins", {**dict(erasing.ERASERS.items()), "broken": erase})
    jobs.keep_promises(0)
    waiting = Erasure.objects.get(pk=asked.pk)
    assert waiting.next_at is not None and waiting.next_at > clock.now() and "cases" in waiting.done["turn"]
    broken["now"] = False
    with clock.at(waiting.next_at):
        jobs.keep_promises(0)
    done = Erasure.objects.get(pk=asked.pk)
    assert done.next_at is None and done.done["counts"]["broken"] == 1


def test_the_number_may_come_back_as_a_stranger(life: Life, newest_code: Callable[[], str]) -> None:
    life.erase()
    with clock.at(clock.now() + timedelta(hours=2)):
        actions.send_code(phone="0905 123 456", purpose="sign-in", session_key="neu")
        stranger = actions.confirm_code(code=newest_code(), purpose="sign-in", session_key="neu")
    assert stranger.pk != life.citizen.pk and stranger.username != life.citizen.username
    client = Client()
    client.force_login(stranger)
    assert life.shown.code not in client.get("/me").text
    assert client.get(f"/me/cases/{life.shown.code}").status_code == 404


def test_an_old_session_and_passkey_open_nothing(life: Life) -> None:
    client = Client()
    client.force_login(life.citizen)
    assert client.get("/me/settings").status_code == 200
    life.erase()
    assert client.get("/me/settings").status_code == 302


def test_the_law_holds_what_it_needs_and_says_until_when(life: Life, make_staff: Make) -> None:
    with clock.at(NOW):
        reveal = actions.ask_reveal(
            actor=actor(life.lead), code=life.shown.code, ground="rescue", issued_by="Đội cứu hộ 114",
            reason="Người gửi có thể đang mắc kẹt trong nước", needs=["phone"],
        )  # fmt: skip
        Case.objects.filter(pk=life.hidden.pk).update(outcome=Outcome.ENFORCED, published_at=NOW)
        client = Client()
        client.force_login(life.citizen)
        page = client.get("/me/settings/erase").text
        assert life.shown.code in page and life.hidden.code in page and "Là căn cứ của một quyết định" in page
        receipt = life.erase()
        assert {hold["subject"] for hold in receipt.held} == {life.shown.code, life.hidden.code}
        assert Case.objects.get(pk=life.shown.pk).body == SECRET
        assert VaultRecord.objects.filter(user=life.citizen).exists()
        assert queries.citizen_by_phone("+84905123456") is None, "the number is free again"
        other = make_staff("truong.ca.hai", "lead")
        actions.decide_reveal(actor=actor(other), number=reveal.number, approve=True, reason="Cứu nạn khẩn cấp")
        assert actions.open_reveal(actor=actor(life.lead), number=reveal.number).phone == "+84905123456"
        shown = Client().get(f"/erasures/{receipt.receipt}").text
        assert "trừ phần luật giữ lại" in shown and life.hidden.code in shown
    with clock.at(NOW + timedelta(days=31)):
        jobs.keep_promises(0)
        assert Case.objects.get(pk=life.shown.pk).body == "Đèn đường tắt"
        assert Case.objects.get(pk=life.hidden.pk).body == PRIVATE
    with clock.at(NOW + timedelta(days=91)):
        jobs.keep_promises(0)
        assert Case.objects.get(pk=life.hidden.pk).body == ""
        assert not VaultRecord.objects.filter(user=life.citizen).exists()
        assert Erasure.objects.get(pk=receipt.pk).next_at is None
    assert "Mận" not in everything_kept()


def test_a_lock_is_not_shaken_off(life: Life, newest_code: Callable[[], str]) -> None:
    with clock.at(NOW):
        for kind, days in (("warning", 0), ("lock", 7)):
            actions.place_restriction(
                actor=actor(life.lead),
                code=life.shown.code,
                kind=kind,
                days=days,
                reason="Ba lần báo cháy giả trong đêm",
            )
        life.erase()
        actions.send_code(phone="0905 123 456", purpose="sign-in", session_key="neu")
        with pytest.raises(Forbidden):
            actions.confirm_code(code=newest_code(), purpose="sign-in", session_key="neu")
    with clock.at(NOW + timedelta(days=8)):
        jobs.keep_promises(0)
        actions.send_code(phone="0905 123 456", purpose="sign-in", session_key="neu")
        assert actions.confirm_code(code=newest_code(), purpose="sign-in", session_key="neu").pk != life.citizen.pk


def test_the_page_erases_only_after_a_fresh_code(life: Life, newest_code: Callable[[], str]) -> None:
    client = Client()
    client.force_login(life.citizen)
    sure = {"published": "stay", "sure": "1"}
    with clock.at(NOW + timedelta(days=1)):
        assert client.post("/me/settings/erase", sure).status_code == 409
        address = "/confirm?next=/me/settings/erase"
        client.post(address, {"send": "1"})
        assert "••• 456" in client.get(address).text
        assert client.post(address, {"code": "000000", "next": "/me/settings/erase"}).status_code == 422
        client.post(address, {"code": newest_code(), "next": "/me/settings/erase"})
        assert client.post("/me/settings/erase", {"published": "stay"}).status_code == 409, "not sure"
        done = client.post("/me/settings/erase", sure)
        assert done["Location"].startswith("/erasures/XD-")
        assert client.get("/me/settings").status_code == 302
        assert done["Location"].rpartition("/")[2] in client.get(done["Location"]).text
    assert Client().get("/erasures/XD-2222-2222").status_code == 404


def test_staff_are_not_erased_this_way(life: Life) -> None:
    with pytest.raises(NotFound):
        actions.erase_person(actor=actor(life.lead))


# The copy


def archive_of(export: Export) -> zipfile.ZipFile:
    exports.make(export.pk)
    with default_storage.open(f"exports/{export.pk}.zip") as file:
        return zipfile.ZipFile(BytesIO(file.read()))


def test_the_copy_holds_everything_of_its_owner_and_nothing_of_others(life: Life) -> None:
    stranger = User.objects.create(kind="citizen", username="khac", created_at=NOW)
    open_case(actor=actor(stranger), category="DT01", body="Chuyện của người khác", **PLACE)
    archive = archive_of(actions.ask_export(actor=actor(life.citizen)))
    content = archive.read("data.json").decode()
    data = json.loads(content)
    assert data["schema"] == "hues-export-1"
    assert (data["account"]["phone"], data["account"]["name"]) == ("+84905123456", "Trần Thị Mận")
    assert {case["code"] for case in data["reports"]} == {life.shown.code, life.hidden.code}
    assert SECRET in content and "Chào cô Mận" in content and "Chuyện của người khác" not in content
    assert data["account"]["passkeys"][0]["name"] == "Máy Mận"
    assert {"notices", "follows", "supports"} <= set(data)
    photos = {f"photos/{photo.pk}.jpg" for photo in life.photos[:2]}
    assert photos <= set(archive.namelist()) and archive.read(photos.pop())[:2] == b"\xff\xd8"
    assert "dữ liệu" in archive.read("README.txt").decode()


def test_only_its_owner_fetches_it_and_for_a_day(life: Life, newest_code: Callable[[], str]) -> None:
    start = clock.now()
    with clock.at(start + timedelta(hours=1)):
        phone, thief = Client(), Client()
        phone.post("/login", {"phone": "0905 123 456"})
        phone.post("/login/code", {"code": newest_code()})
        thief.force_login(User.objects.create(kind="citizen", username="ke-trom", created_at=NOW))
        assert "đang" in phone.post("/me/settings/export", follow=True).text
        export = Export.objects.get()
        assert actions.ask_export(actor=actor(life.citizen)).pk == export.pk, "one at a time"
        exports.make(export.pk)
        told = JournalEntry.objects.filter(action="people.export_ready").get().parts["notify"]
        assert told[0]["person_id"] == str(life.citizen.pk)
        address = f"/me/settings/export/{export.pk}.zip"
        assert address in phone.get("/me/settings").text
        got = phone.get(address)
        assert got["Content-Type"] == "application/zip" and "attachment" in got["Content-Disposition"]
        assert b"".join(got.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
        for other in (thief, Client()):
            assert "zip" not in other.get(address).get("Content-Type", "")
    with clock.at(start + timedelta(hours=2)):
        assert phone.get(address)["Location"].startswith("/confirm"), "an open telephone is not enough"
    with clock.at(start + timedelta(hours=26)):
        jobs.keep_promises(0)
    assert not Export.objects.exists() and not default_storage.exists(f"exports/{export.pk}.zip")


def test_a_copy_that_a_crash_left_behind_is_made_again_and_erasing_drops_it(life: Life) -> None:
    export = actions.ask_export(actor=actor(life.citizen))
    with clock.at(clock.now() + timedelta(minutes=11)):
        jobs.keep_promises(0)
    assert Export.objects.get(pk=export.pk).state == "ready"
    life.erase()
    assert not default_storage.exists(f"exports/{export.pk}.zip")
    exports.make(export.pk)
    assert not default_storage.exists(f"exports/{export.pk}.zip")


def test_messages_of_others_about_other_cases_stay(life: Life) -> None:
    stranger = User.objects.create(kind="citizen", username="khac", created_at=NOW)
    other = open_case(actor=actor(stranger), category="DT01", body="Đèn khác", **PLACE)
    send_message(actor=actor(stranger), code=other.code, body="Còn tôi thì ở lại")
    life.erase()
    assert CaseMessage.objects.filter(case=other).count() == 1
