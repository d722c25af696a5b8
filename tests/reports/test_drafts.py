"""A report half made: it belongs to one browser, forgives being incomplete, and becomes one case."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from hues.cases.models import Case, CaseFile
from hues.kernel import clock, files
from hues.kernel.actors import GUEST
from hues.kernel.errors import Invalid, NotFound, SignInNeeded
from hues.kernel.models import JournalEntry
from hues.people.models import User
from hues.reports import actions
from hues.reports.models import ReportDraft
from tests.reports.conftest import HERE, LAMP, NOW, POTHOLE, actor_of, photo

MINE = "a" * 64
WHOLE = {"category": LAMP, "body": "Đèn tắt", "lat": HERE[0], "lon": HERE[1]}


def begin(**data: Any) -> ReportDraft:
    return actions.start_draft(actor=GUEST, session_hash=MINE, data=data)


def keep(draft: ReportDraft, session: str = MINE, file_ids: Any = None, **data: Any) -> ReportDraft:
    return actions.update_draft(actor=GUEST, draft_id=draft.id, session_hash=session, data=data, file_ids=file_ids)


def test_a_draft_grows_field_by_field_and_is_sent_once(citizen: User) -> None:
    draft = begin(category=LAMP)
    keep(draft, body="Đèn tắt")
    keep(draft, lat=HERE[0], lon=HERE[1], place_source="map")
    keep(draft, answers={"pole": "TP-1"}, anonymous=False)
    sent = [actions.submit_draft(actor=actor_of(citizen), draft_id=draft.id, session_hash=MINE) for _ in range(3)]
    assert len({case.pk for case in sent}) == 1
    case = Case.objects.get()
    assert (case.reporter_id, case.channel, case.body, case.anonymous) == (citizen.pk, "web", "Đèn tắt", False)
    assert (case.answers, case.place_source) == ({"pole": "TP-1"}, "map")
    draft.refresh_from_db()
    assert draft.data == {}  # what was typed lives in the case now
    with pytest.raises(Invalid):
        keep(draft, body="Thêm nữa")


def test_a_guest_cannot_send_it_and_nothing_is_on_record_until_somebody_does() -> None:
    draft = begin(**WHOLE)
    with pytest.raises(SignInNeeded):
        actions.submit_draft(actor=GUEST, draft_id=draft.id, session_hash=MINE)
    assert not Case.objects.exists()
    assert not JournalEntry.objects.filter(subject_kind="case").exists()


def test_a_draft_of_another_browser_is_not_there(citizen: User) -> None:
    draft = begin(**WHOLE)
    assert actions.find_draft(draft_id=draft.id, session_hash="b" * 64) is None
    with pytest.raises(NotFound):
        keep(draft, session="b" * 64, body="x")
    with pytest.raises(NotFound):
        actions.submit_draft(actor=actor_of(citizen), draft_id=draft.id, session_hash="b" * 64)


def test_half_a_draft_is_fine_but_not_what_cannot_be_stored() -> None:
    draft = begin()
    keep(draft, category="", body="", unknown="left out")
    assert "unknown" not in ReportDraft.objects.get().data
    for wrong in ({"body": "x" * 4001}, {"body": "\x00"}, {"lat": 500, "lon": 0}, {"answers": [1]}, {"body": 5}):
        with pytest.raises(Invalid):
            keep(draft, **wrong)
    assert ReportDraft.objects.get().data == {"category": "", "body": ""}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "category"),
        ({"category": LAMP}, "body"),
        ({"category": LAMP, "body": "Đèn tắt"}, "address"),
        ({**WHOLE, "lat": 0, "lon": 0}, "lat"),
        ({**WHOLE, "category": POTHOLE}, "file_ids"),
    ],
)
def test_before_a_phone_is_asked_for_the_draft_is_checked_as_if_it_were_sent(data: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.check_draft(actor=GUEST, draft=begin(**data))
    assert field in refused.value.fields


def test_photos_of_a_draft_go_into_its_case_and_into_no_other(
    citizen: User, make_citizen: Callable[[str], User]
) -> None:
    draft = begin(**(WHOLE | {"category": POTHOLE}))
    taken = files.store_image(BytesIO(photo()), draft_key=actions.draft_key(draft))
    other = begin(**(WHOLE | {"category": POTHOLE}))
    with pytest.raises(Invalid):
        keep(other, file_ids=[taken.file.id])
    keep(draft, file_ids=[taken.file.id])
    actions.check_draft(actor=GUEST, draft=ReportDraft.objects.get(pk=draft.pk))
    case = actions.submit_draft(actor=actor_of(citizen), draft_id=draft.id, session_hash=MINE)
    assert CaseFile.objects.get().case_id == case.pk


def test_what_nobody_comes_back_to_is_forgotten(citizen: User) -> None:
    old, kept = begin(**WHOLE), begin(**WHOLE)
    with clock.at(NOW + timedelta(days=5)):
        keep(kept, body="Vẫn còn đây")
    with clock.at(NOW + timedelta(days=8)):
        assert actions.find_draft(draft_id=old.id, session_hash=MINE) is None
        assert actions.purge_drafts() == 1
    assert list(ReportDraft.objects.values_list("id", flat=True)) == [kept.id]
