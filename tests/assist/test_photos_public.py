"""What everyone sees of a photo is masked, from the first moment; the original is opened by few, and written down."""
# ruff: noqa: F811 - fixtures of the cases' stories are arguments here

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image
from tests.assist import samples
from tests.cases.conftest import INSIDE, People, monday, people  # noqa: F401

from hues.assist.photos import actions, children, waiting
from hues.cases.actions import open_case
from hues.cases.models import Case, CaseFile
from hues.kernel import files, journal
from hues.kernel.errors import Conflict, Forbidden, NotFound
from hues.kernel.files.store import name_of
from hues.kernel.models import JournalEntry, StoredFile
from hues.people.models import User
from hues.web import pictures

LOOK: dict[str, Any] = {"link": False, "own": True, "desk": False, "classes": ""}

VARIANTS = [*files.VARIANTS, *files.MASKED, files.CLIP, "original"]


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    }
    yield tmp_path


def street_with_face() -> BytesIO:
    picture = samples.street(5, (1024, 768))
    picture.paste(samples.face(160), (400, 300))
    return samples.jpeg(picture)


def signed_in(actor: Any) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.id))
    return client


def told(people: People, *, public: bool = True, photo: BytesIO | None = None) -> tuple[Case, UUID, Any]:
    """A case with one photo, shown to everyone, and its reporter."""
    reporter = people.citizen()
    file_id = files.store_image(photo or street_with_face(), owner_id=reporter.id).file.id
    case = open_case(actor=reporter, category="HT01", body="Đèn đường hỏng trước nhà", file_ids=[file_id], **INSIDE)
    if public:
        CaseFile.objects.filter(file_id=file_id).update(public=True)
        Case.objects.filter(pk=case.pk).update(moderated=True, visibility="public", public_body="Đèn hỏng")
    return case, file_id, reporter


def got(client: Client, file_id: UUID, variant: str, query: str = "") -> tuple[int, str, bytes]:
    answer = client.get(f"/files/{file_id}/{variant}{query}")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, answer.headers.get("Content-Type", ""), content


def original(file_id: UUID, variant: str = "full") -> bytes:
    with files.open_variant(file_id, variant) as content:
        return content.read()


def test_the_public_never_gets_an_original_before_nor_after_masking(people: People) -> None:
    _case, file_id, _reporter = told(people)
    originals = {original(file_id, name) for name in files.VARIANTS}
    for variant in VARIANTS:
        status, kind, content = got(Client(), file_id, variant)
        assert (status, kind) in {(200, "image/svg+xml"), (404, "text/html; charset=utf-8")}, variant
        assert content not in originals
    assert waiting.mask_some() == 1
    file = StoredFile.objects.get(pk=file_id)
    assert file.masking == "done" and file.found["face"] == 1 and file.found["version"] == 1
    for variant in VARIANTS:
        status, kind, content = got(Client(), file_id, variant)
        assert content not in originals, variant
        assert status == (200 if variant in {*files.VARIANTS, *files.MASKED} else 404), variant
    left, top, width, height = file.found["regions"][0]["box"]
    seen, real = (
        np.asarray(Image.open(BytesIO(one)), np.float32)
        for one in (got(Client(), file_id, "full")[2], original(file_id))
    )
    inside = (
        slice(int((top + height * 0.3) * 768), int((top + height * 0.7) * 768)),
        slice(int((left + width * 0.2) * 1024), int((left + width * 0.8) * 1024)),
    )
    assert np.abs(seen[inside] - real[inside]).mean() > 8  # the face is gone
    assert np.abs(seen[:200] - real[:200]).mean() < 4  # the street is not


def test_a_photo_with_nothing_to_hide_costs_no_second_copy(people: People, folder: Path) -> None:
    _case, file_id, _reporter = told(people, photo=samples.jpeg(samples.street(7, (800, 600))))
    waiting.mask_some()
    file = StoredFile.objects.get(pk=file_id)
    assert (file.masking, file.found["version"], file.found["regions"]) == ("done", 0, [])
    assert got(Client(), file_id, "masked-full")[2] == original(file_id)
    assert not list(folder.rglob("*masked*"))


def test_whoever_sent_it_sees_it_as_it_is(people: People) -> None:
    _case, file_id, reporter = told(people, public=False)
    mine, other = signed_in(reporter), signed_in(people.citizen())
    assert got(mine, file_id, "full")[2] == original(file_id)
    assert got(mine, file_id, "original")[2] == original(file_id)
    assert got(other, file_id, "full")[0] == 404
    waiting.mask_some()
    assert got(mine, file_id, "masked-full")[2] != original(file_id)


def test_those_who_handle_it_see_it_masked_and_the_original_only_after_it_is_written_down(people: People) -> None:
    case, file_id, _reporter = told(people)
    waiting.mask_some()
    operator = people.operator
    desk = signed_in(operator)
    assert got(desk, file_id, "full")[2] != original(file_id)
    assert got(desk, file_id, "original")[0] == 404
    answer = desk.post(f"/desk/photos/{file_id}/original")
    assert answer.status_code == 302
    entry = JournalEntry.objects.get(action="file.original_seen")
    assert (entry.subject_id, entry.actor_id, entry.parts["audit"]["file"]) == (case.pk, operator.id, str(file_id))
    assert set(entry.parts) == {"audit"}
    query = "?" + answer["Location"].partition("?")[2]
    status, _kind, content = got(desk, file_id, "original", query)
    assert status == 200 and content == original(file_id)
    assert got(signed_in(people.lead), file_id, "original", query)[0] == 404, "a ticket is one person's"
    assert b"/original?seen=" in desk.get(answer["Location"]).content
    assert got(Client(), file_id, "original", query)[0] == 404


def test_an_agency_opens_originals_only_while_the_case_is_theirs(people: People) -> None:
    from hues.cases import reference

    case, file_id, _reporter = told(people, public=False)
    waiting.mask_some()
    ours, others = [a for a in reference.agencies().values() if not reference.is_centre(a.pk)][:2]
    Case.objects.filter(pk=case.pk).update(agency=ours)
    officer = people.officer(ours)
    ticket = actions.see_original(actor=officer, file_id=file_id)
    assert got(signed_in(officer), file_id, "original", f"?seen={ticket}")[0] == 200
    Case.objects.filter(pk=case.pk).update(agency=others)
    assert got(signed_in(officer), file_id, "original", f"?seen={ticket}")[0] == 404
    with pytest.raises(NotFound):
        actions.see_original(actor=officer, file_id=file_id)
    with pytest.raises(Forbidden):
        actions.see_original(actor=people.auditor, file_id=file_id)
    assert JournalEntry.objects.filter(action="file.original_seen").count() == 1


def test_the_centre_hides_more_by_hand_and_may_go_back(people: People) -> None:
    case, file_id, _reporter = told(people)
    waiting.mask_some()
    desk, before = signed_in(people.operator), got(Client(), file_id, "full")[2]
    form = {"version": "1", "keep": ["0"], "left": "10", "top": "70,5", "width": "20", "height": "15"}
    assert desk.post(f"/desk/photos/{file_id}/masks", form).status_code == 302
    file = StoredFile.objects.get(pk=file_id)
    assert [one["kind"] for one in file.found["regions"]] == ["face", "hand"]
    after = got(Client(), file_id, "full")[2]
    assert after not in {before, original(file_id)}
    shown = np.asarray(Image.open(BytesIO(after)), np.float32)[550:640, 120:290]
    assert shown.std() < np.asarray(Image.open(BytesIO(before)), np.float32)[550:640, 120:290].std()
    assert desk.post(f"/desk/photos/{file_id}/masks", form).status_code == 409, "somebody was faster"
    with pytest.raises(Conflict):
        actions.change_masks(actor=people.operator, file_id=file_id, regions=[], version=1)
    assert desk.post(f"/desk/photos/{file_id}/masks", {"version": "2", "again": "1"}).status_code == 302
    assert [one["kind"] for one in StoredFile.objects.get(pk=file_id).found["regions"]] == ["face"]
    told_of = [
        e.data["version"] for e in journal.entries(case.pk, for_viewer=journal.STAFF) if e.action == "file.masked"
    ]
    assert told_of == [2, 3]
    assert original(file_id)
    with pytest.raises(NotFound):
        actions.change_masks(actor=people.citizen(), file_id=file_id, regions=[])


def test_what_a_person_hides_is_not_undone_by_the_machine_that_was_looking(people: People, monkeypatch: Any) -> None:
    _case, file_id, _reporter = told(people)
    by_hand = [{"kind": "hand", "box": [0.0, 0.0, 1.0, 1.0]}]
    run, hidden = children.run, list[bytes]()

    def meanwhile(*args: Any, **options: Any) -> str:
        output = run(*args, **options)
        actions.change_masks(actor=people.operator, file_id=file_id, regions=by_hand)
        hidden.append(got(Client(), file_id, "full")[2])
        return output

    monkeypatch.setattr(children, "run", meanwhile)
    waiting.mask_some()
    assert StoredFile.objects.get(pk=file_id).found["hand"] == 1
    assert [got(Client(), file_id, "full")[2]] == hidden


def test_wrong_numbers_are_refused_in_words(people: People) -> None:
    _case, file_id, _reporter = told(people)
    waiting.mask_some()
    desk = signed_in(people.operator)
    for box in (("x", "1", "1", "1"), ("150", "1", "10", "10"), ("nan", "1", "5", "5"), ("10", "10", "0", "5")):
        form = {"version": "1", **dict(zip(("left", "top", "width", "height"), box, strict=True))}
        answer = desk.post(f"/desk/photos/{file_id}/masks", form)
        assert answer.status_code == 422 and "phần trăm".encode() in answer.content, box
    assert StoredFile.objects.get(pk=file_id).mask_version == 1


def test_what_cannot_be_checked_is_never_shown_and_can_be_masked_by_hand(people: People, folder: Path) -> None:
    _case, file_id, _reporter = told(people)
    (folder / name_of(file_id, "full")).rename(folder / "away")
    waiting.mask_some()
    assert StoredFile.objects.get(pk=file_id).masking == "failed"
    assert got(Client(), file_id, "medium")[1] == "image/svg+xml"
    (folder / "away").rename(folder / name_of(file_id, "full"))
    actions.change_masks(
        actor=people.operator, file_id=file_id, regions=[{"kind": "hand", "box": [0.3, 0.3, 0.3, 0.4]}]
    )
    assert got(Client(), file_id, "medium")[1] == "image/jpeg"


def test_a_child_that_dies_costs_a_try_of_the_photo_it_died_of_and_no_other(people: People, monkeypatch: Any) -> None:
    ids = [told(people)[1] for _ in range(3)]

    def dies(*_args: Any, **_more: Any) -> str:
        raise children.Died("signal 9", "")

    with monkeypatch.context() as patched:
        patched.setattr(children, "run", dies)
        waiting.mask_some()
    tries = dict(StoredFile.objects.filter(pk__in=ids).values_list("pk", "found__tries"))
    assert sorted(tries.values()) == [0, 0, 1]
    assert waiting.mask_some() == 3
    assert set(StoredFile.objects.filter(pk__in=ids).values_list("masking", flat=True)) == {"done"}


def test_a_photo_that_kills_whoever_looks_is_given_up_after_three_tries(people: People, monkeypatch: Any) -> None:
    file_id = told(people)[1]

    def dies(*_args: Any, **_more: Any) -> str:
        raise children.Died("signal 9", "")

    monkeypatch.setattr(children, "run", dies)
    for _ in range(waiting.TRIES + 1):
        waiting.mask_some()
    assert StoredFile.objects.get(pk=file_id).masking == "failed"
    assert not waiting.photos_wait()


def test_words_for_those_who_cannot_see_it(people: People) -> None:
    case, file_id, reporter = told(people)
    waiting.mask_some()
    page = Client().get(f"/cases/{case.code}").content.decode()
    assert "Ảnh người dân gửi: " in page
    assert signed_in(people.operator).post(f"/desk/photos/{file_id}/words", {"alt": "Cột đèn  đổ"}).status_code == 302
    assert 'alt="Cột đèn đổ"' in Client().get(f"/cases/{case.code}").content.decode()
    answer = Client().get(f"/api/v1/cases/{case.code}").json()["files"][0]
    assert (answer["alt"], answer["kind"], answer["state"]) == ("Cột đèn đổ", "photo", "done")
    sent = files.store_image(street_with_face(), owner_id=reporter.id, alt="Ổ gà sâu").file
    second = open_case(actor=reporter, category="HT01", body="Ổ gà trước chợ", file_ids=[sent.id], **INSIDE)
    held = CaseFile.objects.get(case=second)
    assert held.caption == "Ổ gà sâu" and 'alt="Ổ gà sâu"' in pictures.picture(held, "thumb", "x", **LOOK)
    actions.describe_photo(actor=people.operator, file_id=sent.id, text="")
    held.refresh_from_db()
    assert 'alt="x"' in pictures.picture(held, "thumb", "x", **LOOK), "what staff took away is away"


def test_the_desk_page_of_a_photo_says_what_is_hidden_and_is_not_for_others(people: People) -> None:
    case, file_id, reporter = told(people)
    waiting.mask_some()
    page = signed_in(people.operator).get(f"/desk/photos/{file_id}").content.decode()
    assert case.code in page and "1 khuôn mặt" in page and "Xem ảnh gốc" in page
    for client in (signed_in(reporter), signed_in(people.citizen())):
        assert client.get(f"/desk/photos/{file_id}").status_code == 404
    assert Client().get(f"/desk/photos/{file_id}").status_code == 302


def test_deleting_a_photo_takes_its_masks_along(people: People, folder: Path) -> None:
    file = files.store_image(street_with_face(), owner_id=people.citizen().id).file
    waiting.mask_some()
    assert list(folder.rglob("*masked*"))
    files.delete_file(file.id)
    assert not [path for path in folder.rglob("*") if path.is_file()]
    assert not default_storage.exists(name_of(file.id, "full"))
